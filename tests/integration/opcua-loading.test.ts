import { execFile, spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { buildProgram } from "../../cloud-sync/build.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { opcuaFolder, startServer } from "./opcua-rig.ts";

const run = promisify(execFile);
const projectDir = fileURLToPath(new URL("../..", import.meta.url));
// Within the project, because libraries are found from there.
const out = join(projectDir, "dist", `opcua-test-${process.pid}`);
const folder = await opcuaFolder();

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
  await folder.remove();
});

/** Runs `body` in a fresh process and returns how many files of node-opcua it loaded. */
async function filesLoadedBy(body: string): Promise<number> {
  const script = `
    import { registerHooks } from "node:module";
    let count = 0;
    registerHooks({
      load(url, context, next) {
        if (url.includes("/node_modules/node-opcua")) count += 1;
        return next(url, context);
      },
    });
    ${body}
    console.log(count);
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectDir,
  });
  return Number(stdout.trim());
}

test("node-opcua is loaded when a channel opens, and by nothing before it", async () => {
  expect(
    await filesLoadedBy(`
      const { drivers } = await import("./drivers/index.ts");
      await import("./gateway/main.ts");
      await import("./gateway/cli/opcua.ts");
      const driver = drivers.find(({ name }) => name === "opcua");
      const points = { level: { node: "i=2259" } };
      const endpoint = "opc.tcp://127.0.0.1:1";
      driver.describe(driver.schema.parse({ driver: "opcua", endpoint, devices: { a: { points } } }));
    `),
  ).toBe(0);
  expect(
    await filesLoadedBy(`
      const { loadLibrary } = await import("./drivers/opcua/library.ts");
      await loadLibrary({ debug: () => undefined });
    `),
  ).toBeGreaterThan(100);
});

test("while node-opcua loads, the event loop turns: other channels go on", async () => {
  const script = `
    const { loadLibrary } = await import("./drivers/opcua/library.ts");
    let turns = 0;
    const count = setInterval(() => { turns += 1; }, 0);
    await loadLibrary({ debug: () => undefined });
    clearInterval(count);
    console.log(turns);
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectDir,
  });
  // Loaded at once it turns once or twice.
  expect(Number(stdout.trim())).toBeGreaterThan(20);
});

test("programs that the gateway starts do not inherit what node-opcua makes of OPENSSL_CONF", async () => {
  const script = (before: string) => `
    ${before}
    const { loadLibrary } = await import("./drivers/opcua/library.ts");
    const { openIdentity } = await import("./drivers/opcua/identity.ts");
    const quiet = { debug() {}, warn() {} };
    const library = await loadLibrary(quiet);
    const seen = [];
    const folders = [process.argv[1] + "/own", process.argv[1] + "/theirs"];
    const context = { clock: { now: Date.now }, log: quiet };
    (await openIdentity(library, folders[0], context))[Symbol.asyncDispose]();
    seen.push(process.env.OPENSSL_CONF ?? null);
    const manager = new library.OPCUACertificateManager({ rootFolder: folders[1] });
    await manager.initialize();
    const outputFile = folders[1] + "/own.pem";
    const subject = "/CN=a";
    const startDate = new Date();
    await manager.createSelfSignedCertificate({
      applicationUri: "urn:a", dns: [], outputFile, subject, startDate, validity: 1,
    });
    await manager.dispose();
    seen.push(process.env.OPENSSL_CONF ?? null);
    console.log(JSON.stringify(seen));
  `;
  const seen = async (before: string, name: string): Promise<unknown> => {
    const { OPENSSL_CONF: _, ...env } = process.env;
    const args = ["--input-type=module", "-e", script(before), join(folder.path, name)];
    const { stdout } = await run(process.execPath, args, { cwd: projectDir, env });
    return JSON.parse(stdout);
  };
  // The second is the library left to itself.
  expect(await seen("", "unset")).toEqual([null, "undefined"]);
  const before = 'process.env.OPENSSL_CONF = "/dev/null";';
  expect(await seen(before, "set")).toEqual(["/dev/null", "/dev/null"]);
});

test("the built program reads an OPC UA server", { timeout: 120_000 }, async () => {
  await using server = await startServer(folder.server, {
    variables: [{ name: "Level", type: "Double", value: 4.5 }],
  });
  const entry = await buildProgram(out);
  const config = join(folder.path, "gateway.yaml");
  await writeFile(
    config,
    `version: 1
gateway: { id: built }
channels:
  plc:
    driver: opcua
    endpoint: ${server.endpoint}
    security: { mode: none }
    devices: { plc: { points: { level: { node: "nsu=${simulatorNamespace};s=Level" } } } }
panel: { enabled: false }
broker: { enabled: false }
`,
  );
  const args = [entry, "run", "--config", config, "--data", folder.dataDir];
  // A service user has no home to keep certificates in.
  const env = { ...process.env, HOME: "/nonexistent" };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const events: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line) as { readonly event: string };
    events.push(event);
    if (event === "channel open") child.kill("SIGTERM");
  }
  await ended;
  expect(events).toContain("channel open");
  expect(events).not.toContain("driver failed");
});

test("a promise that node-opcua forgot does not end the process; anybody else's does", async () => {
  const rejecting = (stack: string) => `
    const { loadLibrary } = await import("./drivers/opcua/library.ts");
    await loadLibrary({ debug: () => undefined });
    await loadLibrary({ debug: () => undefined });
    Promise.reject(Object.assign(new Error("closed"), { stack: ${JSON.stringify(stack)} }));
    setTimeout(() => console.log(process.listenerCount("unhandledRejection")), 50);
  `;
  const start = (stack: string) =>
    run(process.execPath, ["--input-type=module", "-e", rejecting(stack)], { cwd: projectDir });
  const { stdout } = await start("Error: closed\n at /app/node_modules/node-opcua-client/x.js:1");
  expect(stdout.trim()).toBe("1");
  await expect(start("Error: closed\n at /app/gateway/x.ts:1")).rejects.toMatchObject({ code: 1 });
});
