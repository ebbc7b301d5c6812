import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { syncText } from "../config/language/sync.ts";
import { CursorFile, cursorFileName } from "../gateway/store/cursor-file.ts";
import { readSyncStatus } from "../gateway/store/sync-status.ts";
import { jsonOf } from "../tests/support/faulty-central.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { MemoryOutbox, someEvents, someSamples } from "../tests/support/memory-outbox.ts";
import { Agent } from "./agent.ts";
import { backoffMs, backoffMsMax, backoffMsMin, slowMs } from "./backoff.ts";
import { Progress } from "./progress.ts";
import {
  type Ack,
  type GapDeclaration,
  type Hello,
  type Snapshot,
  snapshotSchema,
  type Welcome,
} from "./protocol.ts";
import { UplinkError, type UplinkErrorFields } from "./uplinks/uplink.ts";

const head = z.object({
  schemaVersion: z.number(),
  lane: z.enum(["events", "samples"]),
  firstSeq: z.number(),
  lastSeq: z.number(),
});
const signal = new AbortController().signal;

// Thousands of steps, each of which writes a file, on a machine that does other things as well.
vi.setConfig({ testTimeout: 60_000 });
let dir = "";
let progress: Progress;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-agent-"));
  progress = new Progress(dir, syncText.en);
});
afterEach(() => {
  progress[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** Central as a list of what it was sent, which answers as it is told to. */
function rig(
  answer: (batch: z.infer<typeof head>, turn: number) => UplinkError | undefined = () => undefined,
) {
  const outbox = new MemoryOutbox();
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const sent: string[] = [];
  const gaps: GapDeclaration["gaps"] = [];
  const marks = { events: 0, samples: 0 };
  const common = { serverTime: 0 };
  const hellos: Hello[] = [];
  const snapshots: Snapshot[] = [];
  const versions = new Set<number>();
  const state: State = {
    ...{ turn: 0, greet: undefined, snapshot: undefined, tookMs: 0, generation: "g" },
    ack: (it) => it,
    welcome: (it) => it,
  };
  const ack = (lane: Ack["lane"]): Ack => ({
    epoch: outbox.epoch,
    lane,
    mark: marks[lane],
    rejected: [],
    generation: state.generation,
    ...common,
  });
  const agent = new Agent({
    gatewayId: "gw-1",
    outbox,
    progress,
    clock,
    log,
    text: syncText.en,
    random: () => 0.5,
    uplink: {
      async hello(hello) {
        hellos.push(hello);
        if (state.greet !== undefined) throw state.greet;
        return state.welcome({
          schemaVersion: 2,
          epoch: hello.epoch,
          marks: { ...marks },
          limits: { rowsMax: 5_000, bytesMax: 8_000_000, compressedBytesMax: 256_000 },
          generation: state.generation,
          ...common,
        });
      },
      async marks(epoch) {
        return { epoch, marks: { ...marks }, generation: state.generation, ...common };
      },
      async snapshot({ body }) {
        if (state.snapshot !== undefined) throw state.snapshot;
        const snapshot = snapshotSchema.parse(jsonOf(Buffer.from(body)));
        snapshots.push(snapshot);
        sent.push(`snapshot ${snapshot.heads.samples}${snapshot.whole ? " whole" : ""}`);
        return { generation: state.generation, ...common };
      },
      async push({ body }) {
        const batch = head.parse(jsonOf(Buffer.from(body)));
        state.turn += 1;
        versions.add(batch.schemaVersion);
        if (state.tookMs > 0) await clock.advance(state.tookMs);
        const refusal = answer(batch, state.turn);
        if (refusal !== undefined) throw refusal;
        sent.push(`${batch.lane} ${batch.firstSeq}-${batch.lastSeq}`);
        marks[batch.lane] = Math.max(marks[batch.lane], batch.lastSeq);
        return state.ack(ack(batch.lane));
      },
      async declare(declaration) {
        gaps.push(...declaration.gaps);
        marks[declaration.lane] = Math.max(...declaration.gaps.map(({ lastSeq }) => lastSeq));
        return ack(declaration.lane);
      },
    },
  });
  return { agent, outbox, clock, entries, sent, gaps, marks, state, hellos, snapshots, versions };
}

interface State {
  turn: number;
  greet: UplinkError | undefined;
  snapshot: UplinkError | undefined;
  /** How long a batch is under way. */
  tookMs: number;
  generation: string;
  ack: (ack: Ack) => Ack;
  welcome: (welcome: Welcome) => Welcome;
}

async function settle(agent: Agent, steps = 100): Promise<void> {
  for (let step = 0; step < steps && !agent.drained; step += 1) await agent.step(signal);
}

/** So many waits after failures; a hello between them is none. */
async function waitsOf(agent: Agent, count: number): Promise<number[]> {
  const waits: number[] = [];
  while (waits.length < count) {
    const waitMs = await agent.step(signal);
    if (waitMs > 0) waits.push(waitMs);
  }
  return waits;
}

/** Rows that are taken now: nothing of them is history. */
const fresh = (count: number) => someSamples(count, new ManualClock().now());

/** Rows of some weeks before: history that must be caught up. */
const old = (count: number) => someSamples(count, Date.UTC(2025, 10, 20));

const refusal = (code: UplinkError["code"], fields: UplinkErrorFields = {}) =>
  new UplinkError(code, code, { where: "central", todo: "do it", ...fields });

test("events go before samples, also those that come while samples are being caught up", async () => {
  const { agent, outbox, sent } = rig();
  outbox.addSamples(fresh(12_000));
  outbox.addEvents(someEvents(2));
  await agent.step(signal);
  await agent.step(signal);
  await agent.step(signal);
  outbox.addEvents(someEvents(1));
  await settle(agent);
  expect(sent).toEqual([
    "events 1-2",
    "samples 1-5000",
    "events 3-3",
    "samples 5001-10000",
    "samples 10001-12000",
  ]);
});

test("the gateway reads cursor, contact and problem from the agent's file", async () => {
  const { agent, outbox, clock, state } = rig();
  outbox.addSamples(fresh(3));
  await settle(agent);
  using cursors = new CursorFile(dir);
  expect(cursors.read("samples", outbox.epoch)).toBe(3);
  expect(readSyncStatus(dir)).toMatchObject({ lastContactAt: clock.now() });
  state.greet = refusal("sync/unauthorized");
  await clock.advance(61_000);
  await agent.step(signal);
  expect(readSyncStatus(dir)?.problem).toEqual({
    code: "sync/unauthorized",
    message: "sync/unauthorized",
    where: "central",
    todo: "do it",
    since: clock.now(),
  });
});

test("a problem is logged once, not each retry, and so is its end", async () => {
  let broken = true;
  const { agent, outbox, entries } = rig(() => (broken ? refusal("sync/unreachable") : undefined));
  outbox.addSamples(fresh(3));
  for (let step = 0; step < 10; step += 1) await agent.step(signal);
  broken = false;
  await settle(agent);
  expect(entries.map(({ event }) => event)).toEqual(["sync problem", "central answers again"]);
});

test("waits grow to five minutes, obey Retry-After, and are slow where only a person can help", async () => {
  let answer = refusal("sync/unreachable");
  const { agent, outbox } = rig(() => answer);
  outbox.addSamples(fresh(3));
  const waits = await waitsOf(agent, 12);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBe(1_500);
  expect(waits.at(-1)).toBe(150_500);
  answer = refusal("sync/busy", { retryAfterMs: 600_000 });
  expect((await waitsOf(agent, 1))[0]).toBeGreaterThanOrEqual(600_000);
  answer = refusal("sync/unauthorized");
  expect(await waitsOf(agent, 1)).toEqual([slowMs(0.5)]);
});

test("back-off stays within its limits for every number of failures", () => {
  for (let failures = 1; failures < 2_000; failures += 1) {
    expect(backoffMs(failures, 0)).toBe(backoffMsMin);
    expect(backoffMs(failures, 0.999999)).toBeLessThanOrEqual(backoffMsMax);
  }
});

test("413 halves the batch until it passes, and it grows again", async () => {
  const { agent, outbox, sent } = rig(({ firstSeq, lastSeq }) =>
    lastSeq - firstSeq >= 1_500 ? refusal("sync/too-large") : undefined,
  );
  outbox.addSamples(fresh(5_000));
  await settle(agent);
  expect(sent).toEqual([
    "samples 1-1250",
    "samples 1251-2500",
    "samples 2501-3750",
    "samples 3751-5000",
  ]);
});

test("one poisoned row is found by halving and set aside on record, the others arrive", async () => {
  const { agent, outbox, sent, gaps, entries } = rig(({ firstSeq, lastSeq }) =>
    firstSeq <= 37 && lastSeq >= 37 ? refusal("sync/refused", { badRows: true }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 37, lastSeq: 37, reason: "refused" }]);
  expect(sent.at(0)).toMatch(/^samples 1-/);
  expect(sent.at(-1)).toMatch(/-100$/);
  expect(entries.map(({ event }) => event)).toContain("row set aside");
});

test("a central that refuses everything does not empty the lane: after ten rows the agent stops and shows it", async () => {
  const { agent, outbox, gaps } = rig(() => refusal("sync/refused", { badRows: true }));
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toHaveLength(10);
  expect(readSyncStatus(dir)?.problem?.code).toBe("sync/refused");
});

test("a damaged chunk is set aside and declared, what is around it arrives", async () => {
  const { agent, outbox, sent, gaps, entries } = rig();
  for (let chunk = 0; chunk < 3; chunk += 1) outbox.addSamples(fresh(10));
  outbox.damage("samples", 15);
  await settle(agent);
  expect(sent).toEqual(["samples 1-10", "samples 21-30"]);
  expect(gaps).toEqual([{ firstSeq: 11, lastSeq: 20, reason: "corrupt" }]);
  expect(entries.map(({ event }) => event)).toEqual(["gap declared", "chunk set aside"]);
});

test("central restored from a backup gets again what is still there, the rest is declared as a gap", async () => {
  const { agent, outbox, clock, sent, gaps, marks } = rig();
  for (let chunk = 0; chunk < 4; chunk += 1) outbox.addSamples(fresh(10));
  await settle(agent);
  outbox.prune("samples", 20);
  marks.samples = 5;
  await clock.advance(61_000);
  await agent.step(signal);
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 6, lastSeq: 20, reason: "not-in-store" }]);
  expect(sent.at(-1)).toBe("samples 21-40");
});

