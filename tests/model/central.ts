import { sharedPart } from "./gateway.ts";
import {
  type Ancestor,
  chained,
  each,
  type GapReason,
  type Lane,
  lanes,
  type PerLane,
  type Reply,
  type Request,
  type Row,
  type Rules,
} from "./words.ts";

export interface Epoch {
  readonly epoch: string;
  readonly ancestors: readonly Ancestor[];
  readonly marks: PerLane<number>;
  fenced: boolean;
  /** The chain's hash after each event that is known; none after a gap. */
  readonly chain: Record<number, number>;
}

export interface Stored extends Row {
  readonly lane: Lane;
  /** Which epoch, 1 for the first. */
  readonly number: number;
}

export interface Missing {
  readonly number: number;
  readonly lane: Lane;
  readonly first: number;
  readonly last: number;
  readonly reason: GapReason | "reject";
}

/** Central's database: what a backup holds. */
export interface Central {
  epochs: Epoch[];
  rows: Stored[];
  missing: Missing[];
  conflicts: number;
  /** Boots whose clock was set later, and what their times should have been taken with. */
  corrections: Record<number, { readonly offset: number; readonly content: number }>;
  newest: { readonly number: number; readonly seq: number; readonly content: number } | undefined;
}

export const newCentral = (): Central => ({
  epochs: [],
  rows: [],
  missing: [],
  conflicts: 0,
  corrections: {},
  newest: undefined,
});

/** One request, one transaction. */
export function handle(central: Central, request: Request, rules: Rules): Reply {
  const { epoch } = request;
  if (request.kind === "hello") return hello(central, request.epoch, request.ancestors, rules);
  let number = central.epochs.findIndex((it) => it.epoch === epoch) + 1;
  const isFirst = "first" in request && request.first === 1;
  const mayBegin = !rules.helloBegins || (!rules.firstRowWaits && isFirst);
  if (number === 0 && mayBegin && !isPast(central, epoch, rules)) {
    begin(central, epoch, [], rules);
    number = central.epochs.length;
  }
  const standing = central.epochs[number - 1];
  if (standing === undefined) return { kind: "unknown-epoch" };
  if (standing.fenced && rules.fences) return { kind: "epoch-fenced" };
  if (request.kind === "snapshot") {
    const { heads, newest } = request;
    if (newest >= 0) see(central, { number, seq: heads.samples, content: newest }, rules);
    if (!rules.snapshotKeepsMarks) Object.assign(standing.marks, heads);
    return { kind: "noticed" };
  }
  const mark = standing.marks[request.lane];
  if (request.first > mark + 1) return { kind: "gap", mark };
  const refusal =
    request.kind === "gap"
      ? declare(central, number, request, mark)
      : store(central, number, standing, request, rules);
  if (refusal !== undefined) return refusal;
  standing.marks[request.lane] = Math.max(mark, request.last);
  return { kind: "ack", epoch, lane: request.lane, mark: standing.marks[request.lane] };
}

function hello(
  central: Central,
  epoch: string,
  ancestors: readonly Ancestor[],
  rules: Rules,
): Reply {
  let standing = central.epochs.find((it) => it.epoch === epoch);
  if (standing === undefined) {
    if (isPast(central, epoch, rules)) return { kind: "epoch-fenced" };
    standing = begin(central, epoch, ancestors, rules);
  }
  if (standing.fenced && rules.fences) return { kind: "epoch-fenced" };
  return { kind: "welcome", epoch, marks: { ...standing.marks } };
}

const isPast = ({ epochs }: Central, epoch: string, { namesPast }: Rules): boolean =>
  namesPast && epochs.some((it) => it.ancestors.some((past) => past.epoch === epoch));

/** Closes the epochs before it, and begins where central is in the rows that they share. */
function begin(
  central: Central,
  epoch: string,
  ancestors: readonly Ancestor[],
  rules: Rules,
): Epoch {
  const marks = each(() => 0);
  let chain: Record<number, number> = { 0: 0 };
  if (rules.ancestors) {
    for (const lane of lanes) {
      for (const { known, shared } of relatives(central, ancestors, lane, rules)) {
        const mark = Math.min(known.marks[lane], shared);
        if (mark < marks[lane]) continue;
        marks[lane] = mark;
        const hash = known.chain[mark];
        if (lane === "events") chain = hash === undefined ? {} : { [mark]: hash };
      }
    }
  }
  for (const it of central.epochs) it.fenced = true;
  const standing: Epoch = { epoch, ancestors, marks, fenced: false, chain };
  central.epochs.push(standing);
  return standing;
}

