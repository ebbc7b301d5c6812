import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type SimulatorFault, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { openChannel, ownAddresses, readValue } from "./modbus-rig.ts";

const register = (address: number) => ({ table: "holding", address, type: "uint16" });

/** Three reads of the same form: what a late answer would be taken for. */
const threeReads = {
  d: {
    unitId: 1,
    every: "100ms",
    gap: 0,
    points: { a: register(100), b: register(200), c: register(300) },
  },
};

const values: Readonly<Record<string, number>> = { "d/a": 100, "d/b": 200, "d/c": 300 };

const rtuFaults = [
  [{ kind: "bad-crc" }, "crc"],
  [{ kind: "cut", bytes: 1 }, "noise"],
  [{ kind: "cut", bytes: 4 }, "cut answer"],
  [{ kind: "cut", bytes: 6 }, "cut answer"],
] as const;

const start = (mode: "tcp" | "rtu-over-tcp") => {
  const units = new Map([[1, simulatedUnit({ holding: ownAddresses(400) })]]);
  return startModbusSimulator({ mode, units });
};

/** No wrong value whatever else. */
function expectOwn(samples: readonly Sample[]): void {
  for (const sample of samples)
    if (sample.quality !== "bad") expect(sample).toMatchObject({ value: values[sample.point] });
}

describe.each(["tcp", "rtu-over-tcp"] as const)("%s", (mode) => {
  const faults: readonly (readonly [SimulatorFault, string])[] = [
    [{ kind: "silent" }, "timeout"],
    [{ kind: "late", ms: 250 }, "timeout"],
    [{ kind: "late", ms: 130 }, "timeout"],
    [{ kind: "wrong-unit" }, "wrong unit"],
    [{ kind: "wrong-function" }, "wrong function"],
    [{ kind: "exception", code: 6 }, "exception 6 device busy"],
    ...(mode === "tcp" ? [] : rtuFaults),
  ];

  test.concurrent.each(faults)(
    "%j gives bad samples, then right values again",
    async (fault, reason) => {
      await using simulator = await start(mode);
      const port = simulator.address;
      await using rig = await openChannel({ port, mode, timeout: "100ms", devices: threeReads });
      expect(readValue(await rig.next("d/b"))).toBe(200);
      simulator.faults.set(1, fault);
      const during = await rig.until((seen) => seen.some(({ quality }) => quality === "bad"));
      expect(during.find(({ quality }) => quality === "bad")).toMatchObject({ reason });
      simulator.faults.clear();
      const after = await rig.until(
        (seen) => seen.filter(({ quality }) => quality === "good").length >= 6,
      );
      expectOwn([...during, ...after]);
    },
  );

  test("noise before an answer, and an answer in pieces, do no harm", async () => {
    await using simulator = await start(mode);
    if (mode === "tcp") simulator.faults.set(1, { kind: "slow", bytes: 1, gapMs: 2 });
    else simulator.faults.set(1, { kind: "noisy", before: Uint8Array.of(0, 0xff, 1, 3, 2, 0) });
    const port = simulator.address;
    await using rig = await openChannel({ port, mode, timeout: "300ms", devices: threeReads });
    const samples = await rig.until((seen) => seen.length >= 6);
    expect(samples.map(readValue)).toEqual(samples.map(({ point }) => values[point]));
  });
});

test("a cut answer on Modbus TCP ends the session before bytes are taken for the wrong thing", async () => {
  await using simulator = await start("tcp");
  const port = simulator.address;
  await using rig = await openChannel({ port, timeout: "100ms", devices: threeReads });
  await rig.next("d/a");
  simulator.faults.set(1, { kind: "cut", bytes: 9 });
  const seen: Sample[] = [];
  const run = rig.until((samples) => {
    seen.splice(0, seen.length, ...samples);
    if (samples.some(({ quality }) => quality === "bad")) simulator.faults.clear();
    return false;
  });
  await expect(run).rejects.toMatchObject({ code: "driver/connection-lost" });
  expectOwn(seen);
});

test("the trap: modbus-serial alone gives a late answer to the next request; the driver never does", async () => {
  await using simulator = await start("rtu-over-tcp");
  simulator.faults.set(1, { kind: "late", ms: 400 });
  const { default: library } = await import("modbus-serial");
  const naive = new library.default();
  naive.setTimeout(300);
  await naive.connectTelnet("127.0.0.1", { port: Number(simulator.address.split(":").at(-1)) });
  naive.setID(1);
  await expect(naive.readHoldingRegisters(100, 1)).rejects.toMatchObject({ errno: "ETIMEDOUT" });
  const { data } = await naive.readHoldingRegisters(200, 1);
  expect(data).toEqual([100]);
  naive.destroy(() => undefined);

  simulator.faults.set(1, { kind: "late", ms: 1_230 });
  const port = simulator.address;
  const devices = { ...threeReads, d: { ...threeReads.d, timeout: "150ms" } };
  await using rig = await openChannel({ port, mode: "rtu-over-tcp", devices });
  const seen: Sample[] = [];
  const run = rig.until((samples) => {
    seen.splice(0, seen.length, ...samples);
    return samples.length > 70;
  });
  await run.catch(() => undefined);
  expect(seen.length).toBeGreaterThan(3);
  expectOwn(seen);
});

test("answers that the last user of a line left under way are not taken for the first values", async () => {
  await using simulator = await start("rtu-over-tcp");
  const port = simulator.address;
  const before = Uint8Array.of(1, 3, 2, 0xab, 0xcd);
  simulator.faults.set(1, { kind: "stale", before, gapMs: 40 });
  await using rig = await openChannel({ port, mode: "rtu-over-tcp", devices: threeReads });
  const seen = await rig.until((samples) => samples.length >= 6);
  expectOwn(seen);
});

test("a unit that refuses one of its reads for ever gives the values of the others", async () => {
  await using simulator = await start("rtu-over-tcp");
  const port = simulator.address;
  const points = {
    ...threeReads.d.points,
    none: register(9_999),
    wide: { ...register(10), type: "int32" },
  };
  const devices = { d: { ...threeReads.d, points } };
  await using rig = await openChannel({ port, mode: "rtu-over-tcp", devices });
  const seen = await rig.until((samples) => samples.length >= 5);
  expect(seen.filter(({ quality }) => quality === "good").map(({ point }) => point)).toEqual([
    "d/wide",
    "d/a",
    "d/b",
    "d/c",
  ]);
});

test("a device that was late once and is quick again is not one answer behind from then on", async () => {
  await using simulator = await start("rtu-over-tcp");
  const port = simulator.address;
  await using rig = await openChannel({
    port,
    mode: "rtu-over-tcp",
    timeout: "100ms",
    devices: threeReads,
  });
  await rig.next("d/a");
  simulator.faults.set(1, { kind: "late", ms: 1_150 });
  const seen = await rig.until((samples) => samples.some(({ quality }) => quality === "bad"));
  simulator.faults.set(1, { kind: "slow", bytes: 2, gapMs: 20 });
  expectOwn([...seen, ...(await rig.until((samples) => samples.length >= 20))]);
});