test("a central that has more than was ever written here is a conflict, and the cursor stays", async () => {
  const { agent, outbox, marks } = rig();
  outbox.addSamples(fresh(5));
  marks.samples = 9;
  expect(await agent.step(signal)).toBe(slowMs(0.5));
  expect(progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(readSyncStatus(dir)?.problem?.code).toBe("sync/conflict");
});

test("an agent file that is not a database is begun anew, and central says where it stands", async () => {
  const { agent, outbox, sent } = rig();
  outbox.addSamples(fresh(5));
  await settle(agent);
  progress[Symbol.dispose]();
  const file = join(dir, cursorFileName);
  expect(dirname(file)).not.toBe(dir);
  writeFileSync(file, "this is no database".repeat(1_000));
  progress = new Progress(dir, syncText.en);
  expect(progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(sent).toHaveLength(1);
});

test("while the gateway has no database the agent says so and waits", async () => {
  const { agent, outbox } = rig();
  outbox.epoch = "";
  expect(await agent.step(signal)).toBeGreaterThanOrEqual(1_000);
  expect(readSyncStatus(dir)?.problem).toMatchObject({ code: "store/io" });
});

/** Steps until so many things were sent, or so many steps. */
async function untilSent(agent: Agent, sent: readonly string[], count: number): Promise<void> {
  for (let step = 0; step < 100 && sent.length < count; step += 1) await agent.step(signal);
}

test("the hello says where the lanes stand, which machine it is and when the gateway last wrote", async () => {
  const { agent, outbox, clock, hellos } = rig();
  outbox.addSamples(fresh(7));
  outbox.renew("epoch-2");
  outbox.fingerprint = "machine-1";
  outbox.wroteAt = 123;
  progress.moveCursor("samples", "epoch-2", 3, 0);
  await agent.step(signal);
  expect(hellos).toEqual([
    {
      schemaVersions: [1, 2],
      gateway: "gw-1",
      epoch: "epoch-2",
      ancestors: [{ epoch: "epoch-1", events: 0, samples: 7 }],
      machine: "machine-1",
      lanes: {
        events: { first: 1, last: 0, cursor: 0 },
        samples: { first: 1, last: 7, cursor: 3 },
      },
      sentAt: clock.now(),
      aliveAt: 123,
    },
  ]);
});

test("a heartbeat goes every minute, idle or busy, and a new epoch is greeted at once", async () => {
  const { agent, outbox, clock, hellos, state } = rig();
  await settle(agent);
  await clock.advance(59_000);
  await agent.step(signal);
  expect(hellos).toHaveLength(1);
  await clock.advance(1_000);
  await agent.step(signal);
  expect(hellos).toHaveLength(2);
  state.tookMs = 9_000;
  for (let batch = 0; batch < 9; batch += 1) {
    outbox.addSamples(fresh(10));
    await settle(agent);
  }
  expect(hellos).toHaveLength(3);
  outbox.reborn("epoch-2");
  await agent.step(signal);
  expect(hellos.at(-1)?.epoch).toBe("epoch-2");
});

test("after any failure central is greeted first, and what it has meanwhile is not sent again", async () => {
  let lost = true;
  const world = rig(() => (lost ? refusal("sync/unreachable") : undefined));
  const { agent, outbox, sent, hellos, marks } = world;
  outbox.addSamples(fresh(10));
  await agent.step(signal);
  await agent.step(signal);
  lost = false;
  // The reply was lost, not the batch.
  marks.samples = 10;
  outbox.addSamples(fresh(2));
  await settle(agent);
  expect(hellos).toHaveLength(2);
  expect(sent).toEqual(["samples 11-12"]);
});

test("an older central that knows no hello is asked for its marks, and gets version 1", async () => {
  const { agent, outbox, sent, gaps, snapshots, versions, state } = rig();
  state.greet = refusal("sync/not-central", { status: 404 });
  outbox.addSamples(old(10));
  outbox.thin(1, 4);
  outbox.addSamples(old(3));
  await settle(agent);
  expect([...versions]).toEqual([1]);
  expect(sent).toEqual(["samples 1-1", "samples 5-5", "samples 9-9", "samples 11-13"]);
  expect(gaps.map((it) => `${it.firstSeq}-${it.lastSeq} ${it.reason}`)).toEqual([
    "2-4 not-in-store",
    "6-8 not-in-store",
    "10-10 not-in-store",
  ]);
  expect(snapshots).toEqual([]);
});

test("thinned rows travel in one batch with their places, whatever its borders are", async () => {
  const { agent, outbox, sent, gaps, state } = rig();
  outbox.addSamples(fresh(40));
  outbox.thin(1, 4);
  outbox.addSamples(fresh(10));
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 18 } });
  await settle(agent);
  expect(sent).toEqual(["samples 1-18", "samples 19-36", "samples 37-40", "samples 41-50"]);
  expect(gaps).toEqual([]);
});

