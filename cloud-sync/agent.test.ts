import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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
import type { Ack, GapDeclaration } from "./protocol.ts";
import { UplinkError, type UplinkErrorFields } from "./uplinks/uplink.ts";

const head = z.object({
  lane: z.enum(["events", "samples"]),
  firstSeq: z.number(),
  lastSeq: z.number(),
});
const signal = new AbortController().signal;
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
  const common = { generation: "g", serverTime: 0 };
  const state = { turn: 0, greet: undefined as UplinkError | undefined };
  const ack = (lane: Ack["lane"]): Ack => ({
    epoch: outbox.epoch,
    lane,
    mark: marks[lane],
    rejected: [],
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
      async marks(epoch) {
        if (state.greet !== undefined) throw state.greet;
        return { epoch, marks: { ...marks }, ...common };
      },
      async push({ body }) {
        const batch = head.parse(jsonOf(Buffer.from(body)));
        state.turn += 1;
        const refusal = answer(batch, state.turn);
        if (refusal !== undefined) throw refusal;
        sent.push(`${batch.lane} ${batch.firstSeq}-${batch.lastSeq}`);
        marks[batch.lane] = batch.lastSeq;
        return ack(batch.lane);
      },
      async declare(declaration) {
        gaps.push(...declaration.gaps);
        marks[declaration.lane] = Math.max(...declaration.gaps.map(({ lastSeq }) => lastSeq));
        return ack(declaration.lane);
      },
    },
  });
  return { agent, outbox, clock, entries, sent, gaps, marks, state };
}

async function settle(agent: Agent, steps = 100): Promise<void> {
  for (let step = 0; step < steps && !agent.drained; step += 1) await agent.step(signal);
}

const refusal = (code: UplinkError["code"], fields: UplinkErrorFields = {}) =>
  new UplinkError(code, code, { where: "central", todo: "do it", ...fields });

test("events go before samples, also those that come while samples are being caught up", async () => {
  const { agent, outbox, sent } = rig();
  outbox.addSamples(someSamples(12_000));
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
  outbox.addSamples(someSamples(3));
  await settle(agent);
  using cursors = new CursorFile(dir);
  expect(cursors.read("samples", outbox.epoch)).toBe(3);
  expect(readSyncStatus(dir)).toEqual({ lastContactAt: clock.now() });
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
  outbox.addSamples(someSamples(3));
  for (let step = 0; step < 10; step += 1) await agent.step(signal);
  broken = false;
  await settle(agent);
  expect(entries.map(({ event }) => event)).toEqual(["sync problem", "central answers again"]);
});

test("waits grow to five minutes, obey Retry-After, and are slow where only a person can help", async () => {
  let answer = refusal("sync/unreachable");
  const { agent, outbox } = rig(() => answer);
  outbox.addSamples(someSamples(3));
  await agent.step(signal);
  const waits: number[] = [];
  for (let step = 0; step < 12; step += 1) waits.push(await agent.step(signal));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBe(1_500);
  expect(waits.at(-1)).toBe(150_500);
  answer = refusal("sync/busy", { retryAfterMs: 600_000 });
  expect(await agent.step(signal)).toBeGreaterThanOrEqual(600_000);
  answer = refusal("sync/unauthorized");
  expect(await agent.step(signal)).toBe(slowMs(0.5));
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
  outbox.addSamples(someSamples(5_000));
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
  outbox.addSamples(someSamples(100));
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 37, lastSeq: 37, reason: "refused" }]);
  expect(sent.at(0)).toMatch(/^samples 1-/);
  expect(sent.at(-1)).toMatch(/-100$/);
  expect(entries.map(({ event }) => event)).toContain("row set aside");
});

test("a central that refuses everything does not empty the lane: after ten rows the agent stops and shows it", async () => {
  const { agent, outbox, gaps } = rig(() => refusal("sync/refused", { badRows: true }));
  outbox.addSamples(someSamples(100));
  await settle(agent, 300);
  expect(gaps).toHaveLength(10);
  expect(readSyncStatus(dir)?.problem?.code).toBe("sync/refused");
});

test("a damaged chunk is set aside and declared, what is around it arrives", async () => {
  const { agent, outbox, sent, gaps, entries } = rig();
  for (let chunk = 0; chunk < 3; chunk += 1) outbox.addSamples(someSamples(10));
  outbox.damage("samples", 15);
  await settle(agent);
  expect(sent).toEqual(["samples 1-10", "samples 21-30"]);
  expect(gaps).toEqual([{ firstSeq: 11, lastSeq: 20, reason: "corrupt" }]);
  expect(entries.map(({ event }) => event)).toEqual(["gap declared", "chunk set aside"]);
});

test("central restored from a backup gets again what is still there, the rest is declared as a gap", async () => {
  const { agent, outbox, clock, sent, gaps, marks } = rig();
  for (let chunk = 0; chunk < 4; chunk += 1) outbox.addSamples(someSamples(10));
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
  outbox.addSamples(someSamples(5));
  marks.samples = 9;
  expect(await agent.step(signal)).toBe(slowMs(0.5));
  expect(progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(readSyncStatus(dir)?.problem?.code).toBe("sync/conflict");
});

test("an agent file that is not a database is begun anew, and central says where it stands", async () => {
  const { agent, outbox, sent } = rig();
  outbox.addSamples(someSamples(5));
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
