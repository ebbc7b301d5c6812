import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bodyDepthMax } from "../../cloud-sync/central/request-body.ts";
import { aHello, aSnapshot, HostileCentral, nextBatch } from "../support/hostile-central.ts";
import { alarmEvent, MemoryOutbox, someSamples, testClock } from "../support/memory-outbox.ts";

let central: HostileCentral;
beforeAll(async () => {
  central = await HostileCentral.open("gw", "other");
  await central.send("gw", "hello", aHello("gw", "e"));
}, 180_000);
afterAll(() => central[Symbol.asyncDispose]());

const outbox = new MemoryOutbox("e");
outbox.addSamples(someSamples(40));
outbox.addEvents([alarmEvent("cold", "unacknowledged")]);
const samples = nextBatch(outbox, "gw", "samples");
const events = nextBatch(outbox, "gw", "events");
const [block] = samples.blocks;
const clocked = (clock: object) => ({ ...samples, blocks: [{ ...block, clock }] });
const thin = (count: number, ...kept: readonly number[]) => ({
  ...samples,
  blocks: [{ ...aSnapshotBlock, thinned: { count, kept } }],
});
const aSnapshotBlock = { clock: testClock, columns: aSnapshot("gw", "e").columns };
const nested = (depth: number) =>
  JSON.stringify({ ...samples, blocks: [{ clock: testClock, columns: "@" }] }).replace(
    '"@"',
    `${'{"a":['.repeat(depth / 2)}1${"]}".repeat(depth / 2)}`,
  );
const manyAncestors = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ epoch: `x${n}`, events: 1, samples: 1 }));
const beyond = 2 ** 53;

