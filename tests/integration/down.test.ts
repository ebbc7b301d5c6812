import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { runSync } from "../../cloud-sync/main.ts";
import { Secret } from "../../drivers/secret.ts";
import { messageSchema } from "../../gateway/down/message.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { inboxFileName } from "../../gateway/store/inbox-file.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { GatewayEvent, Store } from "../../gateway/store/store.ts";
import { memoryLog } from "../support/manual-clock.ts";

let database: Database;
let central: Central;
let keys = "";
let dir = "";
let operator = "";
let viewer = "";
let ended: AbortController;
let running: Promise<void> | undefined;
let store: Store | undefined;

const start = () =>
  startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    keys: { folder: keys },
    readToken: "a-token-for-reading",
  });

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), "rackwatch-down-keys-"));
  database = await openPglite();
  central = await start();
  operator = await addOperator(database, { name: "Li Wei", role: "operator" });
  viewer = await addOperator(database, { name: "Zhang", role: "viewer" });
});
afterAll(async () => {
  await central.stop();
  await database[Symbol.asyncDispose]();
  rmSync(keys, { recursive: true, force: true });
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-down-"));
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await running;
  running = undefined;
  store?.[Symbol.dispose]();
  store = undefined;
  rmSync(dir, { recursive: true, force: true });
});