test("numbers of which thinning left no row are a gap of that reason", async () => {
  const { agent, outbox, sent, gaps, marks } = rig();
  outbox.addSamples(fresh(30));
  outbox.thin(1, 20);
  outbox.addSamples(fresh(2));
  marks.samples = 21;
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 22, lastSeq: 30, reason: "thinned" }]);
  expect(sent).toEqual(["samples 31-32"]);
});

test("what is true now goes first after an outage, and every two seconds while history drains", async () => {
  const { agent, outbox, clock, sent, snapshots, state } = rig();
  outbox.addSamples(old(40_000));
  outbox.addEvents(someEvents(1));
  outbox.alarms.set("warm", savedAlarm("warm"));
  outbox.alarms.set("calm", savedAlarm("calm", { active: false, acknowledged: true }));
  state.tookMs = 900;
  await untilSent(agent, sent, 6);
  expect(sent).toEqual([
    "snapshot 40000 whole",
    "events 1-1",
    "samples 1-5000",
    "samples 5001-10000",
    "samples 10001-15000",
    "samples 15001-20000",
  ]);
  const [first] = snapshots;
  expect(first).toMatchObject({
    heads: { events: 1, samples: 40_000 },
    seqs: [39_997, 39_998, 39_999, 40_000],
    takenAt: new ManualClock().now(),
    whole: true,
  });
  expect(first?.alarms.map(({ rule, alarm, state: now }) => [rule, alarm, now])).toEqual([
    ["warm", "warm#1", "unacknowledged"],
  ]);
  outbox.addSamples(fresh(2));
  outbox.alarms.set("warm", savedAlarm("warm", { active: false, acknowledged: true }));
  await untilSent(agent, sent, 9);
  expect(sent.slice(6)).toContain("snapshot 40002");
  expect(snapshots[1]?.seqs).toEqual([40_001, 40_002]);
  expect(snapshots[1]?.alarms.map(({ rule, state: now }) => [rule, now])).toEqual([
    ["warm", "normal"],
  ]);
  await settle(agent);
  const count = snapshots.length;
  await clock.advance(10_000);
  await agent.step(signal);
  expect(snapshots).toHaveLength(count);
});

