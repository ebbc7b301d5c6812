import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AlarmWebhook } from "../../cloud-sync/central/alarms-of-central-webhook.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { SilenceWatch } from "../../cloud-sync/central/silence-watch.ts";
import { standardSignature } from "../../cloud-sync/push/signature.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";

const secret = "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29r";
const gone = new AbortController().signal;
let database: Database;
let central: Central;
let link: DatabaseLink;
let hook: http.Server;
let status = 204;
const told: { headers: http.IncomingHttpHeaders; body: string }[] = [];
const shared = (): Database => ({ ...database, [Symbol.asyncDispose]: async () => undefined });

beforeAll(async () => {
  database = await openPglite();
  const { log } = memoryLog();
  central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => shared(),
    clock: systemClock,
    log,
    version: "0.0.0",
    gateways: ["gw-1", "gw-2", "gw-new"].map((id) => ({ id, token: `token-of-${id}` })),
  });
  link = new DatabaseLink(async () => shared(), systemClock, log);
  await link.step();
  hook = http.createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += String(part);
    });
    request.on("end", () => {
      if (status < 300) told.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await link[Symbol.asyncDispose]();
  await central.stop();
  await database[Symbol.asyncDispose]();
});

const get = async (path: string) => (await fetch(`${central.address}${path}`)).json();
const speak = (id: string, aliveAgeMs: number | null = null) =>
  database.query(
    "UPDATE gateway SET last_contact_at = clock_timestamp(), alive_age_ms = $2 WHERE gateway = $1",
    [id, aliveAgeMs],
  );

/** Another receiver on the same database, whose time a test moves. */
function receiver() {
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const { port } = hook.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/alarms?token=never-in-a-log`;
  const webhook = new AlarmWebhook({ url, secret, language: "zh", clock, log });
  const watch = new SilenceWatch({ link, clock, log, webhook });
  const look = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10_000) {
      await clock.advance(10_000);
      await watch.step();
      await watch.tell(gone);
    }
  };
  return { clock, watch, look, entries };
}

test("a gateway that misses three heartbeats is silent everywhere, until it speaks; begin and end are on record and told", async () => {
  const { look, watch, entries } = receiver();
  await speak("gw-1");
  await speak("gw-2");
  await look(170_000);
  await speak("gw-2");
  expect(await get("/v1/alarms")).toEqual([]);
  await look(20_000);

  const gateways = await get("/v1/gateways");
  expect(gateways).toMatchObject([
    { id: "gw-1", state: "silent", activeAlarms: 1 },
    { id: "gw-2", state: "reporting", activeAlarms: 0 },
    { id: "gw-new", state: "never" },
  ]);
  const metrics = await (await fetch(`${central.address}/metrics`)).text();
  expect(metrics).toContain('rackwatch_central_gateways{state="silent"} 1\n');
  expect(metrics).toContain('rackwatch_central_gateways{state="never"} 1\n');
  expect(gateways[0].since).toBe(gateways[0].lastContactAt);
  expect(await get("/v1/alarms")).toMatchObject([
    {
      gateway: "gw-1",
      rule: "central/silent",
      state: "unacknowledged",
      priority: "high",
      message: "The gateway does not report to central",
      since: gateways[0].lastContactAt,
    },
  ]);
  expect(await get("/v1/alarms?gateway=gw-2")).toEqual([]);
  expect(JSON.parse(told[0]?.body ?? "")).toMatchObject({
    type: "alarm.begun",
    data: { gateway: "gw-1", rule: "central/silent", message: "网关没有向中心上报" },
  });

  // The receiver is away while the silence ends; it is told when it is back, once.
  status = 503;
  await speak("gw-1");
  await look(10_000);
  expect(await get("/v1/gateways")).toMatchObject([{ id: "gw-1", state: "reporting" }, {}, {}]);
  expect(await get("/v1/alarms")).toEqual([]);
  expect(await get("/v1/alarms?state=all")).toMatchObject([
    { rule: "central/silent", state: "normal" },
  ]);
  expect(told).toHaveLength(1);
  status = 204;
  await look(30_000);
  expect(told).toHaveLength(2);
  expect(JSON.parse(told[1]?.body ?? "")).toMatchObject({ type: "alarm.ended" });
  for (const { headers, body } of told) {
    const id = String(headers["webhook-id"]);
    const seconds = Number(headers["webhook-timestamp"]);
    expect(headers["webhook-signature"]).toBe(standardSignature(secret, id, seconds, body));
  }
  expect(JSON.stringify(entries)).not.toContain("never-in-a-log");
  expect(entries.filter(({ event }) => event === "alarm webhook fails")).toHaveLength(1);
  const rows = await database.query("SELECT rule, ended_at FROM central_alarm");
  expect(rows).toMatchObject([{ rule: "central/silent", ended_at: expect.anything() }]);
  expect(watch.steppedAt).toBeDefined();
});

test("two receivers and a restarted one agree: an alarm is open once, and ends once", async () => {
  const [one, two] = [receiver(), receiver()];
  await speak("gw-1");
  await speak("gw-2");
  for (let round = 0; round < 19; round += 1) {
    await speak("gw-2");
    await Promise.all([one.look(10_000), two.look(10_000)]);
  }
  const open = "SELECT gateway FROM central_alarm WHERE ended_at IS NULL";
  expect(await database.query(open)).toEqual([{ gateway: "gw-1" }]);
  const restarted = receiver();
  await restarted.look(10_000);
  expect(await database.query(open)).toEqual([{ gateway: "gw-1" }]);
  await speak("gw-1");
  await restarted.look(10_000);
  expect(await database.query(open)).toEqual([]);
});

test("an agent that speaks for a gateway that stands still: stopped, with the time of its last commit", async () => {
  const { look } = receiver();
  await speak("gw-1", 400_000);
  await look(10_000);
  const [row] = await get("/v1/gateways");
  expect(row).toMatchObject({ state: "stopped", activeAlarms: 1 });
  expect(row.lastContactAt - row.since).toBeCloseTo(400_000, 0);
  expect(await get("/v1/alarms")).toMatchObject([{ rule: "central/stopped", priority: "high" }]);
  await speak("gw-1", 2_000);
  await look(10_000);
  expect(await get("/v1/gateways")).toMatchObject([{ state: "reporting" }, {}, {}]);
});
