/** Weeks at the end of a history that are compared with what was before: whole ones, so that no weekday weighs more. */
const weeks = [1, 2, 3, 4, 6, 8, 12, 16, 26] as const;
const weekDays = 7;

/**
 * Deviations from which a change of the mean is believed, for sums that are spread evenly; what is skewed needs more
 * (Cornish and Fisher). A review looks every day at nine windows for years.
 */
const deviationsMin = 4;
/** A change by less is left to the smoothing. */
const changeMin = 0.25;
/** Changes within one history. */
const changesMax = 4;
/** One large demand is no change of the mean: none counts for more than twice what this share of the others is. */
const sizeShare = 0.95;
const sizeTimes = 2;

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
  for (let index = 0; index < length; index += 1) {
    sums[index + 1] = (sums[index] ?? 0) + Math.min(cap, days[from + index] ?? 0);
  }
  const total = sums[length] ?? 0;
  const mean = total / length;
  const { variance, skew } = scatterOf(days.slice(from), cap, mean);
  let best: { readonly at: number; readonly beyond: number } | undefined;
  for (const count of weeks) {
    const fresh = count * weekDays;
    if (length - fresh < 2 * weekDays) break;
    const old = sums[length - fresh] ?? 0;
    const before = old / (length - fresh);
    const after = (total - old) / fresh;
    const change = Math.abs(after - before);
    if (change < changeMin * Math.max(after, before)) continue;
    const deviations = change / Math.sqrt(variance * (1 / fresh + 1 / (length - fresh)));
    const needed = deviationsMin + ((deviationsMin ** 2 - 1) * skew) / (6 * Math.sqrt(fresh));
    const beyond = deviations / needed;
    if (beyond > (best?.beyond ?? 1)) best = { at: from + length - fresh, beyond };
  }
  return best?.at;
}

/** How much days vary besides their weekday: sums of whole weeks do not vary by that. */
function scatterOf(days: readonly number[], cap: number, mean: number) {
  const sums = new Float64Array(weekDays);
  const counts = new Float64Array(weekDays);
  for (const [index, demand] of days.entries()) {
    const weekday = index % weekDays;
    sums[weekday] = (sums[weekday] ?? 0) + Math.min(cap, demand);
    counts[weekday] = (counts[weekday] ?? 0) + 1;
  }
  let squares = 0;
  let cubes = 0;
  for (const [index, demand] of days.entries()) {
    const weekday = index % weekDays;
    const off = Math.min(cap, demand) - (sums[weekday] ?? 0) / (counts[weekday] ?? 1);
    squares += off * off;
    cubes += off * off * off;
  }
  const free = days.length - weekDays;
  // Never less than a Poisson variance, or one other day among days that are all alike would prove anything.
  const variance = Math.max(squares / free, Math.min(mean, (cap / sizeTimes) * mean));
  return { variance, skew: Math.max(0, cubes / free / variance ** 1.5) };
}

function capOf(days: readonly number[]): number {
  const sizes = days.filter((demand) => demand > 0).sort((a, b) => a - b);
  return sizeTimes * (sizes[Math.floor((sizes.length - 1) * sizeShare)] ?? 0);
}