test("a database that becomes another one while a snapshot is taken is not told as if all were normal", async () => {
  const { agent, outbox, snapshots } = rig();
  outbox.addSamples(old(10));
  outbox.alarms.set("warm", savedAlarm("warm"));
  await agent.step(signal);
  const take = outbox.snapshot.bind(outbox);
  outbox.snapshot = () => {
    outbox.reborn("epoch-2");
    outbox.snapshot = take;
    return { heads: { events: 0, samples: 0 }, samples: [], alarms: new Map() };
  };
  await agent.step(signal);
  expect(snapshots).toEqual([]);
  await settle(agent);
  expect(snapshots.every(({ epoch }) => epoch === "epoch-2")).toBe(true);
});

test("a short cut brings no snapshot, one of more than ten seconds does", async () => {
  let cut = false;
  const world = rig(() => (cut ? refusal("sync/unreachable") : undefined));
  const { agent, outbox, clock, sent, state } = world;
  outbox.addSamples(fresh(1));
  await settle(agent);
  for (const seconds of [5, 15]) {
    cut = true;
    state.greet = refusal("sync/unreachable");
    outbox.addSamples(fresh(1));
    await waitsOf(agent, 1);
    await clock.advance(seconds * 1_000);
    cut = false;
    state.greet = undefined;
    await settle(agent);
  }
  expect(sent).toEqual(["samples 1-1", "samples 2-2", "snapshot 3 whole", "samples 3-3"]);
});

