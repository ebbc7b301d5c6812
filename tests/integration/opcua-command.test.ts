import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { opcuaFolder, patient, read, startServer } from "./opcua-rig.ts";

const run = promisify(execFile);
const entry = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const folder = await opcuaFolder();
let server: OpcUaServerProcess;

beforeAll(async () => {
  server = await startServer(folder.server, {
    variables: [{ name: "Level", type: "Double", value: 4.5 }],
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

async function rackwatch(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [
    ...[entry, "opcua", ...args],
    ...["--data", folder.dataDir, "--json"],
  ]);
  return JSON.parse(stdout);
}

test("a technician meets a server, compares, trusts it and rejects it again", async () => {
  const channel = {
    driver: "opcua",
    endpoint: server.endpoint,
    devices: { plc: { points: { level: { node: `nsu=${simulatorNamespace};s=Level` } } } },
  };
  expect(await rackwatch("list")).toEqual([]);
  await expect(read(channel, folder.dataDir)).rejects.toMatchObject({ code: "driver/refused" });
  const [met] = (await rackwatch("list")) as { thumbprint: string }[];
  expect(met).toMatchObject({
    trust: "rejected",
    thumbprint: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  const thumbprint = met?.thumbprint ?? "";
  expect(await rackwatch("trust", thumbprint)).toMatchObject([{ trust: "trusted", thumbprint }]);
  await using reading = await read(channel, folder.dataDir);
  await expect.poll(() => reading.samples.at(-1), patient).toMatchObject({ value: 4.5 });
  expect(await rackwatch("reject", thumbprint.slice(0, 10))).toMatchObject([{ thumbprint }]);
  await expect(read(channel, folder.dataDir)).rejects.toMatchObject({ code: "driver/refused" });
});

test("an unknown thumbprint ends with exit code 2 and says what to do", async () => {
  const failed = await rackwatch("trust", "0000").catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2 });
  expect(String((failed as { stderr: string }).stderr)).toContain("rackwatch opcua list");
});

test("the gateway's own certificate is made once and then shown", async () => {
  const own = await rackwatch("own");
  expect(own).toMatchObject({
    file: join(folder.dataDir, "opcua/pki/own/certs/client_certificate.pem"),
    applicationUri: expect.stringMatching(/^urn:rackwatch:/),
  });
  expect(await rackwatch("own")).toEqual(own);
});
