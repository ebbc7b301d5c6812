import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";

export type Side = "inside" | "outside";

/** Alone on the other side for so long, it has gone through: it need not leave the field first. */
export const aloneMs = 3_000;

/** Out of both fields for so long, it is gone. */
export const clearMs = 1_500;

/** What stays longer stands in the gate: only what it does while it is on one side alone says anything. */
export const standMs = 120_000;

/** Changes of side that a passage can have: one, or out and back and through. More is a tag that hangs between two antennas. */
const changesMax = 3;

/** One tag before the two antennas of a gate. */
export interface Stay {
  /** The side from which the next passage starts; undefined: not known, both saw it first. */
  readonly origin: Side | undefined;
  /** Who sees it now. */
  readonly now: Side | "both" | "none";
  /** Who saw it before that. */
  readonly before: Side | "both" | "none";
  /** Since it is as it is now. */
  readonly nowMono: MonotonicMs;
  /** It was seen last. */
  readonly seenAt: EpochMs;
  /** Since it is not on the side of its origin alone; undefined: it is. */
  readonly awayMono: MonotonicMs | undefined;
  /** Since it last rested long enough on one side to be from there. */
  readonly startMono: MonotonicMs;
  readonly inside: boolean;
  readonly outside: boolean;
  /** Changes from one side alone to the other side alone. */
  readonly changes: number;
  readonly alone: Side | undefined;
  /** An antenna was silent in the meantime. */
  readonly blind: boolean;
}

/** Why the direction of a tag is not known. */
export type DoubtReason = "one-side" | "both-ends" | "stood" | "blind";

export type Verdict =
  | { readonly is: "waiting"; readonly dueMono: MonotonicMs }
  /** Nothing follows from time alone. */
  | { readonly is: "resting" }
  | { readonly is: "passed"; readonly to: Side; readonly ended: boolean }
  /** It came and went back. */
  | { readonly is: "returned" }
  | { readonly is: "doubt"; readonly reason: DoubtReason }
  /** It stood on one side for so long that this is where it comes from. */
  | { readonly is: "stands"; readonly on: Side };

export interface Seen {
  readonly inside: boolean;
  readonly outside: boolean;
  readonly mono: MonotonicMs;
  readonly at: EpochMs;
}

/** @param known Where it was before, for a tag that both antennas see at once. */
export function startStay({ inside, outside, mono, at }: Seen, known?: Side): Stay {
  const now = viewOf(inside, outside);
  const alone = now === "inside" || now === "outside" ? now : undefined;
  return {
    origin: alone ?? known,
    now,
    before: "none",
    nowMono: mono,
    seenAt: at,
    awayMono: alone === undefined ? mono : undefined,
    startMono: mono,
    inside,
    outside,
    changes: 0,
    alone,
    blind: false,
  };
}

/** Who sees it has changed, or not. */
export function noteSeen(stay: Stay, { inside, outside, mono, at }: Seen): Stay {
  const now = viewOf(inside, outside);
  if (now === stay.now) return stay;
  const alone = now === "inside" || now === "outside" ? now : stay.alone;
  const hasChanged = stay.alone !== undefined && alone !== stay.alone;
  const hasRested = stay.now === stay.origin && mono - stay.nowMono >= standMs;
  return {
    ...stay,
    now,
    before: stay.now,
    nowMono: mono,
    awayMono: now === stay.origin ? undefined : (stay.awayMono ?? mono),
    seenAt: now === "none" ? stay.seenAt : at,
    startMono: hasRested ? mono : stay.startMono,
    inside: stay.inside || inside,
    outside: stay.outside || outside,
    changes: (hasRested ? 0 : stay.changes) + (hasChanged ? 1 : 0),
    alone,
  };
}

/** What follows when it stays as it is until then. */
export function judgeStay(stay: Stay, mono: MonotonicMs): Verdict {
  const restedMs = mono - stay.nowMono;
  if (stay.now === "none")
    return restedMs < clearMs ? { is: "waiting", dueMono: stay.nowMono + clearMs } : judgeEnd(stay);
  if (stay.now === "both" || stay.now === stay.origin) return { is: "resting" };
  const mustRestMs =
    stay.origin === undefined || isHanging(stay) || isStanding(stay) ? standMs : aloneMs;
  if (restedMs < mustRestMs) return { is: "waiting", dueMono: stay.nowMono + mustRestMs };
  if (stay.origin === undefined || isHanging(stay)) return { is: "stands", on: stay.now };
  return stay.blind
    ? { is: "doubt", reason: "blind" }
    : { is: "passed", to: stay.now, ended: false };
}

function judgeEnd(stay: Stay): Verdict {
  const { before: last, origin } = stay;
  if (stay.blind) return { is: "doubt", reason: "blind" };
  if (!stay.inside || !stay.outside) return { is: "doubt", reason: "one-side" };
  if (origin === undefined || last === "both" || last === "none")
    return { is: "doubt", reason: "both-ends" };
  if (last === origin) return { is: "returned" };
  return isStanding(stay)
    ? { is: "doubt", reason: "stood" }
    : { is: "passed", to: last, ended: true };
}

function isStanding({ awayMono, nowMono }: Stay): boolean {
  return awayMono !== undefined && nowMono - awayMono > standMs;
}

/** It goes to and fro, oftener than one that passes or for longer. */
function isHanging({ changes, nowMono, startMono }: Stay): boolean {
  return changes > changesMax || (changes > 1 && nowMono - startMono > standMs);
}

function viewOf(inside: boolean, outside: boolean): Stay["now"] {
  if (inside && outside) return "both";
  if (inside) return "inside";
  return outside ? "outside" : "none";
}