test("a snapshot that is refused is said once and blocks nothing", async () => {
  const { agent, outbox, sent, entries, state } = rig();
  state.snapshot = refusal("sync/refused", { status: 400, refusal: "bad-request" });
  state.tookMs = 3_000;
  outbox.addSamples(old(20_000));
  await settle(agent);
  expect(sent.at(-1)).toMatch(/-20000$/);
  expect(entries.filter(({ event }) => event === "snapshot refused")).toHaveLength(1);
});

test("events that never end let samples through after eight batches", async () => {
  const { agent, outbox, sent, state } = rig();
  outbox.addSamples(fresh(1));
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 10 } });
  outbox.addEvents(someEvents(100));
  await untilSent(agent, sent, 10);
  const went = sent.map((it) => it.split(" ")[0]);
  expect(went).toEqual([...Array.from({ length: 8 }, () => "events"), "samples", "events"]);
});

test("an alarm during a full-rate backfill waits for no more than the request under way", async () => {
  const { agent, outbox, clock, sent, state } = rig();
  state.tookMs = 1_900;
  outbox.addSamples(old(100_000));
  await untilSent(agent, sent, 6);
  const before = clock.now();
  outbox.addEvents(someEvents(1));
  const count = sent.length;
  await untilSent(agent, sent, count + 1);
  expect(sent.at(-1)).toBe("events 1-1");
  expect(clock.now() - before).toBeLessThan(2_000);
});