function relatives(
  { epochs }: Central,
  ancestors: readonly Ancestor[],
  lane: Lane,
  rules: Rules,
): readonly { readonly known: Epoch; readonly shared: number }[] {
  if (!rules.relatives) {
    for (const ancestor of ancestors) {
      const known = epochs.find((it) => it.epoch === ancestor.epoch);
      if (known !== undefined) return [{ known, shared: ancestor[lane] }];
    }
    return [];
  }
  const whole = (it: Epoch): Ancestor => ({ epoch: it.epoch, ...each(() => Infinity) });
  return epochs.map((known) => ({
    known,
    shared: sharedPart([whole(known), ...known.ancestors], ancestors, lane),
  }));
}

function declare(
  central: Central,
  number: number,
  { lane, first, last, reason }: Extract<Request, { kind: "gap" }>,
  mark: number,
): undefined {
  if (last <= mark) return;
  central.missing.push({ number, lane, first: Math.max(first, mark + 1), last, reason });
}

function store(
  central: Central,
  number: number,
  { marks, chain }: Epoch,
  request: Extract<Request, { kind: "batch" }>,
  rules: Rules,
): Reply | undefined {
  const { lane, first, last, rows } = request;
  const mark = rules.dedupe ? marks[lane] : first - 1;
  if (lane === "events" && !follows(request, chain, marks.events)) {
    central.conflicts += 1;
    return { kind: "conflict" };
  }
  const fresh = rows.filter((it) => it.seq > mark);
  if (fresh.some((it) => it.poison === "refuse")) return { kind: "bad-batch" };
  let hash: number | undefined = request.chain;
  for (let seq = first; seq <= last; seq += 1) {
    const row = rows.find((it) => it.seq === seq);
    hash = row === undefined ? undefined : chained(hash ?? 0, row.content);
    if (lane === "events" && hash !== undefined) chain[seq] = hash;
    if (seq <= mark) continue;
    const reason = row === undefined ? "thinned" : row.poison === "reject" ? "reject" : undefined;
    if (reason !== undefined) central.missing.push({ number, lane, first: seq, last: seq, reason });
    else if (row !== undefined) keep(central, { ...row, lane, number }, rules);
  }
  return undefined;
}

/** Whether events go on from what is known, row by row where they overlap. */
function follows(
  { first, rows, chain: before }: Extract<Request, { kind: "batch" }>,
  chain: Readonly<Record<number, number>>,
  mark: number,
): boolean {
  let hash = before;
  if ((chain[first - 1] ?? hash) !== hash) return false;
  for (const { seq, content } of rows) {
    hash = chained(hash, content);
    if (seq <= mark && (chain[seq] ?? hash) !== hash) return false;
  }
  return true;
}

function keep(central: Central, row: Stored, rules: Rules): void {
  central.rows.push(row);
  const { lane, number, seq, content, corrects } = row;
  if (corrects !== undefined) {
    const known = central.corrections[corrects.boot];
    const { offset } = corrects;
    if (known === undefined || known.content < content) {
      central.corrections[corrects.boot] = { offset, content };
    }
    // Broken: only what is there already is corrected.
    if (!rules.correctsLateRows) central.rows = central.rows.map((it) => corrected(central, it));
  }
  if (lane === "samples") see(central, { number, seq, content }, rules);
}

function see(central: Central, seen: NonNullable<Central["newest"]>, rules: Rules): void {
  const { newest } = central;
  const later =
    newest === undefined ||
    seen.number > newest.number ||
    (seen.number === newest.number && seen.seq >= newest.seq);
  if (later || !rules.newestForward) central.newest = seen;
}

function corrected(central: Central, row: Stored): Stored {
  const { at, clock, content } = row;
  const correction = central.corrections[clock.boot];
  // What came after it may be wrong in another way.
  if (correction === undefined || correction.content < content || clock.synchronized) return row;
  const { offset } = correction;
  return {
    ...row,
    at: at + offset - clock.offset,
    clock: { ...clock, offset, synchronized: true },
  };
}

/** A row as central shows it. */
export const shown = (central: Central, row: Stored, rules: Rules): Stored =>
  rules.correctsLateRows ? corrected(central, row) : row;
