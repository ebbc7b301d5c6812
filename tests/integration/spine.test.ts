import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmRow, LatestRow } from "../../cloud-sync/central/api.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type {
  AlarmView,
  NoticeView,
  OutputView,
  PointView,
  SyncView,
} from "../../gateway/panel/api.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startProgram } from "../support/program.ts";
import {
  eventually,
  type GatewayRig,
  gatewayRig,
  getJson,
  scratchFolder,
} from "../support/spine.ts";

const token = "rwg_integration";
const input = new Map([
  [1, 45],
  [2, 600],
]);

let cleanup: AsyncDisposableStack;
let device: ModbusSimulator;
let centralAddress = "http://127.0.0.1:9";
let folder: string;

const yaml = () => `
version: 1
gateway: { id: it-1, name: Dock 1 }
channels:
  room:
    driver: modbus
    port: ${device.address}
    devices: { cold: { template: xy-md02, unitId: 1, every: 200ms } }
  lights:
    driver: gpio
    backend: sim
    file: ${join(folder, "lamps.json")}
    devices: { stack: { points: { red: { line: 17 }, buzzer: { line: 22 } } } }
rules:
  warm:
    point: cold/temperature
    above: 8
    deadband: 0.5
    onDelay: 300ms
    priority: high
    outputs: [stack/red, stack/buzzer]
panel: { listen: "127.0.0.1:{panel}" }
broker: { listen: "127.0.0.1:{broker}" }
store: { flushEvery: 500ms }
sync: { central: "${centralAddress}", credentials: !secret central }
`;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(scratchFolder());
  folder = scratch.path;
  input.set(1, 45);
  device = await startModbusSimulator({ units: new Map([[1, simulatedUnit({ input })]]) });
  cleanup.defer(() => device.stop());
});

async function startCentralOnly(): Promise<Central> {
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: () => openPglite(),
    clock: systemClock,
    log: memoryLog().log,
    version: "0",
    gateways: [{ id: "it-1", token }],
  });
  cleanup.defer(() => central.stop());
  centralAddress = central.address;
  return central;
}

afterEach(() => cleanup.disposeAsync());

async function startGateway(): Promise<GatewayRig & { readonly setupCode: string }> {
  const rig = await gatewayRig(folder, yaml(), { RACKWATCH_SECRET_CENTRAL: token });
  const gateway = await rig.start();
  cleanup.defer(() => gateway.kill("SIGTERM"));
  const line = await eventually(
    () => gateway.lines.find(({ event }) => event === "panel listens"),
    (found) => found !== undefined,
  );
  return { ...rig, setupCode: String(line?.["setupCode"]) };
}

function lamps(): Record<string, number> {
  return JSON.parse(readFileSync(join(folder, "lamps.json"), "utf8"));
}