test("old samples come as fast as central asked for, live ones and events are not held up", async () => {
  const { agent, outbox, clock, sent, state } = rig();
  state.welcome = (it) => ({ ...it, backlog: { rowsPerSecond: 100 } });
  outbox.addSamples(old(1_000));
  const began = clock.now();
  while (!agent.drained) {
    const waitMs = await agent.step(signal);
    if (sent.length === 4) outbox.addEvents(someEvents(1));
    if (waitMs > 0) await clock.advance(waitMs);
  }
  expect(clock.now() - began).toBeGreaterThanOrEqual(8_000);
  expect(clock.now() - began).toBeLessThan(12_000);
  expect(sent.filter((it) => it.startsWith("samples"))).toHaveLength(5);
  expect(sent.findIndex((it) => it.startsWith("events"))).toBeLessThan(7);
});

test("batches grow to central's limit while they are quick, and shrink on a slow link", async () => {
  const { agent, outbox, sent, state } = rig();
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 20_000 } });
  outbox.addSamples(fresh(40_000));
  await settle(agent);
  expect(sent.map(sizeOf)).toEqual([5_000, 5_000, 10_000, 10_000, 10_000]);
  sent.length = 0;
  state.tookMs = 2_500;
  outbox.addSamples(fresh(60_000));
  await settle(agent);
  const sizes = sent.filter((it) => it.startsWith("samples")).map(sizeOf);
  expect(sizes.slice(0, 6)).toEqual([20_000, 10_000, 5_000, 2_500, 1_250, 625]);
  expect(sizes.filter((it) => it === 500).length).toBeGreaterThan(10);
});

function sizeOf(it: string): number {
  const [, from = 0, to = 0] = /(\d+)-(\d+)$/.exec(it)?.map(Number) ?? [];
  return to - from + 1;
}

