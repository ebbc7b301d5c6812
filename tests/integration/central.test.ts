import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, type CentralOptions, startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import { type Batch, batchCompressedBytesMax } from "../../cloud-sync/protocol.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { encodeSamples } from "../../gateway/store/columns.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { alarmEvent, MemoryOutbox, someSamples } from "../support/memory-outbox.ts";

const gateways = [
  { id: "gw-1", token: "token-of-gateway-1" },
  { id: "gw-2", token: "token-of-gateway-2" },
];
let database: Database;
let central: Central;

const start = (more: Partial<CentralOptions> = {}) =>
  startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => shared(),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    gateways,
    ...more,
  });

/** One database for all tests; no central of a test closes it. */
function shared(): Database {
  return { ...database, [Symbol.asyncDispose]: async () => undefined };
}

beforeAll(async () => {
  database = await openPglite();
  central = await start();
});
afterAll(async () => {
  await central.stop();
  await database[Symbol.asyncDispose]();
});

const outbox = new MemoryOutbox("epoch-1");
outbox.addSamples(someSamples(40));
outbox.addEvents([alarmEvent("cold", "unacknowledged")]);

function batch(gateway = "gw-1", lane: "events" | "samples" = "samples"): Batch {
  const portion = nextPortion(outbox, {
    gateway,
    epoch: "epoch-1",
    lane,
    cursor: 0,
    rowsMax: 5_000,
  });
  if (portion?.kind !== "batch") throw new Error("no batch");
  return portion.batch;
}

interface Posting {
  readonly gateway?: string;
  readonly token?: string | undefined;
  readonly encoding?: string;
  /** Absent: the right one. */
  readonly digest?: string | undefined;
}