async function ask(method: string, path: string, token: string, body?: unknown) {
  const response = await fetch(`${central.address}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

/** The agent of a gateway with a store; the gateway itself is played by the test. */
async function agentOf(gatewayId: string): Promise<Store> {
  await addGateway(database, gatewayId, `${gatewayId}-token`);
  const { log } = memoryLog();
  const opened = openStore({ dir, gatewayId, clock: systemClock, log }).store;
  store = opened;
  commit(opened, []);
  running = runSync(
    {
      ...{ gatewayId, language: "en", boot: "boot-1", env: {}, dataDir: dir, clock: systemClock },
      sync: {
        ...{ central: central.address, credentials: new Secret(`${gatewayId}-token`) },
        ...{ uplinks: {}, goneFor: 3_600_000 },
      },
      push: { notify: {}, mail: undefined },
      log: memoryLog().log,
    } as never,
    ended.signal,
  );
  return opened;
}

function commit(to: Store, events: readonly GatewayEvent[], state = new Map<string, unknown>()) {
  const clock = { boot: "boot-1", offsetMs: 0, quality: "synchronized" } as const;
  to.commit({ clock, samples: [], events, state });
}

const event = (kind: string, body: Record<string, unknown>): GatewayEvent =>
  ({ kind, at: Date.now(), mono: 1, body }) as GatewayEvent;

function inbox() {
  const db = new Sqlite(join(dir, inboxFileName), { readonly: true });
  try {
    const rows = db.prepare<[], { text: string }>("SELECT text FROM message ORDER BY number").all();
    return rows.map(({ text }) => messageSchema.parse(JSON.parse(text)));
  } finally {
    db.close();
  }
}

const soon = { timeout: 60_000, interval: 50 };

test("a revision and a command come to the gateway, and what became of them is shown at central", async () => {
  const own = await agentOf("gw-down");
  const rules = { warm: { point: "room/t", above: 8, priority: "high" } };
  const said = { serial: 1, outcome: "confirmed", source: "file", author: "file", digest: "d0" };
  commit(own, [event("revision", { ...said, sections: { rules } })]);
  await expect
    .poll(async () => (await ask("GET", "/v1/gateways/gw-down/configuration", viewer)).body, soon)
    .toMatchObject({ digest: "d0", sections: { rules } });
  const changed = { rules: { warm: { ...rules.warm, above: 6 } } };
  const desired = { sections: changed, base: "d0", comment: "summer" };
  const issued = await ask("POST", "/v1/gateways/gw-down/revisions", operator, desired);
  expect(issued).toMatchObject({ status: 200, body: { revision: 1 } });
  const order = { action: "test", target: "wall", id: "c-1" };
  expect(await ask("POST", "/v1/gateways/gw-down/commands", operator, order)).toMatchObject({
    status: 200,
    body: { id: "c-1", by: "Li Wei", state: "waiting" },
  });
  await expect.poll(inbox, soon).toMatchObject([
    { number: 1, by: "Li Wei", body: { kind: "revision", base: "d0", sections: changed } },
    { number: 2, by: "Li Wei", body: { kind: "command", id: "c-1", target: "wall" } },
  ]);
  const applied = { serial: 2, source: "central", author: "Li Wei", digest: "d1", revision: 1 };
  const done = { id: "c-1", action: "test", by: "Li Wei", outcome: "failed", reason: "no lamp" };
  const events = [
    event("revision", { ...applied, outcome: "confirmed" }),
    event("command", { ...done }),
  ];
  commit(own, events, new Map([["down/done", 2]]));
  await expect
    .poll(async () => (await ask("GET", "/v1/gateways/gw-down/revisions", viewer)).body, soon)
    .toMatchObject([
      { revision: 1, author: "Li Wei", comment: "summer", state: "confirmed" },
      { source: "file", state: "confirmed" },
    ]);
  await expect
    .poll(async () => (await ask("GET", "/v1/gateways/gw-down/commands", viewer)).body, soon)
    .toMatchObject([{ id: "c-1", state: "failed", reason: "no lamp" }]);
  expect(await ask("GET", "/v1/operators/acts", viewer)).toMatchObject({
    body: [
      { operator: "Li Wei", act: "command", gateway: "gw-down" },
      { operator: "Li Wei", act: "revision", gateway: "gw-down" },
    ],
  });
  // What is done is forgotten with the next question, which a further message ends.
  await ask("POST", "/v1/gateways/gw-down/commands", operator, { action: "silence" });
  await expect.poll(() => inbox().map(({ number }) => number), soon).toEqual([3]);
});

test("logs that a command asked for come to central whole, and only whoever may decide reads them", async () => {
  await agentOf("gw-logs");
  const logs = randomBytes(300_000);
  await ask("POST", "/v1/gateways/gw-logs/commands", operator, {
    action: "send-logs",
    id: "logs-1",
  });
  mkdirSync(join(dir, "outgoing"));
  writeFileSync(join(dir, "outgoing", "logs-1.tar.gz"), logs);
  writeFileSync(join(dir, "outgoing", "nobody-asked.tar.gz"), logs);
  await expect.poll(inbox, soon).toHaveLength(1);
  await expect
    .poll(async () => (await ask("GET", "/v1/gateways/gw-logs/files", operator)).body, soon)
    .toMatchObject([{ id: "logs-1", size: 300_000, finished: true }]);
  const path = `${central.address}/v1/gateways/gw-logs/files/logs-1`;
  const headers = { authorization: `Bearer ${operator}` };
  const came = Buffer.from(await (await fetch(path, { headers })).arrayBuffer());
  expect(came.equals(logs)).toBe(true);
  expect((await ask("GET", "/v1/gateways/gw-logs/files/logs-1", viewer)).status).toBe(403);
});

test("pieces of a file go on where central is; a whole that is another one begins anew", async () => {
  await addGateway(database, "gw-piece", "gw-piece-token");
  await ask("POST", "/v1/gateways/gw-piece/commands", operator, { action: "send-logs", id: "f" });
  const bytes = randomBytes(1_000);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const piece = async (offset: number, part: Buffer, id = "f", token = "gw-piece-token") => {
    const query = `offset=${offset}&size=1000&sha256=${sha256}`;
    const response = await fetch(`${central.address}/v1/gateways/gw-piece/files/${id}?${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
      body: new Uint8Array(part),
    });
    return [response.status, await response.json()];
  };
  expect(await piece(600, bytes.subarray(600))).toMatchObject([409, { code: "gap", mark: 0 }]);
  expect(await piece(0, bytes.subarray(0, 600))).toEqual([200, { received: 600 }]);
  expect(await piece(0, bytes.subarray(0, 600))).toEqual([200, { received: 600 }]);
  expect(await piece(600, randomBytes(400))).toEqual([200, { received: 0 }]);
  expect(await piece(0, bytes)).toEqual([200, { received: 1_000 }]);
  expect(await piece(0, bytes)).toEqual([200, { received: 1_000 }]);
  expect(await piece(0, bytes, "unasked")).toMatchObject([404, { code: "not-found" }]);
  expect((await piece(0, bytes, "f", "gw-logs-token"))[0]).toBe(403);
  expect((await piece(0, randomBytes(200_000), "f"))[0]).toBe(413);
});