test("a batch that arrives damaged is sent again as it was", async () => {
  const { agent, outbox, sent } = rig((_, turn) =>
    turn <= 3 ? refusal("sync/unreachable", { status: 400, refusal: "bad-digest" }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent);
  expect(sent).toEqual(["samples 1-100"]);
});

test("a batch over which central fails again and again is searched for the row, the others arrive", async () => {
  const { agent, outbox, sent, gaps } = rig(({ lane, firstSeq, lastSeq }) =>
    lane === "samples" && firstSeq <= 37 && lastSeq >= 37
      ? refusal("sync/server-error", { status: 500, refusal: "internal" })
      : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toEqual([{ firstSeq: 37, lastSeq: 37, reason: "refused" }]);
  expect(sent.at(-1)).toMatch(/-100$/);
});

test("a central that fails over everything loses ten rows at most", async () => {
  const { agent, outbox, gaps } = rig(() =>
    refusal("sync/server-error", { status: 500, refusal: "internal" }),
  );
  outbox.addSamples(fresh(20));
  await settle(agent, 400);
  expect(gaps).toHaveLength(10);
});

test("a failure of a proxy is none of the batch: nothing is cut", async () => {
  const { agent, outbox, gaps, sent } = rig((_, turn) =>
    turn <= 30 ? refusal("sync/server-error", { status: 502 }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toEqual([]);
  expect(sent).toEqual(["samples 1-100"]);
});

test("replies to another request change nothing, and central is asked where it stands", async () => {
  const strays: ((ack: Ack) => Ack)[] = [
    (it) => ({ ...it, lane: "events" }),
    (it) => ({ ...it, epoch: "epoch-0" }),
    (it) => ({ ...it, mark: 1_101 }),
    (it) => ({ ...it, mark: 50 }),
  ];
  for (const stray of strays) {
    const { agent, outbox, state, hellos } = rig();
    const epoch = `epoch-${strays.indexOf(stray) + 10}`;
    outbox.epoch = epoch;
    outbox.addSamples(fresh(100));
    await settle(agent);
    outbox.addSamples(fresh(1_000));
    state.ack = (ack) => {
      state.ack = (it) => it;
      return stray(ack);
    };
    await agent.step(signal);
    expect(progress.cursor("samples", epoch)).toBe(100);
    await settle(agent);
    expect(progress.cursor("samples", epoch)).toBe(1_100);
    expect(hellos).toHaveLength(2);
  }
});

test("a hello's reply about another epoch changes nothing", async () => {
  const { agent, outbox, state } = rig();
  outbox.addSamples(fresh(100));
  state.welcome = (it) => ({ ...it, epoch: "epoch-0", marks: { events: 0, samples: 90 } });
  await waitsOf(agent, 1);
  expect(progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(readSyncStatus(dir)?.problem?.code).toBe("sync/not-central");
});

test("a restored central that asks for a hello gets one at once", async () => {
  const { agent, outbox, sent, hellos } = rig((_, turn) =>
    turn === 1 ? refusal("sync/refused", { status: 409, refusal: "unknown-epoch" }) : undefined,
  );
  outbox.addSamples(fresh(10));
  const waits: number[] = [];
  for (let step = 0; step < 4; step += 1) waits.push(await agent.step(signal));
  expect(waits).toEqual([0, 0, 0, 0]);
  expect(hellos).toHaveLength(2);
  expect(sent).toEqual(["samples 1-10"]);
});

test("another generation of central's database is asked for its marks at once", async () => {
  const { agent, outbox, state, hellos } = rig();
  outbox.addSamples(fresh(1));
  await settle(agent);
  state.generation = "h";
  outbox.addSamples(fresh(1));
  await settle(agent);
  expect(hellos).toHaveLength(2);
});

test("the next batch is ready when a request ends, and is thrown away when it no longer fits", async () => {
  const { agent, outbox, sent, marks, clock } = rig();
  outbox.addSamples(fresh(20_000));
  await untilSent(agent, sent, 1);
  const reads = outbox.read.bind(outbox);
  let read = 0;
  outbox.read = (lane, after, rows) => {
    read += 1;
    return reads(lane, after, rows);
  };
  await untilSent(agent, sent, 2);
  // One read for the batch after this one, none for this one.
  expect(read).toBe(1);
  // Central was restored: behind; then it has more than it said: ahead.
  marks.samples = 2_000;
  await clock.advance(60_000);
  await untilSent(agent, sent, 3);
  expect(sent.at(-1)).toBe("samples 2001-5000");
  await untilSent(agent, sent, 4);
  marks.samples = 12_000;
  await clock.advance(60_000);
  await untilSent(agent, sent, 5);
  expect(sent.slice(3)).toEqual(["samples 5001-10000", "samples 12001-15000"]);
});

test("a batch over the bytes that central takes is cut before it is sent", async () => {
  const { agent, outbox, sent, state } = rig();
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, bytesMax: 3_000 } });
  outbox.addEvents(someEvents(64));
  await settle(agent);
  expect(sent[0]).toBe("events 1-32");
  expect(sent.at(-1)).toMatch(/-64$/);
});

test("the agent's figures are in its file for whoever shows them", async () => {
  let turn = 0;
  const { agent, outbox, clock, state } = rig(() => {
    turn += 1;
    return turn === 2 ? refusal("sync/busy") : undefined;
  });
  state.tookMs = 4_000;
  outbox.addSamples(old(30_000));
  outbox.addEvents(someEvents(1));
  await settle(agent, 20);
  await clock.advance(60_000);
  await agent.step(signal);
  const { figures } = readSyncStatus(dir) ?? {};
  expect(figures).toMatchObject({
    schemaVersion: 2,
    helloAt: clock.now(),
    rows: { events: 1 },
    failures: { "sync/busy": 1 },
    requestMs: 4_000,
  });
  expect(figures?.rowsPerSecond).toBeGreaterThan(0);
  expect(figures?.etaMs).toBeGreaterThan(0);
  expect(figures?.behindMs).toBeGreaterThan(86_400_000);
  expect((figures?.rows.samples ?? 0) + (figures?.backlog.samples ?? 0)).toBe(30_000);
});

function savedAlarm(rule: string, more: object = {}) {
  return {
    version: 2,
    occurrence: 1,
    active: true,
    acknowledged: false,
    latched: false,
    priority: "high",
    message: `${rule} is too warm`,
    raisedAt: 1,
    since: 1,
    timing: {},
    boot: "b",
    mono: 1,
    at: 1,
    synchronized: true,
    ...more,
  };
}