const refused: readonly (readonly [
  name: string,
  path: string,
  body: unknown,
  said: object,
  headers?: Readonly<Record<string, string>>,
])[] = [
  [
    "rows of a future schema",
    "batches",
    { ...samples, schemaVersion: 3 },
    { code: "schema-version", message: expect.stringContaining("1, 2, this is 3") },
  ],
  [
    "a hello of the future only",
    "hello",
    aHello("gw", "f", { schemaVersions: [7, 8] }),
    { code: "schema-version", message: expect.stringContaining("7, 8") },
  ],
  [
    "a forged gateway in a batch",
    "batches",
    { ...samples, gateway: "other" },
    { status: 403, code: "forbidden" },
  ],
  [
    "a forged gateway in a hello",
    "hello",
    aHello("other", "e"),
    { status: 403, code: "forbidden" },
  ],
  [
    "a forged gateway in a snapshot",
    "snapshot",
    aSnapshot("other", "e"),
    { status: 403, code: "forbidden" },
  ],
  ["no token", "batches", samples, { status: 401, code: "unauthorized" }, { authorization: "" }],
  [
    "a wrong digest",
    "batches",
    samples,
    { code: "bad-digest" },
    { "content-digest": "sha-256=:AAAA:" },
  ],
  [
    "a digest that is none",
    "batches",
    samples,
    { code: "bad-digest" },
    { "content-digest": "@@,,=" },
  ],
  [
    "only a digest that nobody trusts",
    "batches",
    samples,
    { code: "bad-digest" },
    { "content-digest": "md5=:AAAA:" },
  ],
  [
    "brotli",
    "batches",
    brotliCompressSync(JSON.stringify(samples)),
    { code: "bad-request", message: expect.stringContaining("content-encoding br") },
    { "content-encoding": "br" },
  ],
  [
    "gzip that is plain",
    "batches",
    samples,
    { code: "bad-request", message: "the body is not gzip" },
    { "content-encoding": "gzip" },
  ],
  [
    "zstd that is gzip",
    "batches",
    gzipSync(JSON.stringify(samples)),
    { code: "bad-request", message: "the body is not zstd" },
    { "content-encoding": "zstd" },
  ],
  [
    "gzip in gzip",
    "batches",
    gzipSync(gzipSync(JSON.stringify(samples))),
    { code: "bad-request" },
    { "content-encoding": "gzip, gzip" },
  ],
  [
    "zstd that was cut",
    "batches",
    zstdCompressSync(JSON.stringify(samples)).subarray(0, 99),
    { code: "bad-request" },
    { "content-encoding": "zstd" },
  ],
  [
    "gzip with something behind it",
    "batches",
    Buffer.concat([gzipSync("{}"), Buffer.from("more")]),
    { code: "bad-request" },
    { "content-encoding": "gzip" },
  ],
  ["nothing", "batches", "", { code: "bad-request", message: "the body is not JSON" }],
  [
    "null",
    "batches",
    "null",
    { code: "bad-request", message: expect.stringMatching(/^the body: /) },
  ],
  ["JSON that was cut", "batches", JSON.stringify(samples).slice(0, 300), { code: "bad-request" }],
  [
    "bytes that are no UTF-8",
    "batches",
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    { code: "bad-request" },
  ],
  [
    "lists within lists",
    "batches",
    nested(30_000),
    { code: "bad-request", message: `lists and objects more than ${bodyDepthMax} deep` },
  ],
  [
    "four million brackets in some hundred bytes",
    "batches",
    zstdCompressSync(Buffer.alloc(4_000_000, "[")),
    { code: "bad-request", message: expect.stringContaining("deep") },
    { "content-encoding": "zstd" },
  ],
  [
    "NaN",
    "batches",
    JSON.stringify(samples).replace('"offsetMs":1000', '"offsetMs":NaN'),
    { code: "bad-request", message: "the body is not JSON" },
  ],
  [
    "more than a number can be",
    "batches",
    JSON.stringify(samples).replace('"offsetMs":1000', '"offsetMs":1e999'),
    { code: "bad-request", message: expect.stringContaining("blocks.0.clock.offsetMs") },
  ],
  [
    "a clock that no clock shows",
    "batches",
    clocked({ ...testClock, offsetMs: 1e300 }),
    { code: "bad-request", message: expect.stringContaining("blocks.0.clock.offsetMs") },
  ],
  [
    "NUL in a boot",
    "batches",
    clocked({ ...testClock, boot: "\0" }),
    {
      code: "bad-request",
      message: expect.stringContaining("blocks.0.clock.boot: a name with control characters"),
    },
  ],
  [
    "NUL in an epoch",
    "hello",
    aHello("gw", "e\0"),
    { code: "bad-request", message: expect.stringContaining("epoch") },
  ],
  ["half a character in an epoch", "hello", aHello("gw", "e\ud800"), { code: "bad-request" }],
  ["NUL in a machine", "hello", aHello("gw", "e", { machine: "\0" }), { code: "bad-request" }],
  [
    "an epoch of 100,000 characters",
    "hello",
    aHello("gw", "e".repeat(100_000)),
    { code: "bad-request" },
  ],
  [
    "10,000 ancestors",
    "hello",
    zstdCompressSync(JSON.stringify(aHello("gw", "x", { ancestors: manyAncestors(10_000) }))),
    { code: "bad-request", message: expect.stringContaining("ancestors") },
    { "content-encoding": "zstd" },
  ],
  [
    "an ancestor with less than nothing",
    "hello",
    aHello("gw", "x", { ancestors: [{ epoch: "e", events: -1, samples: 0 }] }),
    { code: "bad-request" },
  ],
  [
    "rows that run back",
    "batches",
    { ...samples, firstSeq: 40, lastSeq: 1 },
    { code: "bad-batch", message: expect.stringContaining("40 to 1") },
  ],
  ["a number below nothing", "batches", { ...samples, firstSeq: -1 }, { code: "bad-request" }],
  [
    "half a number",
    "batches",
    { ...samples, firstSeq: 1.5, lastSeq: 40.5 },
    { code: "bad-request" },
  ],
  [
    "numbers that JSON cannot tell apart",
    "batches",
    { ...samples, firstSeq: beyond, lastSeq: beyond + 39 },
    { code: "bad-request" },
  ],
  [
    "heads that JSON cannot tell apart",
    "hello",
    aHello("gw", "e", {
      lanes: {
        events: { first: 1, last: beyond, cursor: 0 },
        samples: { first: 1, last: 0, cursor: 0 },
      },
    }),
    { code: "bad-request" },
  ],
  [
    "rows far ahead",
    "batches",
    { ...samples, firstSeq: beyond - 40, lastSeq: beyond - 1 },
    { status: 409, code: "gap", mark: 0 },
  ],
  [
    "rows of an epoch that nobody announced",
    "batches",
    { ...samples, epoch: "__proto__", firstSeq: 2, lastSeq: 41 },
    { status: 409, code: "unknown-epoch" },
  ],
  [
    "places that fall",
    "batches",
    thin(40, 5, 3),
    { code: "bad-batch", message: expect.stringContaining("do not rise") },
  ],
  ["places that stand still", "batches", thin(40, 3, 3), { code: "bad-batch" }],
  [
    "more places than rows",
    "batches",
    thin(40, 1, 2, 3),
    { code: "bad-batch", message: "3 places were named for 2 rows" },
  ],
  ["a place behind the last", "batches", thin(40, 1, 40), { code: "bad-batch" }],
  ["fewer numbers than none", "batches", thin(-40, 1, 2), { code: "bad-request" }],
  [
    "thinned events",
    "batches",
    { ...events, blocks: events.blocks.map((it) => ({ ...it, thinned: { count: 1, kept: [0] } })) },
    { code: "bad-batch", message: "events are never thinned out" },
  ],
  ["events as samples", "batches", { ...events, lane: "samples" }, { code: "bad-batch" }],
  ["samples as events", "batches", { ...samples, lane: "events" }, { code: "bad-batch" }],
  [
    "events of another chain",
    "batches",
    { ...events, chain: { before: "0".repeat(64), after: "f".repeat(64) } },
    { code: "bad-batch", message: expect.stringContaining("chain") },
  ],
  [
    "a gap that runs back",
    "gaps",
    {
      schemaVersion: 2,
      gateway: "gw",
      epoch: "e",
      lane: "samples",
      gaps: [{ firstSeq: 5, lastSeq: 2, reason: "refused" }],
    },
    { mark: 0 },
  ],
  [
    "a gap behind a hole",
    "gaps",
    {
      schemaVersion: 2,
      gateway: "gw",
      epoch: "e",
      lane: "samples",
      gaps: [{ firstSeq: 9, lastSeq: 12, reason: "refused" }],
    },
    { status: 409, code: "gap", mark: 0 },
  ],
  [
    "a gap for a reason of its own",
    "gaps",
    {
      schemaVersion: 2,
      gateway: "gw",
      epoch: "e",
      lane: "samples",
      gaps: [{ firstSeq: 1, lastSeq: 2, reason: "no mood" }],
    },
    { code: "bad-request" },
  ],
  [
    "a snapshot of rows above its head",
    "snapshot",
    aSnapshot("gw", "e", { seqs: [39, 41] }),
    { code: "bad-batch", message: "a value of row 41, but the lane ends at 40" },
  ],
  [
    "a snapshot with fewer numbers than values",
    "snapshot",
    aSnapshot("gw", "e", { seqs: [40] }),
    { code: "bad-batch" },
  ],
  [
    "a snapshot without columns",
    "snapshot",
    aSnapshot("gw", "e", { seqs: [], columns: null }),
    { code: "bad-batch" },
  ],
];

test("what is forged, torn, bloated or senseless is refused by name, and nothing of it is stored", async () => {
  for (const [name, path, body, said, headers] of refused) {
    const answer = await central.send("gw", path, body, headers);
    expect.soft(answer, name).toMatchObject(said);
    expect.soft(answer.status, name).toBeGreaterThanOrEqual(400);
    expect.soft(answer.status, name).toBeLessThan(500);
    expect.soft(answer.message, name).not.toBe("");
  }
  expect(central.entries.filter(({ level }) => level === "error")).toEqual([]);
  expect(await central.get("/v1/latest?gateway=gw")).toEqual([]);
  expect(await central.send("gw", "batches", samples)).toMatchObject({ status: 200, mark: 40 });
  expect(await central.send("gw", "batches", events)).toMatchObject({ status: 200, mark: 1 });
});
