import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { scanCommand } from "../../gateway/cli/scan.ts";
import { memoryIo } from "../support/command-io.ts";
import { needPrograms } from "../support/need-program.ts";
import { temporaryFolder } from "./modbus/peer.ts";

/** Two ends of a serial cable. */
async function cable(context: TestContext) {
  needPrograms(context, "socat");
  const folder = temporaryFolder();
  const [near, far] = [join(folder.path, "near"), join(folder.path, "far")];
  const ends = [near, far].map((path) => `pty,raw,echo=0,link=${path}`);
  const socat = spawn("socat", ends, { stdio: "ignore" });
  onTestFinished(async () => {
    socat.kill("SIGKILL");
    await once(socat, "exit");
    folder[Symbol.dispose]();
  });
  await expect.poll(() => existsSync(near) && existsSync(far), { timeout: 25_000 }).toBe(true);
  return { near: `serial:${near}`, far: `serial:${far}`, farPath: far };
}

async function scan(args: readonly string[], signal = new AbortController().signal) {
  const { io, seen } = memoryIo();
  const full = { ...io, signal };
  await runCommand(scanCommand(full), [...args, "--json"], full);
  const lines = seen.out.split("\n").filter((line) => line.startsWith("{"));
  return { ...seen, found: lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

test("a unit on a serial line is found, and the port is free afterwards", async (context) => {
  const { near, farPath } = await cable(context);
  const unit = simulatedUnit({
    input: new Map([
      [1, 245],
      [2, 556],
    ]),
  });
  const units = new Map([[3, unit]]);
  await using simulator = await startModbusSimulator({ listen: { path: farPath }, units });
  const { found } = await scan(["modbus", near, "--units", "2-4"]);
  expect(found).toMatchObject([
    { channel: { port: near, baudRate: 9600, devices: { "xy-md02-3": { unitId: 3 } } } },
  ]);
  expect(simulator.requests.every(([, code]) => code <= 4)).toBe(true);
  const again = await connect(near, {}, new AbortController().signal);
  await again.close();
});

test("a reader on a serial line is found", async (context) => {
  const { near, far } = await cable(context);
  const field = new TagField([{ epc: "E20010710000529B0940B402" }], { readsPerSecond: 20 });
  await using _reader = await startReaderSimulator({ listen: far, protocol: "r200", field });
  const { found } = await scan(["rfid", near]);
  expect(found).toMatchObject([{ channel: { port: near, protocol: "r200" } }]);
});

test("a port that another program holds is told as such", async (context) => {
  const { near } = await cable(context);
  const holder = await connect(near, {}, new AbortController().signal);
  const { code, err } = await scan(["scale", near]);
  await holder.close();
  expect(code).toBe(2);
  expect(err).toContain("Another program has the serial port open");
});

test("a scan that is stopped leaves a serial port free", async (context) => {
  const { near } = await cable(context);
  const stop = new AbortController();
  const running = scan(["modbus", near], stop.signal);
  setTimeout(() => stop.abort(), 500);
  expect((await running).code).toBe(0);
  const again = await connect(near, {}, new AbortController().signal);
  await again.close();
});
