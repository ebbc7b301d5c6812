import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { needRoot } from "../support/need-root.ts";

const run = promisify(execFile);
const projectDir = fileURLToPath(new URL("../..", import.meta.url));

const service = { uid: 61_001, gid: 61_001 };

/** Runs `body` as a service user without a home. @returns what it printed as JSON. */
async function asService(body: string, folder: string): Promise<unknown> {
  const script = `
    const { loadLibrary } = await import("./drivers/opcua/library.ts");
    const { openIdentity } = await import("./drivers/opcua/identity.ts");
    const log = { debug() {}, warn() {} };
    const library = await loadLibrary(log);
    const result = await (async () => { ${body} })().catch(({ code }) => ({ code }));
    process.stdout.write(JSON.stringify(result));
    process.exit(0);
  `;
  const { stdout } = await run(
    process.execPath,
    ["--input-type=module", "-e", script, join(folder, "pki")],
    {
      ...service,
      cwd: projectDir,
      // Compiled code of another user must not be read or written.
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", NODE_DISABLE_COMPILE_CACHE: "1" },
    },
  );
  return JSON.parse(stdout);
}

test("a service user without a home has certificates in the data folder, where the library's own place fails", async (context) => {
  needRoot(context);
  const folder = await mkdtemp(join(tmpdir(), "rackwatch-opcua-home-"));
  try {
    await chown(folder, service.uid, service.gid);
    const theirs = `
      const client = library.OPCUAClient.create({ connectionStrategy: { maxRetry: 0 } });
      await client.connect("opc.tcp://127.0.0.1:1");
      return { code: "none" };`;
    expect(await asService(theirs, folder)).toEqual({ code: "EACCES" });

    const ours = `
      const context = { clock: { now: Date.now }, log };
      const { applicationUri } = await openIdentity(library, process.argv[1], context);
      return { applicationUri };`;
    expect(await asService(ours, folder)).toEqual({
      applicationUri: expect.stringMatching(/^urn:rackwatch:/),
    });
    expect(await readdir(join(folder, "pki/own/certs"))).toEqual(["client_certificate.pem"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
