import { connectAsync } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import type { MovementRow, StockRow } from "../../cloud-sync/central/stock-api.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { type ScaleSimulator, startScaleSimulator } from "../../drivers/scale/simulator.ts";
import type { MovementPage, StockPage } from "../../gateway/panel/stock-api.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { startProgram } from "../support/program.ts";
import { type PushInbox, startPushInbox, told } from "../support/push-inbox.ts";
import { eventually, gatewayRig, getJson, scratchFolder } from "../support/spine.ts";

const token = "rwg_stock_way_out";
const secret = { RACKWATCH_SECRET_CENTRAL: token };
const pieceKg = 0.1;
/** Central's database takes its time to start while other tests run. */
const patienceMs = 60_000;

let cleanup: AsyncDisposableStack;
let scale: ScaleSimulator;
let inbox: PushInbox;
let central: Central;

const yaml = (centralUrl: string) => `
version: 1
gateway: { id: it-1, name: 一号仓, language: zh, timezone: Asia/Shanghai }
channels:
  rack:
    driver: scale
    port: ${scale.address}
    protocol: mt-sics
    devices: { s: { every: 100ms } }
locations: { shelf-a1: { kind: shelf, name: A1 货架, weight: s/weight, capacity: 25 kg, division: 1 g } }
items:
  bolt: { name: 螺栓, location: shelf-a1, unitWeight: 100 g, min: 15 }
stock:
  settle: 500ms
  confirm: 0s
  warnings: { below-minimum: { notify: [buyer, warehouse] } }
notify:
  buyer: { language: en, webhook: { url: "${inbox.url}/buyer" } }
  warehouse: { language: zh, webhook: { url: "${inbox.url}/warehouse" } }
alarms: { site: "https://rack.example" }
panel: { listen: "127.0.0.1:{panel}" }
broker: { listen: "127.0.0.1:{broker}" }
store: { flushEvery: 500ms }
sync: { central: "${centralUrl}", credentials: !secret central }
`;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  const protocol = scaleProtocols.find(({ name }) => name === "mt-sics");
  if (protocol === undefined) throw new Error("mt-sics");
  const load = { weight: 20 * pieceKg, unit: "kg" };
  scale = cleanup.use(await startScaleSimulator({ protocol, load }));
  inbox = cleanup.use(await startPushInbox());
  central = await startCentral({
    ...{ listen: "127.0.0.1:0", openDatabase: () => openPglite(), clock: systemClock },
    ...{ log: memoryLog().log, version: "0", gateways: [{ id: "it-1", token }] },
  });
  cleanup.defer(() => central.stop());
}, 180_000);
afterEach(() => cleanup.disposeAsync());

test("a pick leaves by MQTT, API, push and to central, and counts once however often the network is cut", async () => {
  // Central commits, and the agent never hears of it.
  const proxy = await cuttingProxy(
    () => central.address,
    (batch) => (batch <= 4 && batch % 2 === 0 ? "cut reply" : "pass"),
  );
  cleanup.defer(() => proxy.close());
  const folder = cleanup.use(scratchFolder()).path;
  const rig = await gatewayRig(folder, yaml(proxy.address), secret);
  const gateway = await rig.start();
  cleanup.defer(() => gateway.kill("SIGTERM"));
  const args = ["sync", "--config", rig.configFile, "--data", rig.dataDir];
  const agent = await startProgram(args, secret, "agent ships");
  cleanup.defer(() => agent.kill("SIGTERM"));
  const stock = async () => (await rig.get<StockPage>("/api/stock")).stock[0];
  await eventually(stock, (line) => line?.quantity === 20, patienceMs);

  const mqtt = await connectAsync(`mqtt://127.0.0.1:${rig.brokerPort}`);
  cleanup.defer(() => mqtt.endAsync());
  const stockTopic = "rackwatch/it-1/stock/shelf-a1/bolt";
  const heard: { topic: string; body: Record<string, unknown>; isRetained: boolean }[] = [];
  mqtt.on("message", (topic, body, { retain }) =>
    heard.push({ topic, body: JSON.parse(body.toString()), isRetained: retain }),
  );
  await mqtt.subscribeAsync(["rackwatch/it-1/stock/#", "rackwatch/it-1/movements"]);
  // What stands is there at once, what moved before is not told again.
  await eventually(
    () => heard,
    ([first]) => first?.isRetained === true,
  );
  expect(heard).toMatchObject([{ topic: stockTopic, body: { quantity: 20, state: "ok" } }]);

  scale.scale.set({ weight: 12 * pieceKg });
  await eventually(
    () => heard.findLast(({ topic }) => topic === stockTopic)?.body,
    (body) => body?.["quantity"] === 12 && body["state"] === "below-minimum",
    patienceMs,
  );
  const movements = heard.filter(({ topic }) => topic === "rackwatch/it-1/movements");
  expect(movements).toMatchObject([
    { isRetained: false, body: { kind: "pick", item: "bolt", quantity: -8 } },
  ]);
  expect(await stock()).toMatchObject({ quantity: 12, state: "below-minimum" });

  // One event goes to buyer and warehouse, each in their language, with the numbers of the trigger.
  const letterTo = async (path: string) => {
    const letters = await eventually(
      () => inbox.at(path),
      (all) => all.length > 0,
      patienceMs,
    );
    return told(letters[0]?.raw ?? "");
  };
  const buyer = await letterTo("/buyer");
  expect(buyer.title).toContain("A1 货架 螺栓 below minimum: 12 pcs, minimum 15 pcs");
  expect(buyer.text).toContain("Look: https://rack.example/#/stock/shelf-a1/bolt");
  expect(buyer.fields).toMatchObject({ item: "bolt", itemName: "螺栓", available: 12, min: 15 });
  const warehouse = await letterTo("/warehouse");
  expect(warehouse.title).toContain("螺栓低于下限：12 件，下限 15 件");

  // Central has it once.
  const ofCentral = async () =>
    (await getJson<{ stock: StockRow[] }>(`${central.address}/v1/stock?gateway=it-1`)).stock;
  await eventually(
    ofCentral,
    ([row]) => row?.quantity === 12 && row.state === "below-minimum",
    patienceMs,
  );
  const again = 9;
  scale.scale.set({ weight: again * pieceKg });
  await eventually(ofCentral, ([row]) => row?.quantity === again, patienceMs);
  const own = await rig.get<MovementPage>("/api/stock/movements");
  const sent = await getJson<{ movements: MovementRow[] }>(`${central.address}/v1/movements`);
  expect(sent.movements.map(({ id }) => id)).toEqual(own.movements.map(({ id }) => id));
  expect(sent.movements.map(({ quantity }) => quantity)).toEqual([-3, -8, 20]);
  expect(proxy.answered).toBeGreaterThan(4);

  // Started again it says what it has; nothing is counted anew.
  await gateway.kill("SIGTERM");
  const second = await rig.start();
  cleanup.defer(() => second.kill("SIGTERM"));
  scale.scale.set({ weight: 8 * pieceKg });
  await eventually(ofCentral, ([row]) => row?.quantity === 8 && row.name === "螺栓", patienceMs);
  const now = await rig.get<MovementPage>("/api/stock/movements");
  expect(now.movements.map(({ quantity }) => quantity)).toEqual([-1, -3, -8, 20]);
}, 180_000);
