import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { probeCommand } from "../../gateway/cli/probe.ts";
import { memoryIo } from "../support/command-io.ts";

async function probe(...args: readonly string[]) {
  const { io, seen } = memoryIo();
  const { signal } = new AbortController();
  await runCommand(probeCommand({ ...io, signal }), args, io);
  return seen;
}

/** A configuration with one line of two units, and a channel whose secret nobody here knows. */
async function gateway() {
  const holding = new Map([
    [10, 0x0000],
    [11, 0x41bc],
  ]);
  const input = new Map([
    [1, 42],
    [2, 553],
  ]);
  const simulator = await startModbusSimulator({
    units: new Map([
      [1, simulatedUnit({ input })],
      [2, simulatedUnit({ holding })],
    ]),
  });
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-probe-"));
  onTestFinished(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "gateway.yaml");
  writeFileSync(
    file,
    `version: 1
gateway: { id: a, name: a, timezone: UTC }
channels:
  line:
    driver: modbus
    port: ${simulator.address}
    timeout: 500ms
    devices:
      cold-2: { template: xy-md02, unitId: 1, every: 100ms }
      meter:
        unitId: 2
        byteOrder: CDAB
        points:
          level: { table: holding, address: 10, type: float32, unit: Cel, range: [-50, 90] }
  wifi:
    driver: mqtt
    broker: tcp://127.0.0.1:1
    user: a
    password: !secret nobody-knows
    devices: { fridge: { topic: x, points: { t: {} } } }
`,
  );
  return { file, simulator };
}

test("a device of the configuration is read alone, with its own settings; other channels' secrets do not matter", async () => {
  const { file, simulator } = await gateway();
  const { out, err, code } = await probe("cold-2", "--config", file, "--once");
  expect({ err, code }).toEqual({ err: "", code: 0 });
  expect(out).toMatch(/cold-2\/temperature {2}4\.2 Cel {2}good/);
  expect(out).toMatch(/answers after \d+ to \d+ ms/);
  expect(simulator.requests.every(([unit]) => unit === 1)).toBe(true);
  expect((await probe("fridge", "--config", file)).err).toContain("nobody-knows");
});

test("raw shows the bytes both ways, and one point alone when it was asked for", async () => {
  const { file } = await gateway();
  const raw = await probe("cold-2/humidity", "--config", file, "--once", "--raw");
  expect(raw.out).toMatch(/> 00 01 00 00 00 06 01 04 00 01 00 02/);
  expect(raw.out).toMatch(/< 00 01 00 00 00 07 01 04 04 00 2A 02 29/);
  expect(raw.out).not.toContain("cold-2/temperature");
});

test("the matrix marks what is configured and what could be a measurement", async () => {
  const { file } = await gateway();
  const { out, code } = await probe("meter/level", "--config", file, "--matrix", "--json");
  expect(code).toBe(0);
  // The device refuses four registers; it has two.
  expect(JSON.parse(out)).toMatchObject({ point: "meter/level", hex: "000041BC" });
  const marked = JSON.parse(out).cells.filter(
    ({ isConfigured }: { isConfigured: boolean }) => isConfigured,
  );
  expect(marked).toMatchObject([{ type: "float32", order: "CDAB", value: 23.5 }]);
  const text = await probe("meter", "--config", file, "--matrix", "--lang", "zh");
  expect(text.out).toMatch(/>\* +float32 +CDAB +23\.5/);
});

test("a device that does not answer is told point by point, with exit code 1", async () => {
  const { file, simulator } = await gateway();
  simulator.faults.set(1, { kind: "silent" });
  const { out, code } = await probe("cold-2", "--config", file, "--once", "--json");
  expect(code).toBe(1);
  const last = JSON.parse(out.trim().split("\n").at(-1) ?? "");
  expect(last.points).toMatchObject([
    { point: "cold-2/temperature", good: 0, reasons: { timeout: expect.any(Number) } },
    { point: "cold-2/humidity" },
  ]);
});

test("a port that is gone ends the probe with what was heard before, and with what to do", async () => {
  const { file, simulator } = await gateway();
  await simulator.stop();
  const { err, out, code } = await probe("cold-2", "--config", file);
  expect(code).toBe(2);
  expect(err).toContain("refuses connections");
  expect(out).toContain("nothing was heard");
});

test.each([
  [["cold-3"], "Did you mean cold-2?"],
  [["cold-2/temprature"], "Did you mean temperature?"],
  [["fridge", "--config", "nowhere.yaml"], "nowhere.yaml"],
  [["cold-2", "--for", "soon"], "is no duration"],
  [["tcp://127.0.0.1:1"], "An address alone"],
  [["tcp://127.0.0.1:1", "--protocol", "toldeo"], "no language"],
  [["tcp://127.0.0.1:1", "--protocol", "thingmagic"], "add region"],
  [["tcp://127.0.0.1:1", "--protocol", "mt-sics", "--matrix"], "--matrix is for Modbus"],
])("%j is refused with what to do instead", async (args, message) => {
  const { file } = await gateway();
  const { err, code } = await probe("--config", file, ...args);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