async function post(body: Uint8Array, posting: Posting = {}, path = "batches") {
  const { gateway = "gw-1", encoding } = posting;
  const token = "token" in posting ? posting.token : "token-of-gateway-1";
  const digest = "digest" in posting ? posting.digest : digestOf(body);
  const response = await fetch(`${central.address}/v1/gateways/${gateway}/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      ...(digest === undefined ? {} : { "content-digest": digest }),
    },
    body: Buffer.from(body),
  });
  return { status: response.status, body: refusal.parse(await response.json()) };
}

function digestOf(body: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}

const refusal = z.looseObject({ code: z.string().optional(), mark: z.number().optional() });
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

async function get(path: string, headers: Readonly<Record<string, string>> = {}, at = central) {
  const response = await fetch(`${at.address}${path}`, { headers });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

const snapshot = {
  ...{ schemaVersion: 2, gateway: "gw-1", epoch: "epoch-1", takenAt: 1, seqs: [], alarms: [] },
  ...{ heads: { events: 1, samples: 40 }, columns: encodeSamples([]), whole: false },
};

/** The first words of a gateway that has 40 samples and 1 event. */
function hello(more: object = {}, posting: Posting = {}) {
  const lanes = {
    events: { first: 1, last: 1, cursor: 0 },
    samples: { first: 1, last: 40, cursor: 0 },
  };
  const said = { schemaVersions: [1, 2], gateway: "gw-1", epoch: "epoch-1", lanes, sentAt: 1_000 };
  return post(bytes({ ...said, ...more }), posting, "hello");
}

describe("batches", () => {
  test("zstd, gzip and plain JSON are taken, and each row is stored once", async () => {
    const text = bytes(batch());
    const accepted = { status: 200, body: { mark: 40, lane: "samples", rejected: [] } };
    expect(await post(zstdCompressSync(text), { encoding: "zstd" })).toMatchObject(accepted);
    expect(await post(gzipSync(text), { encoding: "gzip" })).toMatchObject(accepted);
    expect(await post(text)).toMatchObject(accepted);
    const [row] = await database.query(
      "SELECT count(*)::int AS n FROM sample WHERE gateway = 'gw-1'",
    );
    expect(row).toEqual({ n: 40 });
  });

  const cases: [string, () => Promise<{ status: number }>, number, string][] = [
    ["no token", () => post(bytes(batch()), { token: undefined }), 401, "unauthorized"],
    [
      "a token that nobody has",
      () => post(bytes(batch()), { token: "token-of-nobody" }),
      401,
      "unauthorized",
    ],
    [
      "another gateway's token",
      () => post(bytes(batch("gw-2")), { gateway: "gw-2" }),
      403,
      "forbidden",
    ],
    ["another gateway's name in the body", () => post(bytes(batch("gw-2"))), 403, "forbidden"],
    [
      "more bytes than a batch may have",
      () => post(Buffer.alloc(batchCompressedBytesMax + 1, 32)),
      413,
      "too-large",
    ],
    [
      "a zip bomb of 100 MB",
      () => post(zstdCompressSync(Buffer.alloc(100_000_000)), { encoding: "zstd" }),
      413,
      "too-large",
    ],
    [
      "a gzip bomb of 100 MB",
      () => post(gzipSync(Buffer.alloc(100_000_000)), { encoding: "gzip" }),
      413,
      "too-large",
    ],
    [
      "bytes that are not zstd",
      () => post(bytes(batch()), { encoding: "zstd" }),
      400,
      "bad-request",
    ],
    ["an unknown encoding", () => post(bytes(batch()), { encoding: "br" }), 400, "bad-request"],
    [
      "a body whose digest is another one's",
      () => post(bytes(batch()), { digest: digestOf(Buffer.from("another")) }),
      400,
      "bad-digest",
    ],
    ["no digest at all", () => post(bytes(batch()), { digest: undefined }), 400, "bad-digest"],
    [
      "a digest of a kind that nobody knows",
      () => post(bytes(batch()), { digest: "md5=:AAAA:" }),
      400,
      "bad-digest",
    ],
    ["a hello without a digest", () => hello({}, { digest: undefined }), 400, "bad-digest"],
    ["a hello from the future only", () => hello({ schemaVersions: [9] }), 400, "schema-version"],
    ["another gateway's hello", () => hello({ gateway: "gw-2" }), 403, "forbidden"],
    [
      "a snapshot that cannot be read",
      () => post(bytes({ ...snapshot, columns: { v: 9 } }), {}, "snapshot"),
      400,
      "bad-batch",
    ],
    [
      "a snapshot of an epoch that nobody heard of",
      () => post(bytes({ ...snapshot, epoch: "never" }), {}, "snapshot"),
      409,
      "unknown-epoch",
    ],
    ["no JSON", () => post(Buffer.from('{"mark":')), 400, "bad-request"],
    [
      "a batch from the future",
      () => post(bytes({ ...batch(), schemaVersion: 99 })),
      400,
      "schema-version",
    ],
    ["a batch without rows", () => post(bytes({ ...batch(), blocks: [] })), 400, "bad-request"],
    ["rows that cannot be read", () => post(bytes({ ...batch(), lastSeq: 99 })), 400, "bad-batch"],
    [
      "rows that leave others out",
      () => post(bytes({ ...batch(), firstSeq: 100, lastSeq: 139 })),
      409,
      "gap",
    ],
    ["a gap that says nothing", () => post(bytes({}), {}, "gaps"), 400, "bad-request"],
  ];
  for (const [name, ask, status, code] of cases) {
    test(`${name}: ${status} ${code}`, async () => {
      expect(await ask()).toMatchObject({ status, body: { code } });
    });
  }

  test("an agent of version 1 needs no digest, but one that is wrong is refused", async () => {
    const old = bytes({ ...batch(), schemaVersion: 1 });
    expect(await post(old, { digest: undefined })).toMatchObject({ status: 200 });
    expect(await post(old, { digest: "sha-256=:AAAA:" })).toMatchObject({
      body: { code: "bad-digest" },
    });
  });

  test("a hello is answered with marks, limits, the rate of a backlog and the version", async () => {
    await post(bytes(batch()));
    expect(await hello({ machine: "m-1", aliveAt: 500 })).toMatchObject({
      status: 200,
      body: {
        ...{ schemaVersion: 2, epoch: "epoch-1", marks: { samples: 40 } },
        limits: { rowsMax: 20_000, compressedBytesMax: batchCompressedBytesMax },
      },
    });
    expect(await hello({ schemaVersions: [1] })).toMatchObject({ body: { schemaVersion: 1 } });
    const slow = await start({ backlogRowsPerSecond: 50 });
    const before = central;
    try {
      central = slow;
      expect(await hello()).toMatchObject({ body: { backlog: { rowsPerSecond: 50 } } });
    } finally {
      central = before;
      await slow.stop();
    }
  });

  test("a snapshot is taken without moving a mark", async () => {
    await post(bytes(batch()));
    expect(await post(bytes(snapshot), {}, "snapshot")).toMatchObject({ status: 200 });
    expect(await hello()).toMatchObject({ body: { marks: { samples: 40 } } });
  });

  test("marks tell an agent where it stands, and a gap moves them", async () => {
    const headers = { authorization: "Bearer token-of-gateway-2" };
    expect(await get("/v1/gateways/gw-2/marks?epoch=e", headers)).toMatchObject({
      body: { marks: { events: 0, samples: 0 } },
    });
    const gaps = [{ firstSeq: 1, lastSeq: 7, reason: "not-in-store" }];
    const declaration = { schemaVersion: 1, gateway: "gw-2", epoch: "e", lane: "samples", gaps };
    const posting = { gateway: "gw-2", token: "token-of-gateway-2" };
    expect(await post(bytes(declaration), posting, "gaps")).toMatchObject({ body: { mark: 7 } });
    expect(await get("/v1/gateways/gw-2/marks?epoch=e", headers)).toMatchObject({
      body: { marks: { samples: 7 } },
    });
  });
});

describe("reading", () => {
  test("on this machine everyone reads gateways, newest values, samples in pages, alarms", async () => {
    await post(bytes(batch()));
    await post(bytes(batch("gw-1", "events")));
    expect(await get("/v1/gateways")).toMatchObject({
      status: 200,
      body: [
        { id: "gw-1", marks: { samples: 40, events: 1 }, points: 4, activeAlarms: 1 },
        { id: "gw-2" },
      ],
    });
    expect(await get("/v1/latest?gateway=gw-1")).toMatchObject({
      body: [{ point: "room-0/temperature" }, {}, {}, {}],
    });
    expect(await get("/v1/alarms")).toMatchObject({
      body: [{ rule: "cold", state: "unacknowledged" }],
    });
    const at = Date.UTC(2026, 10, 20);
    const page = z.object({
      samples: z.array(z.object({ seq: z.number() })),
      next: z.string().optional(),
    });
    const seqs: number[] = [];
    let after = "";
    for (let turn = 0; turn < 10; turn += 1) {
      const path = `/v1/samples?gateway=gw-1&point=room-1/temperature&from=${at}&to=${at + 1e6}&limit=4`;
      const { samples, next } = page.parse((await get(`${path}${after}`)).body);
      seqs.push(...samples.map(({ seq }) => seq));
      if (next === undefined) break;
      after = `&after=${encodeURIComponent(next)}`;
    }
    expect(seqs).toEqual([2, 6, 10, 14, 18, 22, 26, 30, 34, 38]);
  });

  test("rejects, gaps, conflicts and epochs are on record, newest first, in pages", async () => {
    const gateway = "gw-3";
    await addGateway(database, gateway, "token-of-gateway-3");
    const posting = { gateway, token: "token-of-gateway-3" };
    const seen = new MemoryOutbox("epoch-3");
    const [sample] = someSamples(1);
    if (sample === undefined) throw new Error("no sample");
    seen.addSamples([sample, { ...sample, quality: "good", value: "nul\0" }, sample]);
    const of = { gateway, epoch: "epoch-3", lane: "samples", cursor: 0, rowsMax: 9 } as const;
    const portion = nextPortion(seen, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    await post(bytes(portion.batch), posting);
    const told = { schemaVersion: 2, gateway, epoch: "epoch-3", lane: "samples" };
    const reasons = ["corrupt", "not-in-store", "refused"];
    for (const [index, reason] of reasons.entries()) {
      const gaps = [{ firstSeq: 4 + index, lastSeq: 4 + index, reason }];
      await post(bytes({ ...told, gaps }), posting, "gaps");
    }
    // What the gateway says of the time of lost rows; whatever else stands there is no time.
    const lost = { lane: "samples", count: 1, firstSeq: 5, lastSeq: 5 };
    const bodies = [
      { ...lost, firstAt: 1_000, lastAt: 2_000 },
      { ...lost, firstAt: 500, lastAt: 1_500 },
      { ...lost, firstSeq: 4, lastSeq: 4, firstAt: "once", lastAt: null },
      { ...lost, lane: "events", firstSeq: 6, lastSeq: 6, firstAt: 1, lastAt: 2 },
    ];
    seen.addEvents(bodies.map((body) => ({ kind: "gap", at: 3_000, mono: 2_000, body })));
    const events = nextPortion(seen, { ...of, lane: "events" });
    if (events?.kind !== "batch") throw new Error("no batch of events");
    await post(bytes(events.batch), posting);
    const lanes = {
      events: { first: 1, last: 4, cursor: 4 },
      samples: { first: 1, last: 5_006, cursor: 6 },
    };
    const said = { schemaVersions: [2], gateway, lanes, sentAt: 1 };
    const ancestors = [{ epoch: "epoch-3", events: 4, samples: 6 }];
    await post(bytes({ ...said, epoch: "epoch-4", ancestors }), posting, "hello");
    await post(bytes({ ...said, epoch: "epoch-3" }), posting, "hello");
    const list = async (what: string) => (await get(`/v1/gateways/${gateway}/${what}`)).body;
    expect(await list("rejects")).toMatchObject({
      records: [
        { epoch: "epoch-3", lane: "samples", seq: 2, content: expect.stringContaining("nul") },
      ],
    });
    expect(await list("gaps?limit=2")).toMatchObject({
      records: [{ firstSeq: 6, reason: "refused", missing: 1 }, { firstSeq: 5 }],
      next: 2,
    });
    expect(await list("gaps?limit=2&offset=2")).toMatchObject({ records: [{ firstSeq: 4 }] });
    const timed = z.object({
      records: z.array(z.object({ from: z.number().optional(), to: z.number().optional() })),
    });
    expect(timed.parse(await list("gaps")).records).toEqual([{}, { from: 500, to: 2_000 }, {}]);
    expect(await list("conflicts")).toMatchObject({
      records: [{ lane: "epoch", ours: "epoch-4", theirs: "epoch-3", origin: "127.0.0.1" }],
    });
    expect(await list("epochs")).toMatchObject({
      records: [
        { number: 2, goesOnFrom: { epoch: "epoch-3", samples: 6 }, marks: { samples: 6 } },
        { number: 1, fencedAt: expect.any(Number) },
      ],
    });
    const rows = z.array(z.looseObject({ id: z.string() })).parse((await get("/v1/gateways")).body);
    expect(rows.find(({ id }) => id === gateway)).toMatchObject({
      records: { rejects: 1, gaps: 3, conflicts: 1 },
      backlog: { rows: 5_000 },
    });
    expect((await get(`/v1/gateways/${gateway}/gaps?limit=9999`)).status).toBe(400);
  });

  test("stock and movements of all gateways are read in pages", async () => {
    const stocked = new MemoryOutbox("epoch-s");
    const moved = (n: number): GatewayEvent => ({
      ...{ kind: "movement", at: n, mono: n },
      body: {
        ...{ id: `ni:///sha-256;${n}?ver=CBV2.0`, kind: "put", location: "shelf-1" },
        ...{ item: `item-${n}`, quantity: n, unit: "pcs", at: 1_000 * n },
      },
    });
    stocked.addEvents(Array.from({ length: 5 }, (_, n) => moved(n + 1)));
    const portion = nextPortion(stocked, {
      ...{ gateway: "gw-2", epoch: "epoch-s", lane: "events", cursor: 0, rowsMax: 5_000 },
    });
    if (portion?.kind !== "batch") throw new Error("no batch");
    const posting = { gateway: "gw-2", token: "token-of-gateway-2" };
    for (let turn = 0; turn < 2; turn += 1) await post(bytes(portion.batch), posting);
    const row = z.object({ item: z.string(), quantity: z.number() });
    const page = z.object({
      ...{ stock: z.array(row).optional(), movements: z.array(row).optional() },
      next: z.string().optional(),
    });
    const all = async (path: string, more: string) => {
      const found: number[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const answer = page.parse((await get(`${path}&limit=2${next}`)).body);
        found.push(...(answer.stock ?? answer.movements ?? []).map(({ quantity }) => quantity));
        next = answer.next === undefined ? undefined : `&${more}=${answer.next}`;
      }
      return found;
    };
    expect(await all("/v1/stock?gateway=gw-2", "after")).toEqual([1, 2, 3, 4, 5]);
    expect(await all("/v1/movements?gateway=gw-2", "before")).toEqual([5, 4, 3, 2, 1]);
    expect(await all("/v1/movements?item=item-3", "before")).toEqual([3]);
  });

  test("a page of another site that lets its name point here is refused", async () => {
    const status = await new Promise((resolve, reject) => {
      http
        .get(
          `${central.address}/v1/gateways`,
          { headers: { host: "evil.example" } },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
        .on("error", reject);
    });
    expect(status).toBe(403);
  });

  test("beyond this machine reading needs the operator's token, and without one set nobody reads", async () => {
    const readToken = "operators-token";
    const open = await start({ listen: "0.0.0.0:0", readToken });
    const closed = await start({ listen: "0.0.0.0:0" });
    try {
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
      expect((await get("/v1/gateways", {}, open)).status).toBe(401);
      expect((await get("/v1/gateways", bearer("operators-tokem"), open)).status).toBe(401);
      expect((await get("/v1/gateways", bearer(readToken), open)).status).toBe(200);
      expect((await get("/v1/gateways", bearer("token-of-gateway-1"), open)).status).toBe(401);
      expect((await get("/v1/gateways", bearer(readToken), closed)).status).toBe(401);
      expect((await get("/healthz", {}, closed)).status).toBe(200);
    } finally {
      await open.stop();
      await closed.stop();
    }
  });

  test("OpenAPI 3.1 names every address and what it answers", async () => {
    const { body } = await get("/openapi.json");
    const api = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
      .parse(body);
    expect(api.openapi).toMatch(/^3\.1/);
    expect(Object.keys(api.paths).sort()).toEqual([
      "/metrics",
      "/v1/alarms",
      "/v1/bundles",
      "/v1/enroll",
      "/v1/export/{view}",
      "/v1/fleet",
      "/v1/fleet/gateways",
      "/v1/gateways",
      "/v1/gateways/{id}",
      "/v1/gateways/{id}/audit-anchors",
      "/v1/gateways/{id}/batches",
      "/v1/gateways/{id}/certificate",
      "/v1/gateways/{id}/conflicts",
      "/v1/gateways/{id}/enrolment-codes",
      "/v1/gateways/{id}/epochs",
      "/v1/gateways/{id}/gaps",
      "/v1/gateways/{id}/hello",
      "/v1/gateways/{id}/identity",
      "/v1/gateways/{id}/marks",
      "/v1/gateways/{id}/rejects",
      "/v1/gateways/{id}/revoke",
      "/v1/gateways/{id}/snapshot",
      "/v1/identities",
      "/v1/latest",
      "/v1/movements",
      "/v1/samples",
      "/v1/stock",
    ]);
    expect(JSON.stringify(api)).toContain('"firstSeq"');
  });

  test("metrics count rows, and pages carry a content security policy", async () => {
    const response = await fetch(`${central.address}/metrics`);
    expect(await response.text()).toMatch(/rackwatch_central_rows_total [1-9]/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
  });

  test("nonsense in a question is 400, an unknown address 404", async () => {
    expect((await get("/v1/samples?gateway=gw-1")).status).toBe(400);
    expect((await get("/v1/samples?gateway=g&point=p/q&after=1_2_nothing")).status).toBe(200);
    expect((await get("/v1/samples?gateway=g&point=p/q&from=1e99")).status).toBe(400);
    for (const path of ["/v1/stock?after=x", "/v1/movements?before=x", "/v1/stock?limit=0"]) {
      expect((await get(path)).status).toBe(400);
    }
    expect(await get("/v2/gateways")).toMatchObject({ status: 404, body: { code: "not-found" } });
  });
});

