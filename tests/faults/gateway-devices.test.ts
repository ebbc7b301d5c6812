import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type { PointView } from "../../gateway/panel/api.ts";
import { serialPair, temporaryFolder } from "../peers/modbus/peer.ts";
import { type ColdRoom, coldRoom } from "../support/cold-room.ts";
import { needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { eventually, type Running } from "../support/spine.ts";

const nobody = { uid: 61_001, gid: 61_001 };

const channel = (name: string, port: string) => `  ${name}:
    driver: modbus
    port: ${port}
    timeout: 200ms
    devices: { ${name}-room: { template: xy-md02, unitId: 1, every: 100ms } }
`;

/** Waits until a channel's temperature is bad. @returns why. */
async function badReason(room: ColdRoom, key: string): Promise<string> {
  const find = async () => (await room.points()).find((point) => point.key === key);
  const point = await eventually(find, (found) => found?.quality === "bad");
  expect(point?.value).toBeUndefined();
  return point?.reason ?? "";
}

/** The rest goes on: fresh values, and an alarm that lights its lamp. */
async function expectTheRestToWork(room: ColdRoom): Promise<void> {
  room.setTemperature(9.1);
  await room.alarm("warm");
  await eventually(room.lamp, (level) => level === 1);
}

function told(gateway: Running, part: string): number {
  return gateway.lines.filter((line) => line["event"] === "problem" && line["part"] === part)
    .length;
}

test.concurrent("a serial port that is missing is told once, with where to look", async () => {
  const port = "serial:/dev/serial/by-id/usb-that-is-not-plugged-in";
  await using room = await coldRoom({ channels: channel("attic", port) });
  const gateway = await room.start();
  expect(await room.notice("channel-attic")).toMatchObject({
    code: "driver/port-missing",
    where: port,
    todo: expect.stringContaining("plugged in"),
  });
  expect(await badReason(room, "attic-room/temperature")).toBe("driver/port-missing");
  await expectTheRestToWork(room);
  // The channel has been tried again meanwhile: 0.5 s, then 1 s, then 2 s later.
  await sleep(2_000);
  expect(told(gateway, "channel-attic")).toBe(1);
});

test.concurrent("a serial port that another program holds is told, and taken when it is free", async (context) => {
  needPrograms(context, "socat");
  using folder = temporaryFolder();
  await using pair = await serialPair(folder);
  await using device = await startModbusSimulator({
    listen: { path: pair.b },
    units: new Map([[1, simulatedUnit({ input: new Map([[1, 30]]).set(2, 500) })]]),
  });
  const port = `serial:${pair.a}`;
  const holder = await connect(port, {}, new AbortController().signal);
  await using room = await coldRoom({ channels: channel("attic", port) });
  const gateway = await room.start();
  expect(await room.notice("channel-attic")).toMatchObject({
    code: "driver/port-busy",
    where: port,
    todo: expect.stringContaining(`fuser -v ${pair.a}`),
  });
  await expectTheRestToWork(room);
  expect(told(gateway, "channel-attic")).toBe(1);
  await holder.close();
  await room.well("channel-attic", 20_000);
  expect(await room.points()).toContainEqual(
    expect.objectContaining({ key: "attic-room/temperature", value: 3, quality: "good" }),
  );
  expect(device.requests.length).toBeGreaterThan(0);
});

test.concurrent("a serial port that the gateway's user may not open is told with the group that may", async (context) => {
  needRoot(context);
  needPrograms(context, "socat");
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  await using pair = await serialPair(folder);
  const port = `serial:${pair.a}`;
  await using room = await coldRoom({ channels: channel("attic", port) });
  chmodSync(room.folder, 0o755);
  chownSync(room.folder, nobody.uid, nobody.gid);
  mkdirSync(room.rig.dataDir);
  chownSync(room.rig.dataDir, nobody.uid, nobody.gid);
  await room.start(nobody);
  expect(await room.notice("channel-attic")).toMatchObject({
    code: "driver/permission-denied",
    where: port,
    todo: expect.stringContaining("dialout"),
  });
  await expectTheRestToWork(room);
});

test.concurrent("on a line with the wrong baud rate nothing but bad samples come, never a value", async (context) => {
  needPrograms(context, "socat");
  using folder = temporaryFolder();
  await using pair = await serialPair(folder);
  const other = await connect(`serial:${pair.b}`, {}, new AbortController().signal);
  // Another rate turns each answer into other bytes, more or fewer of them.
  other.stream.on("data", () => other.stream.write(randomBytes(9)));
  const chatter = setInterval(() => other.stream.write(randomBytes(40)), 30);
  const port = `serial:${pair.a}`;
  await using room = await coldRoom({ channels: channel("attic", port) });
  await room.start();
  const reasons = new Set<string>();
  for (let look = 0; look < 20; look += 1) {
    reasons.add(await badReason(room, "attic-room/temperature"));
    await sleep(100);
  }
  clearInterval(chatter);
  await other.close();
  expect([...reasons].join()).toMatch(/timeout|bad|frame|crc|noise|unit/i);
  await expectTheRestToWork(room);
  const query = "/api/points/attic-room/temperature/samples?from=0&to=9999999999999&limit=1000";
  const kept = await room.rig.get<readonly { quality: string }[]>(query);
  expect(kept.filter(({ quality }) => quality !== "bad")).toEqual([]);
});

test.concurrent("a unit that never answers is bad with its reason and does not slow its neighbour", async () => {
  await using room = await coldRoom({
    devices: "      dead: { template: xy-md02, unitId: 2, every: 50ms }",
  });
  await room.start();
  expect(await badReason(room, "dead/temperature")).toBe("timeout");
  const fresh = new Set<number | undefined>();
  const until = performance.now() + 3_000;
  while (performance.now() < until) {
    const cold = (await room.points()).find((point: PointView) => point.key === "cold/temperature");
    expect(cold?.quality).toBe("good");
    fresh.add(cold?.sampledAt);
    await sleep(20);
  }
  // 60 are due in that time.
  expect(fresh.size).toBeGreaterThan(25);
  await expectTheRestToWork(room);
});

test.concurrent("a PLC that closes the socket at each request is one problem, not a new one at each try", async () => {
  await using plc = await startModbusSimulator({
    units: new Map([[1, simulatedUnit({ input: new Map([[1, 30]]).set(2, 500) })]]),
  });
  plc.faults.set(1, { kind: "close" });
  await using room = await coldRoom({ channels: channel("attic", plc.address) });
  const gateway = await room.start();
  expect(await room.notice("channel-attic")).toMatchObject({
    code: "driver/connection-lost",
    where: expect.any(String),
    todo: expect.any(String),
  });
  await badReason(room, "attic-room/temperature");
  await eventually(
    () => gateway.lines.filter((line) => line["channel"] === "attic").length,
    (opened) => opened >= 4,
  );
  expect(told(gateway, "channel-attic")).toBe(1);
  await expectTheRestToWork(room);
  plc.faults.clear();
  await room.well("channel-attic", 30_000);
});
