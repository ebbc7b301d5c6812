import { expect, type TestContext, test } from "vitest";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { openChannel, ownAddresses, readValue } from "../integration/modbus-rig.ts";
import { needPrograms, serialPair, temporaryFolder } from "./modbus/peer.ts";

const register = (address: number) => ({ table: "holding", address, type: "uint16" });
const devices = {
  d: {
    unitId: 1,
    every: "100ms",
    gap: 0,
    points: { a: register(100), b: register(200), c: register(300) },
  },
};
const values: Readonly<Record<string, number>> = { "d/a": 100, "d/b": 200, "d/c": 300 };

/** A simulated unit at one end of a serial line; the test has the other. */
async function serialUnit(context: TestContext) {
  needPrograms(context, "/usr/bin/socat");
  const folder = temporaryFolder();
  const pair = await serialPair(folder);
  const simulator = await startModbusSimulator({
    listen: { path: pair.b },
    units: new Map([[1, simulatedUnit({ holding: ownAddresses(400) })]]),
  });
  return {
    path: pair.a,
    port: `serial:${pair.a}`,
    socat: pair.child,
    faults: simulator.faults,
    [Symbol.asyncDispose]: async () => {
      await simulator.stop();
      await pair[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("a line that another program holds is busy, and free again when it is closed", async (context) => {
  await using unit = await serialUnit(context);
  {
    await using _ = await openChannel({ port: unit.port, devices });
    await expect(openChannel({ port: unit.port, devices })).rejects.toMatchObject({
      code: "driver/port-busy",
      where: unit.port,
      todo: expect.stringContaining("fuser"),
    });
  }
  await using rig = await openChannel({ port: unit.port, devices });
  expect(readValue(await rig.next("d/a"))).toBe(100);
});

test("an adapter that is pulled out ends the session", async (context) => {
  await using unit = await serialUnit(context);
  await using rig = await openChannel({ port: unit.port, timeout: "100ms", devices });
  await rig.next("d/a");
  unit.socat.kill("SIGKILL");
  await expect(rig.until(() => false)).rejects.toMatchObject({ code: "driver/connection-lost" });
  await expect(openChannel({ port: unit.port, devices })).rejects.toMatchObject({
    code: "driver/port-missing",
  });
});

test("a unit that is silent does not end a serial session", async (context) => {
  await using unit = await serialUnit(context);
  unit.faults.set(1, { kind: "silent" });
  await using rig = await openChannel({ port: unit.port, timeout: "20ms", devices });
  const samples = await rig.until((seen) => seen.length >= 60);
  expect(samples.every((sample) => sample.quality === "bad" && sample.reason === "timeout")).toBe(
    true,
  );
  unit.faults.clear();
  expect(readValue((await rig.until((seen) => seen.some(isGood))).find(isGood))).toBeGreaterThan(0);
});

const isGood = ({ quality }: { readonly quality: string }) => quality === "good";

test("the trap: on a serial port modbus-serial alone gives late answers away, the driver never", async (context) => {
  await using unit = await serialUnit(context);
  unit.faults.set(1, { kind: "late", ms: 400 });
  const { default: library } = await import("modbus-serial");
  const naive = new library.default();
  naive.setTimeout(300);
  await naive.connectRTUBuffered(unit.path, { baudRate: 9_600 });
  naive.setID(1);
  await expect(naive.readHoldingRegisters(100, 1)).rejects.toMatchObject({ errno: "ETIMEDOUT" });
  expect((await naive.readHoldingRegisters(200, 1)).data).toEqual([100]);
  await new Promise<void>((resolve) => naive.close(() => resolve()));

  await using rig = await openChannel({ port: unit.port, timeout: "150ms", devices });
  const during = await rig.until((seen) => seen.length >= 40);
  unit.faults.clear();
  const after = await rig.until((seen) => seen.filter(isGood).length >= 6);
  for (const sample of [...during, ...after])
    if (sample.quality !== "bad") expect(sample).toMatchObject({ value: values[sample.point] });
});