describe("central without what it needs", () => {
  test("listens while its database is gone, says so once, and goes on when it is back", async () => {
    const { log, entries } = memoryLog();
    let broken = true;
    const openDatabase = async (): Promise<Database> => {
      if (broken)
        throw new RackwatchError("central/database", "gone", { where: "there", todo: "start it" });
      return shared();
    };
    const it = await start({ openDatabase, log });
    try {
      const headers = { authorization: "Bearer token-of-gateway-1" };
      const ask = () => get("/v1/gateways/gw-1/marks?epoch=epoch-1", headers, it);
      for (let turn = 0; turn < 3; turn += 1) {
        expect(await ask()).toMatchObject({
          status: 503,
          body: { code: "database", retryAfterMs: 2_000 },
        });
      }
      expect((await get("/healthz", {}, it)).status).toBe(503);
      expect(entries.filter(({ level }) => level === "error")).toHaveLength(1);
      broken = false;
      await expect.poll(async () => (await ask()).status, { timeout: 60_000 }).toBe(200);
      expect(entries.map(({ event }) => event)).toContain("database is back");
    } finally {
      await it.stop();
    }
  });

  test("a port that is taken is central/listen with what to do", async () => {
    const taken = new URL(central.address).host;
    await expect(start({ listen: taken })).rejects.toMatchObject({
      code: "central/listen",
      where: taken,
    });
  });

  test("a second central on the same folder is refused, and the first one's rows outlive it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "rackwatch-central-"));
    try {
      const first = await openPglite(dir);
      await expect(openPglite(dir)).rejects.toMatchObject({ code: "central/database" });
      await first.query("CREATE TABLE kept AS SELECT 7 AS n");
      await first[Symbol.asyncDispose]();
      const again = await openPglite(dir);
      expect(await again.query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
      await again[Symbol.asyncDispose]();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
