/** Weeks at the end of a history that are compared with what was before: whole ones, so that no weekday weighs more. */
const weeks = [1, 2, 3, 4, 6, 8, 12, 16, 26] as const;
const weekDays = 7;

/**
 * Deviations from which a change of the mean is believed. A review looks every day at nine windows for years: at 4.5
 * demand that does not change was taken for changed in less than 1 of 1,000 reviews.
 */
const deviationsMin = 4.5;
/** A change by less is left to the smoothing. */
const changeMin = 0.25;
/** Changes within one history. */
const changesMax = 4;
/** One large demand is no change of the mean: demands above this share of the others count as that size. */
const sizeShare = 0.95;

/** Where the part of a history begins that is like its end: after the last change of its level. 0: it did not change. */
export function freshFrom(days: readonly number[]): number {
  let from = 0;
  for (let round = 0; round < changesMax; round += 1) {
    const next = lastChange(days, from);
    if (next === undefined) break;
    from = next;
  }
  return from;
}

function lastChange(days: readonly number[], from: number): number | undefined {
  const length = days.length - from;
  if (length < 3 * weekDays) return undefined;
  const cap = capOf(days.slice(from));
  const sums = new Float64Array(length + 1);
  const squares = new Float64Array(length + 1);
  for (let index = 0; index < length; index += 1) {
    const value = Math.min(cap, days[from + index] ?? 0);
    sums[index + 1] = (sums[index] ?? 0) + value;
    squares[index + 1] = (squares[index] ?? 0) + value * value;
  }
  const part = (a: number, b: number) => {
    const sum = (sums[b] ?? 0) - (sums[a] ?? 0);
    const square = (squares[b] ?? 0) - (squares[a] ?? 0);
    return { mean: sum / (b - a), squares: square - (sum * sum) / (b - a) };
  };
  let best: { readonly at: number; readonly deviations: number } | undefined;
  for (const count of weeks) {
    const fresh = count * weekDays;
    if (length - fresh < 2 * weekDays) break;
    const before = part(0, length - fresh);
    const after = part(length - fresh, length);
    const larger = Math.max(before.mean, after.mean);
    // Never less than a Poisson variance in pieces, or a week without any demand would prove anything.
    const pooled = (before.squares + after.squares) / (length - 2);
    const variance =
      Math.max(pooled, Math.min(larger, cap * larger)) * (1 / fresh + 1 / (length - fresh));
    const deviations = Math.abs(after.mean - before.mean) / Math.sqrt(variance);
    if (!(deviations > deviationsMin)) continue;
    if (Math.abs(after.mean - before.mean) < changeMin * larger) continue;
    if (best === undefined || deviations > best.deviations) {
      best = { at: from + length - fresh, deviations };
    }
  }
  return best?.at;
}

function capOf(days: readonly number[]): number {
  const sizes = days.filter((demand) => demand > 0).sort((a, b) => a - b);
  return sizes[Math.floor((sizes.length - 1) * sizeShare)] ?? 0;
}
