/** What a gateway writes between two flushes is on its way, not behind. */
export const catchingUpRowsMin = 1_000;

/** What the last report said of how much central had not. */
export interface Backlog {
  readonly rows: number;
  readonly agoS: number;
  /** Rows by which it shrinks in a second, over some reports; undefined while it grows or stands. */
  readonly drainedPerSecond: number | undefined;
}

/** Reports closer than this are one: their difference is noise. */
const apartSMin = 0.5;

/** Longer ago it was another time: the link was down since. */
const apartSMax = 150;

/** Weight of the newest report: a rate that a person can read is steady over some ten of them. */
const newestWeight = 0.3;

/** How fast the backlog shrinks, with what a further report says. */
export function drainedPerSecond(before: Backlog | undefined, rows: number): number | undefined {
  if (rows === 0 || before === undefined) return undefined;
  if (before.agoS < apartSMin) return before.drainedPerSecond;
  if (before.agoS > apartSMax) return undefined;
  const measured = (before.rows - rows) / before.agoS;
  const known = before.drainedPerSecond;
  const smooth =
    known === undefined ? measured : known * (1 - newestWeight) + measured * newestWeight;
  return smooth > 0 ? smooth : undefined;
}
