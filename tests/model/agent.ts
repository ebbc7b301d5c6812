import { chainAt, type Disk, first, head } from "./gateway.ts";
import {
  each,
  eventRunMax,
  type GapReason,
  type Lane,
  lanes,
  type PerLane,
  type Reply,
  type Request,
  type Rules,
} from "./words.ts";

/** cursor.db: how far central is, for each epoch. */
export type Cursors = Record<string, PerLane<number>>;

/** What an agent knows while it runs; a kill loses it. */
export interface Agent {
  /** The epoch that central welcomed. */
  greeted: string | undefined;
  waiting: { readonly id: number; readonly request: Request } | undefined;
  rowsMax: number;
  setAside: { readonly lane: Lane; readonly seq: number } | undefined;
  /** Batches of events since the last of samples. */
  eventRun: number;
  /** Sent since the welcome. */
  snapshot: boolean;
  /** What people see: another machine or another database has taken this gateway's place. */
  stopped: "epoch-fenced" | "conflict" | undefined;
}

type Batch = Extract<Request, { kind: "batch" }>;

/** More rows than any world of the model has. */
const allRows = 1_000;

export const newAgent = (): Agent => ({
  greeted: undefined,
  waiting: undefined,
  rowsMax: allRows,
  setAside: undefined,
  eventRun: 0,
  snapshot: false,
  stopped: undefined,
});

export const cursor = (cursors: Cursors, epoch: string, lane: Lane): number =>
  cursors[epoch]?.[lane] ?? 0;

/** What an agent without a request under way asks next, with `rowsMax` rows at most; undefined: central has everything. */
export function choose(
  agent: Agent,
  disk: Disk,
  cursors: Cursors,
  rowsMax: number,
  rules: Rules,
): Request | undefined {
  const { epoch } = disk;
  if (agent.greeted !== epoch) return { kind: "hello", epoch, ancestors: disk.ancestors };
  const pending = lanes.filter((lane) => cursor(cursors, epoch, lane) < head(disk, lane));
  if (pending.length > 0 && !agent.snapshot) {
    const heads = each((lane) => head(disk, lane));
    const newest = disk.log.samples.at(-1)?.row.content ?? -1;
    return { kind: "snapshot", epoch, heads, newest };
  }
  const lane = laneOf(agent, pending, rules);
  if (lane === undefined) return undefined;
  const from = cursor(cursors, epoch, lane) + 1;
  const { setAside } = agent;
  if (setAside?.lane === lane && setAside.seq === from) return gapOf(disk, lane, from, "refused");
  const state = disk.log[lane][from - 1]?.state;
  if (state === "gone") return gapOf(disk, lane, from, "not-in-store");
  if (state === "damaged") return gapOf(disk, lane, from, "corrupt");
  return batchOf(disk, lane, from, Math.min(rowsMax, agent.rowsMax), rules);
}

function laneOf(agent: Agent, pending: readonly Lane[], rules: Rules): Lane | undefined {
  const both = pending.length > 1;
  if (both && rules.samplesGetTurns && agent.eventRun >= eventRunMax) return "samples";
  return rules.eventsFirst ? pending[0] : pending.at(-1);
}

/** Rows from a number on, up to the first that is not there or cannot be read. */
export function batchOf(
  disk: Disk,
  lane: Lane,
  from: number,
  rowsMax: number,
  { keepsNumbers }: Rules,
): Request {
  const log = disk.log[lane];
  let last = from - 1;
  while (last - from + 1 < rowsMax) {
    const state = log[last]?.state;
    if (state !== "there" && state !== "thinned") break;
    last += 1;
  }
  const kept = log.slice(from - 1, last).filter((it) => it.state === "there");
  const rows = kept.map(({ row }, index) => (keepsNumbers ? row : { ...row, seq: from + index }));
  const chain = lane === "events" ? chainAt(disk, from - 1) : 0;
  return { kind: "batch", epoch: disk.epoch, lane, first: from, last, rows, chain };
}

function gapOf(disk: Disk, lane: Lane, from: number, reason: GapReason): Request {
  const last = reason === "not-in-store" ? first(disk, lane) - 1 : from;
  return { kind: "gap", epoch: disk.epoch, lane, first: from, last: Math.max(from, last), reason };
}

/** A request leaves. */
export function send(agent: Agent, id: number, request: Request): void {
  agent.waiting = { id, request };
  if (request.kind !== "batch" && request.kind !== "gap") return;
  agent.eventRun = request.lane === "events" ? agent.eventRun + 1 : 0;
}

/** No answer, or none that can be understood. The next request is chosen anew. */
export function giveUp(agent: Agent): void {
  agent.waiting = undefined;
}

/** An answer, maybe to another request: then it is believed only as far as it fits. */
export function receive(
  agent: Agent,
  disk: Disk,
  cursors: Cursors,
  reply: Reply,
  rules: Rules,
): void {
  const request = agent.waiting?.request;
  agent.waiting = undefined;
  if (request === undefined) return;
  const follow = (epoch: string, lane: Lane, mark: number): void => {
    if (epoch === disk.epoch && mark > head(disk, lane)) {
      agent.stopped = "conflict";
      agent.greeted = undefined;
      return;
    }
    const now = cursors[epoch] ?? each(() => 0);
    cursors[epoch] = { ...now, [lane]: rules.rewinds ? mark : Math.max(now[lane], mark) };
  };
  if (reply.kind === "welcome") {
    if (request.kind !== "hello" || reply.epoch !== request.epoch) return;
    agent.greeted = reply.epoch;
    agent.snapshot = false;
    agent.stopped = undefined;
    for (const lane of lanes) follow(reply.epoch, lane, reply.marks[lane]);
  } else if (reply.kind === "noticed") {
    if (request.kind === "snapshot") agent.snapshot = true;
  } else if (reply.kind === "ack") {
    if (request.kind !== "batch" && request.kind !== "gap") return;
    if (reply.epoch !== request.epoch || reply.lane !== request.lane) return;
    // Outside of what was sent it answers another request, or central is not where it said: it is asked again.
    const isOutside = reply.mark < request.first - 1 || reply.mark > request.last;
    if (rules.followsMark && isOutside) {
      agent.greeted = undefined;
      return;
    }
    agent.rowsMax = allRows;
    agent.setAside = undefined;
    follow(reply.epoch, reply.lane, rules.followsMark ? reply.mark : request.last);
  } else if (reply.kind === "epoch-fenced" || reply.kind === "conflict") {
    agent.stopped = reply.kind;
    agent.greeted = undefined;
  } else if (reply.kind === "unknown-epoch") {
    agent.greeted = undefined;
  } else if (reply.kind === "bad-batch") {
    if (request.kind === "batch") halve(agent, request);
  } else if (reply.kind === "gap" && (request.kind === "batch" || request.kind === "gap")) {
    if (reply.mark < request.first - 1) follow(request.epoch, request.lane, reply.mark);
  }
}

function halve(agent: Agent, { lane, first: from, last }: Batch): void {
  if (last > from) agent.rowsMax = Math.max(1, (last - from + 1) >> 1);
  else agent.setAside = { lane, seq: from };
}
