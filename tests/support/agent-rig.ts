import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";
import { z } from "zod";
import { Agent } from "../../cloud-sync/agent.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import {
  type Ack,
  type GapDeclaration,
  type Hello,
  type Snapshot,
  snapshotSchema,
  type Welcome,
} from "../../cloud-sync/protocol.ts";
import { UplinkError, type UplinkErrorFields } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { jsonOf } from "./faulty-central.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";
import { MemoryOutbox, someSamples } from "./memory-outbox.ts";

const head = z.object({
  schemaVersion: z.number(),
  lane: z.enum(["events", "samples"]),
  firstSeq: z.number(),
  lastSeq: z.number(),
});
type Head = z.infer<typeof head>;
export const signal = new AbortController().signal;

/** Agents of a test file with their own files, each test in a folder of its own. */
export function agentRig() {
  // Thousands of steps, each of which writes a file, on a machine that does other things as well.
  vi.setConfig({ testTimeout: 60_000 });
  let dir = "";
  let progress: Progress | undefined;
  const opened = () => {
    progress ??= new Progress(dir, syncText.en);
    return progress;
  };
  const close = () => {
    progress?.[Symbol.dispose]();
    progress = undefined;
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "rackwatch-agent-"));
  });
  afterEach(() => {
    close();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    get dir() {
      return dir;
    },
    get progress() {
      return opened();
    },
    /** The file is opened anew when it is needed. */
    close,
    rig: (answer?: (batch: Head, turn: number) => UplinkError | undefined) =>
      rigWith(opened(), answer),
  };
}

/** Central as a list of what it was sent, which answers as it is told to. */
function rigWith(
  progress: Progress,
  answer: (batch: Head, turn: number) => UplinkError | undefined = () => undefined,
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

export async function settle(agent: Agent, steps = 100): Promise<void> {
  for (let step = 0; step < steps && !agent.drained; step += 1) await agent.step(signal);
}

/** So many waits after failures; a hello between them is none. */
export async function waitsOf(agent: Agent, count: number): Promise<number[]> {
  const waits: number[] = [];
  while (waits.length < count) {
    const waitMs = await agent.step(signal);
    if (waitMs > 0) waits.push(waitMs);
  }
  return waits;
}

/** Rows that are taken now: nothing of them is history. */
export const fresh = (count: number) => someSamples(count, new ManualClock().now());

/** Rows of some weeks before: history that must be caught up. */
export const old = (count: number) => someSamples(count, Date.UTC(2025, 10, 20));

export const refusal = (code: UplinkError["code"], fields: UplinkErrorFields = {}) =>
  new UplinkError(code, code, { where: "central", todo: "do it", ...fields });

/** Steps until so many things were sent, or so many steps. */
export async function untilSent(
  agent: Agent,
  sent: readonly string[],
  count: number,
): Promise<void> {
  for (let step = 0; step < 100 && sent.length < count; step += 1) await agent.step(signal);
}

export function sizeOf(it: string): number {
  const [, from = 0, to = 0] = /(\d+)-(\d+)$/.exec(it)?.map(Number) ?? [];
  return to - from + 1;
}

export function savedAlarm(rule: string, more: object = {}) {
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