test("who only looks decides nothing, nor does the token for reading, a gateway's, or nobody", async () => {
  await addGateway(database, "gw-who", "gw-who-token");
  const command = { action: "silence" };
  const post = async (token: string) =>
    (await ask("POST", "/v1/gateways/gw-who/commands", token, command)).status;
  expect(await post(viewer)).toBe(403);
  expect(await post("a-token-for-reading")).toBe(401);
  expect(await post("gw-who-token")).toBe(401);
  expect(await post("nobody-knows-it")).toBe(401);
  const read = async (token: string) => (await ask("GET", "/v1/gateways", token)).status;
  expect(await Promise.all(["gw-who-token", viewer, "a-token-for-reading"].map(read))).toEqual([
    401, 200, 200,
  ]);
  expect(
    (await ask("POST", "/v1/gateways/gw-who/inbox", "gw-down-token", { after: 0 })).status,
  ).toBe(403);
  expect((await ask("POST", "/v1/gateways/gw-who/inbox", operator, { after: 0 })).status).toBe(401);
});

test("a revision with a mistake is refused at central with the place of it, as check says it", async () => {
  await addGateway(database, "gw-check", "gw-check-token");
  const post = (sections: object) =>
    ask("POST", "/v1/gateways/gw-check/revisions", operator, { sections });
  const wrong = { rules: { warm: { point: "room/t", above: 8, priority: "hihg" } } };
  const refused = await post(wrong);
  expect(refused).toMatchObject({ status: 400, body: { code: "bad-request" } });
  expect(String(refused.body["message"])).toContain("rules.warm.priority");
  expect(await post({ rules: { warm: { point: "room/t", above: "x\u0000" } } })).toMatchObject({
    status: 400,
  });
  expect(await post({ channels: {} })).toMatchObject({ status: 400 });
  expect(await post({})).toMatchObject({ status: 400 });
  const secret = { notify: { night: { telegram: { token: { "!secret": "bot" }, chat: "7" } } } };
  expect(await post(secret)).toMatchObject({ status: 200 });
  const literal = { notify: { night: { telegram: { token: "12345:abc", chat: "7" } } } };
  expect(await post(literal)).toMatchObject({ status: 400 });
});

test("a thousand gateways wait at once; who has a message gets it, the others do not wake", async () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => `crowd-${n}`);
  await database.query(
    `INSERT INTO gateway (gateway, token_hash)
     SELECT m, sha256(convert_to(m || '-token', 'UTF8')) FROM jsonb_array_elements_text($1::jsonb) m`,
    [JSON.stringify(ids)],
  );
  const [host, port] = [new URL(central.address).hostname, new URL(central.address).port];
  const answers = new Map<string, string>();
  const poll = (id: string) =>
    new Promise<() => void>((resolve, reject) => {
      const body = JSON.stringify({ after: 0, waitMs: 25_000 });
      const asked = request(
        {
          ...{ host, port, method: "POST", path: `/v1/gateways/${id}/inbox`, agent: false },
          headers: {
            ...{ authorization: `Bearer ${id}-token`, "content-type": "application/json" },
            "content-length": body.length,
          },
        },
        (response) => {
          let text = "";
          response.on("data", (part) => {
            text += String(part);
          });
          response.on("end", () => answers.set(id, text));
        },
      );
      asked.on("error", reject);
      asked.on("finish", () => resolve(() => asked.destroy()));
      asked.end(body);
    });
  const hangUps = await Promise.all(ids.map(poll));
  const order = { action: "silence", id: "one" };
  await ask("POST", "/v1/gateways/crowd-500/commands", operator, order);
  await expect.poll(() => [...answers.keys()], soon).toEqual(["crowd-500"]);
  expect(answers.get("crowd-500")).toContain('\\"id\\":\\"one\\"');
  // Meanwhile gateways that send something are let in: who waits takes none of their places.
  const hello = { schemaVersions: [2], gateway: "crowd-1", epoch: "e", sentAt: 0 };
  const { status, body } = await ask("POST", "/v1/gateways/crowd-1/hello", "crowd-1-token", hello);
  expect([status, body["code"]]).toEqual([400, "bad-digest"]);
  for (const hangUp of hangUps) hangUp();
});