test("one path: device, rule, alarm, lamp, broker, panel, acknowledge, agent, central", async () => {
  const central = await startCentralOnly();
  const rig = await startGateway();
  const agent = await startProgram(
    ["sync", "--config", rig.configFile, "--data", rig.dataDir],
    { RACKWATCH_SECRET_CENTRAL: token },
    "agent ships",
  );
  cleanup.defer(() => agent.kill("SIGTERM"));

  // Device to panel.
  const [temperature] = await eventually(
    () => rig.get<PointView[]>("/api/points"),
    ([point]) => point?.value === 4.5,
  );
  expect(temperature).toMatchObject({ key: "cold/temperature", unit: "Cel", quality: "good" });
  expect(lamps()).toEqual({ "17": 0, "22": 0 });

  // Rule to alarm to lamp to broker.
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${rig.brokerPort}`);
  cleanup.defer(() => mqtt.endAsync());
  const heard = new Map<string, unknown>();
  mqtt.on("message", (topic, body) => heard.set(topic, JSON.parse(body.toString())));
  await mqtt.subscribeAsync("rackwatch/it-1/#");
  input.set(1, 91);
  const [alarm] = await eventually(
    () => rig.get<AlarmView[]>("/api/alarms"),
    ([first]) => first?.state === "unacknowledged",
  );
  expect(alarm).toMatchObject({ rule: "warm", value: 9.1, priority: "high" });
  await eventually(lamps, (levels) => levels["17"] === 1);
  await eventually(
    () => heard.get("rackwatch/it-1/alarms/warm"),
    (message) => message !== undefined,
  );

  // A person acknowledges: the lamp stays, the buzzer is quiet.
  const post = (path: string, body: object, cookie = "") =>
    fetch(`${rig.panel}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: rig.panel, cookie },
      body: JSON.stringify(body),
    });
  const path = `/api/alarms/${encodeURIComponent(alarm?.id ?? "")}/acknowledge`;
  expect((await post(path, {})).status).toBe(401);
  const set = await post("/api/setup", {
    code: rig.setupCode,
    user: "li",
    password: "a long enough one",
  });
  expect(set.status).toBeLessThan(300);
  const cookie = (set.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect((await post(path, { comment: "door was open" }, cookie)).status).toBe(200);
  const outputs = await rig.get<OutputView[]>("/api/outputs");
  expect(outputs.map(({ value }) => value)).toEqual([true, false]);
  await eventually(lamps, (levels) => levels["17"] === 1 && levels["22"] === 0);

  // Agent to central: everything, once.
  const atCentral = () => getJson<AlarmRow[]>(`${central.address}/v1/alarms`);
  const [row] = await eventually(atCentral, ([first]) => first?.state === "acknowledged");
  expect(row).toMatchObject({ gateway: "it-1", acknowledgedBy: "li", comment: "door was open" });
  expect(row).toMatchObject({ point: "cold/temperature", value: 9.1, unit: "Cel" });
  input.set(1, 45);
  await eventually(atCentral, (rows) => rows.length === 0);
  const sync = await eventually(
    () => rig.get<SyncView>("/api/sync"),
    ({ lanes }) => lanes.events.backlog === 0 && lanes.samples.cursor > 30,
  );
  const query = "gateway=it-1&point=cold/temperature&limit=1000";
  const page = await getJson<{ samples: unknown[] }>(`${central.address}/v1/samples?${query}`);
  expect(page.samples.length).toBeGreaterThan(10);
  const latest = await getJson<LatestRow[]>(`${central.address}/v1/latest?gateway=it-1`);
  expect(latest.find(({ point }) => point === "cold/humidity")).toMatchObject({ unit: "%" });
  expect(await getJson(`${central.address}/v1/gateways`)).toMatchObject([{ name: "Dock 1" }]);
  expect(sync.lastContactAt).toBeGreaterThan(0);
});

test("a device that dies and comes back: bad values with a reason, a notice, then good again", async () => {
  const rig = await startGateway();
  await eventually(
    () => rig.get<PointView[]>("/api/points"),
    ([point]) => point?.value === 4.5,
  );
  const { port } = new URL(device.address);
  await device.stop();
  const [bad] = await eventually(
    () => rig.get<PointView[]>("/api/points"),
    ([point]) => point?.quality === "bad",
  );
  expect(bad?.value).toBeUndefined();
  const [notice] = await eventually(
    () => rig.get<NoticeView[]>("/api/notices"),
    ([first]) => first?.code === "driver/connect-failed",
  );
  expect(notice?.todo).not.toBe("");
  device = await startModbusSimulator({
    listen: { port: Number(port) },
    units: new Map([[1, simulatedUnit({ input })]]),
  });
  await eventually(
    () => rig.get<PointView[]>("/api/points"),
    ([point]) => point?.value === 4.5,
  );
  await eventually(
    () => rig.get<NoticeView[]>("/api/notices"),
    (notices) => notices.length === 0,
  );
});

test("an invalid configuration does not stop a gateway that has a last good one; it is an alarm", async () => {
  const rig = await gatewayRig(folder, yaml(), { RACKWATCH_SECRET_CENTRAL: token });
  const first = await rig.start();
  await first.kill("SIGTERM");
  rig.writeConfig(`${yaml()}\nruels: {}\n`);
  const second = await rig.start();
  cleanup.defer(() => second.kill("SIGTERM"));
  const [notice] = await eventually(
    () => rig.get<NoticeView[]>("/api/notices"),
    (notices) => notices.length > 0,
  );
  expect(notice).toMatchObject({ part: "config", code: "config/invalid" });
  expect(notice?.where).toMatch(/gateway\.yaml:\d+:\d+ .*"ruels".*"rules"/);
  await eventually(
    () => rig.get<AlarmView[]>("/api/alarms"),
    (alarms) => alarms.some(({ rule }) => rule === "gateway:config"),
  );
  await eventually(
    () => rig.get<PointView[]>("/api/points"),
    ([point]) => point?.value === 4.5,
  );
});

test("a configuration that never was valid ends the start with exit code 2 and says where it is wrong", async () => {
  const rig = await gatewayRig(folder, "version: 1\ngateway: { id: x, nmae: y }\n");
  await expect(rig.start()).rejects.toThrow(/gateway\.yaml:2:\d+ .*"nmae".*"name"/);
});
