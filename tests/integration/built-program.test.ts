import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProgram } from "../../cloud-sync/build.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";

const projectDir = fileURLToPath(new URL("../..", import.meta.url));
// Within the project, because libraries with native code are found from there.
const out = join(projectDir, "dist", `program-test-${process.pid}`);
const folder = mkdtempSync(join(tmpdir(), "rackwatch-built-"));
const deadlineMs = 30_000;
let entry = "";

beforeAll(async () => {
  entry = await buildProgram(out);
}, deadlineMs);

afterAll(() => {
  rmSync(out, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[]) {
  // Ended also when a test fails before it ends it.
  const timeout = deadlineMs / 2;
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], timeout });
  const code = new Promise<number | null>((done) => child.once("exit", done));
  return { child, code, lines: createInterface({ input: child.stdout }) };
}

test("the built program reads a device by a shipped template and serves its value and OpenAPI, channels first", {
  timeout: deadlineMs,
}, async () => {
  const input = new Map([
    [1, 45],
    [2, 600],
  ]);
  await using device = await startModbusSimulator({
    units: new Map([[1, simulatedUnit({ input })]]),
  });
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    `version: 1
gateway: { id: built }
channels:
  room:
    driver: modbus
    port: ${device.address}
    devices: { cold: { template: xy-md02, unitId: 1, every: 100ms } }
panel: { listen: "127.0.0.1:0" }
broker: { listen: "127.0.0.1:0" }
`,
  );
  const { child, code, lines } = start([entry, "run", "--config", config, "--data", folder]);
  const events: string[] = [];
  const address = await new Promise<string>((done) => {
    lines.on("line", (line) => {
      events.push(/"event":"([^"]+)"/.exec(line)?.[1] ?? "");
      const found = /"address":"([^"]+)".*"panel listens"/.exec(line)?.[1];
      if (found !== undefined) done(found);
    });
  });
  const ask = async (path: string) => (await fetch(`http://${address}${path}`)).text();
  await expect.poll(() => ask("/api/points")).toContain('"value":4.5');
  expect(await ask("/openapi.json")).toContain('"/api/alarms"');
  await expect.poll(() => events).toContain("mqtt broker listens");
  expect(events.indexOf("channel open")).toBeLessThan(events.indexOf("panel listens"));
  child.kill("SIGTERM");
  expect(await code).toBe(0);
});

test("the gateway's root loads neither web server nor broker", async () => {
  const probe = `
    await import(${JSON.stringify(join(projectDir, "gateway/main.ts"))});
    const { createRequire } = await import("node:module");
    console.log(Object.keys(createRequire("/").cache).join());`;
  const { code, lines } = start(["--input-type=module", "--eval", probe]);
  let loaded = "";
  lines.on("line", (line) => {
    loaded += line;
  });
  expect(await code).toBe(0);
  expect(loaded).toContain("better-sqlite3");
  for (const library of ["fastify", "aedes", "ajv", "modbus-serial"]) {
    expect(loaded).not.toContain(`node_modules/${library}/`);
  }
});
