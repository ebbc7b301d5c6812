import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { orders } from "../../drivers/modbus/schema.ts";
import { openChannel, readValue } from "../integration/modbus-rig.ts";
import {
  compileServer,
  freePort,
  needPrograms,
  type Program,
  serialPair,
  startProgram,
  temporaryFolder,
} from "./modbus/peer.ts";

/** Address within a block of 100 registers, type, and the value that both servers put there. */
const layout = [
  [0, "int16", -20_500],
  [1, "uint16", 65_000],
  [2, "int32", -123_456_789],
  [4, "uint32", 4_000_000_000],
  [6, "int64", -5_000_000_000_001],
  [10, "uint64", 9_007_199_254_740_991],
  [14, "float32", 30.56],
  [16, "float64", -1_234.567_8],
] as const;

const everyOrder = orders.flatMap((order, block) =>
  layout.map(([at, type, value]) => ({ order, address: block * 100 + at, type, value })),
);

/** libmodbus has integers in ABCD and floats in all four orders. */
const orderedByLibmodbus = everyOrder.filter(
  ({ order, type }) => order === "ABCD" || type === "float32",
);

type Expected = (typeof everyOrder)[number];
type Peer = (context: TestContext, where: readonly [string, string]) => Promise<Program>;

const pymodbus: Peer = (context, where) => {
  needPrograms(context, "/usr/bin/python3", "/usr/lib/python3/dist-packages/pymodbus");
  const script = join(import.meta.dirname, "modbus", "pymodbus_server.py");
  return startProgram("/usr/bin/python3", [script, ...where]);
};

const libmodbus: Peer = async (context, where) => {
  needPrograms(context, "/usr/bin/gcc", "/usr/include/modbus/modbus.h");
  using folder = temporaryFolder();
  return await startProgram(compileServer(folder), where);
};

describe.each([
  { name: "pymodbus", peer: pymodbus, expected: everyOrder },
  { name: "libmodbus", peer: libmodbus, expected: orderedByLibmodbus },
])("$name", ({ peer, expected }) => {
  test("over TCP every type and byte order reads right, and writes arrive", async (context) => {
    const port = await freePort();
    await using _ = await peer(context, ["tcp", String(port)]);
    await readsAndWrites(`tcp://127.0.0.1:${port}`, expected);
  });

  test("over a serial line every type and byte order reads right, and writes arrive", async (context) => {
    needPrograms(context, "/usr/bin/socat");
    using folder = temporaryFolder();
    await using pair = await serialPair(folder);
    await using _ = await peer(context, ["serial", pair.b]);
    await readsAndWrites(`serial:${pair.a}`, expected);
  });
});

async function readsAndWrites(port: string, expected: readonly Expected[]): Promise<void> {
  const points = Object.fromEntries(
    expected.flatMap(({ order, address, type }) =>
      ["input", "holding"].map((table) => [
        `${table}-${order}-${type}`,
        { table, address, type, order },
      ]),
    ),
  );
  const bits = Object.fromEntries(
    ["coil", "discrete"].flatMap((table) =>
      [0, 1, 2, 33, 98, 99].map((address) => [`${table}-${address}`, { table, address }]),
    ),
  );
  const writable = { access: "read-write", every: "200ms" };
  const written = {
    lamp: { table: "coil", address: 50, ...writable },
    short: { table: "holding", address: 450, type: "int16", scale: 0.1, ...writable },
    long: { table: "holding", address: 452, type: "float32", order: "CDAB", ...writable },
  };
  const d = { unitId: 1, every: "1s", points: { ...points, ...bits, ...written } };
  const missing = { table: "holding", address: 9_000, type: "int16" };
  const e = { unitId: 1, every: "200ms", points: { missing } };
  await using rig = await openChannel({ port, gap: 125, devices: { d, e } });

  const first = await rig.until(
    (seen) => new Set(seen.map(({ point }) => point)).size === Object.keys(d.points).length + 1,
  );
  const values = new Map(first.map((sample) => [sample.point, readValue(sample)]));
  for (const { order, type, value } of expected) {
    expect([order, type, values.get(`d/input-${order}-${type}`)]).toEqual([order, type, value]);
    expect([order, type, values.get(`d/holding-${order}-${type}`)]).toEqual([order, type, value]);
  }
  for (const address of [0, 1, 2, 33, 98, 99]) {
    expect(values.get(`d/coil-${address}`)).toBe(address % 3 === 0);
    expect(values.get(`d/discrete-${address}`)).toBe(address % 3 === 0);
  }
  expect(first.find(({ point }) => point === "e/missing")).toMatchObject({
    quality: "bad",
    reason: "exception 2 illegal data address",
  });

  await rig.session.write?.("d/lamp", true);
  await rig.session.write?.("d/short", -20.5);
  await rig.session.write?.("d/long", 30.56);
  await rig.until((seen) => {
    const latest = new Map(seen.map((sample) => [sample.point, readValue(sample)]));
    return (
      latest.get("d/lamp") === true &&
      latest.get("d/short") === -20.5 &&
      latest.get("d/long") === 30.56
    );
  });
}
