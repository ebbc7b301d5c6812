import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writesPendingMax } from "../../drivers/modbus/line.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { openChannel, ownAddresses, readValue } from "./modbus-rig.ts";

const register = (address: number) => ({ table: "holding", address, type: "uint16" });

const threeReads = {
  d: {
    unitId: 1,
    every: "100ms",
    points: { a: register(100), b: register(200), c: register(300) },
  },
};

describe.each(["tcp", "rtu-over-tcp"] as const)("%s", (mode) => {
  let simulator: ModbusSimulator;
  beforeEach(async () => {
    simulator = await startModbusSimulator({
      mode,
      units: new Map([
        [1, simulatedUnit({ holding: ownAddresses(400), coils: new Map([[7, false]]) })],
        [2, simulatedUnit({ holding: ownAddresses(400) })],
      ]),
    });
  });
  afterEach(() => simulator.stop());

  test("registers that do not exist between two points are left out from then on", async () => {
    simulator.units.get(1)?.holding.delete(103);
    const devices = {
      d: { unitId: 1, every: "100ms", points: { a: register(101), b: register(105) } },
    };
    await using rig = await openChannel({ port: simulator.address, mode, devices });
    const samples = await rig.until(
      (seen) => seen.filter(({ quality }) => quality === "good").length >= 2,
    );
    expect(samples[0]).toMatchObject({
      quality: "bad",
      reason: "exception 2 illegal data address",
    });
    expect(samples.slice(2).map(readValue)).toEqual([101, 105]);
  });

  test("a device that closes the connection ends the session, which can be opened again", async () => {
    const port = simulator.address;
    {
      await using rig = await openChannel({ port, mode, devices: threeReads });
      await rig.next("d/a");
      simulator.faults.set(1, { kind: "close" });
      await expect(rig.until(() => false)).rejects.toMatchObject({
        code: "driver/connection-lost",
      });
    }
    simulator.faults.clear();
    await using again = await openChannel({ port, mode, devices: threeReads });
    expect(readValue(await again.next("d/a"))).toBe(100);
  });

  test("a server that has gone silent with its connection open ends the session", async () => {
    const port = simulator.address;
    const devices = { ...threeReads, e: { unitId: 2, every: "100ms", points: { a: register(1) } } };
    await using rig = await openChannel({ port, mode, timeout: "50ms", devices });
    await rig.next("d/a");
    simulator.faults.set(1, { kind: "silent" }).set(2, { kind: "silent" });
    await expect(rig.until(() => false)).rejects.toMatchObject({ code: "driver/connection-lost" });
  });

  test("a unit that never answers does not hold up its neighbour", async () => {
    simulator.faults.set(2, { kind: "silent" });
    const devices = {
      dead: { unitId: 2, every: "100ms", points: { a: register(1), b: register(50) } },
      alive: { unitId: 1, every: "100ms", points: { a: register(1) } },
    };
    const port = simulator.address;
    await using rig = await openChannel({ port, mode, timeout: "150ms", devices });
    await rig.next("alive/a");
    const from = Date.now();
    const samples = await rig.until(() => Date.now() - from > 4_000);
    const alive = samples.filter((sample) => sample.point === "alive/a");
    const dead = samples.filter((sample) => sample.point === "dead/b");
    expect(alive.every(({ quality }) => quality === "good")).toBe(true);
    expect(alive.length).toBeGreaterThanOrEqual(32);
    expect(dead.length).toBeGreaterThanOrEqual(30);
    expect(dead.every((sample) => sample.quality === "bad" && sample.reason === "timeout")).toBe(
      true,
    );
    const probes = simulator.requests.filter(([unit]) => unit === 2);
    expect(probes.length).toBeLessThanOrEqual(5);
  });

  test("coils and registers are written, and what a device refuses is said", async () => {
    const writable = { access: "read-write" };
    const devices = {
      d: {
        unitId: 1,
        points: {
          lamp: { table: "coil", address: 7, ...writable },
          none: { table: "coil", address: 8, ...writable },
          limit: { ...register(20), ...writable, scale: 0.1 },
          long: { ...register(30), type: "float32", ...writable },
          fixed: register(40),
        },
      },
    };
    await using rig = await openChannel({ port: simulator.address, mode, devices });
    const write = async (point: `d/${string}`, value: number | boolean | string) =>
      rig.session.write?.(point, value);
    await write("d/lamp", true);
    await write("d/limit", 12.3);
    await write("d/long", 1.5);
    const unit = simulator.units.get(1);
    expect(unit?.coils.get(7)).toBe(true);
    expect([unit?.holding.get(20), unit?.holding.get(30), unit?.holding.get(31)]).toEqual([
      123, 0x3fc0, 0,
    ]);
    await expect(write("d/none", true)).rejects.toMatchObject({ code: "driver/refused" });
    await expect(write("d/fixed", 1)).rejects.toMatchObject({ code: "driver/not-writable" });
    await expect(write("d/limit", 1e9)).rejects.toMatchObject({ code: "driver/not-writable" });
    await expect(write("d/lamp", "on")).rejects.toMatchObject({ code: "driver/not-writable" });
  });

  test("writes are confirmed with the multiple functions where a device has only those", async () => {
    const points = {
      lamp: { table: "coil", address: 7, access: "write" },
      limit: { ...register(20), access: "write" },
    };
    const devices = { d: { unitId: 1, writeFunction: "multiple", points } };
    await using rig = await openChannel({ port: simulator.address, mode, devices });
    await rig.session.write?.("d/lamp", true);
    await rig.session.write?.("d/limit", 5);
    expect(simulator.requests.map(([, code]) => code)).toEqual([15, 16]);
    expect(simulator.units.get(1)?.holding.get(20)).toBe(5);
  });

  test("writes go before reads, and more than the line can take are refused", async () => {
    simulator.faults.set(1, { kind: "late", ms: 5 });
    const writable = { ...register(20), access: "write" };
    const devices = {
      d: { ...threeReads.d, every: "50ms", points: { ...threeReads.d.points, writable } },
    };
    await using rig = await openChannel({
      port: simulator.address,
      mode,
      turnaround: "2ms",
      devices,
    });
    await rig.next("d/a");
    const reading = rig.until((samples) => samples.length >= 10);
    const writes = Array.from({ length: writesPendingMax + 10 }, async (_, value) =>
      rig.session.write?.("d/writable", value),
    );
    const settled = await Promise.allSettled(writes);
    await reading;
    const done = settled.filter(({ status }) => status === "fulfilled").length;
    expect(done).toBeGreaterThanOrEqual(writesPendingMax);
    expect(done).toBeLessThanOrEqual(writesPendingMax + 1);
    for (const result of settled)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({ code: "driver/unavailable" });
    const functions = simulator.requests.map(([, code]) => code);
    const burst = functions.slice(functions.indexOf(6), functions.lastIndexOf(6) + 1);
    expect(burst.every((code) => code === 6)).toBe(true);
    expect(burst).toHaveLength(done);
  });

  test("a write that nobody confirms says so, and a dead unit is not waited for again and again", async () => {
    simulator.faults.set(1, { kind: "silent" });
    const points = { lamp: { table: "coil", address: 7, access: "write" } };
    const devices = { d: { unitId: 1, points }, e: { unitId: 2, points: { a: register(1) } } };
    await using rig = await openChannel({
      port: simulator.address,
      mode,
      timeout: "400ms",
      devices,
    });
    await expect(rig.session.write?.("d/lamp", true)).rejects.toMatchObject({
      code: "driver/timeout",
      where: "d/lamp",
    });
    await expect(rig.session.write?.("d/lamp", true)).rejects.toMatchObject({
      code: "driver/timeout",
    });
    const from = Date.now();
    await expect(rig.session.write?.("d/lamp", true)).rejects.toMatchObject({
      code: "driver/unavailable",
    });
    expect(Date.now() - from).toBeLessThan(350);
    expect(readValue(await rig.next("e/a"))).toBe(1);
  });

  test("a write overtakes a read that waits for the line", async () => {
    const writable = { ...register(20), access: "write" };
    const points = { ...threeReads.d.points, writable };
    const devices = { d: { ...threeReads.d, every: "50ms", points } };
    await using rig = await openChannel({ port: simulator.address, mode, devices });
    await rig.next("d/a");
    simulator.faults.set(1, { kind: "late", ms: 200 });
    const before = simulator.requests.length;
    const first = rig.session.write?.("d/writable", 1);
    const reading = rig.until((samples) => samples.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 120));
    await Promise.all([first, rig.session.write?.("d/writable", 2), reading]);
    const functions = simulator.requests.slice(before).map(([, code]) => code);
    expect(functions.slice(0, 3)).toEqual([6, 6, 3]);
  });
});
