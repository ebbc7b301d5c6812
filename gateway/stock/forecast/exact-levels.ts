import type { Costs } from "./reorder-costs.ts";

/** Levels that are looked through for an exact (s, S). */
const levelsMax = 10_000;

/**
 * Exact reorder and order-up-to level for Poisson demand and a review each period (Zheng and Federgruen 1991).
 * @param lead periods between order and receipt, whole.
 */
export function exactLevels({ holding, shortage, fixed }: Costs, mean: number, lead = 0) {
  const pmf = poissonPmf(mean);
  const span = poissonPmf(mean * (lead + 1));
  const expected = (level: number) =>
    span.reduce(
      (sum, p, n) => sum + p * (level >= n ? holding * (level - n) : shortage * (n - level)),
      0,
    );
  const known = new Map<number, number>();
  const g = (level: number) => {
    const found = known.get(level) ?? expected(level);
    known.set(level, found);
    return found;
  };
  let best = 0;
  while (g(best + 1) < g(best)) best += 1;
  const averageOf = (s: number, S: number) => {
    // Renewal density of the cumulative demand.
    const visits: number[] = [1 / (1 - (pmf[0] ?? 0))];
    let weight = visits[0] ?? 0;
    let sum = (visits[0] ?? 0) * g(S);
    for (let j = 1; j < S - s; j += 1) {
      let visit = 0;
      for (let k = 1; k <= j; k += 1) visit += (pmf[k] ?? 0) * (visits[j - k] ?? 0);
      visit /= 1 - (pmf[0] ?? 0);
      visits.push(visit);
      weight += visit;
      sum += visit * g(S - j);
    }
    return (fixed + sum) / weight;
  };
  let s = best;
  let S = best;
  do s -= 1;
  while (averageOf(s, S) > g(s));
  let cost = averageOf(s, S);
  for (let level = S + 1; level < S + levelsMax && g(level) <= cost; level += 1) {
    if (averageOf(s, level) >= cost) continue;
    S = level;
    while (averageOf(s, S) <= g(s + 1)) s += 1;
    cost = averageOf(s, S);
  }
  return { reorderAt: s, orderUpTo: S, cost };
}

function poissonPmf(mean: number): readonly number[] {
  const pmf: number[] = [];
  let log = -mean;
  for (let n = 0; n < levelsMax; n += 1) {
    if (n > 0) log += Math.log(mean / n);
    pmf.push(Math.exp(log));
    if (n > mean && (pmf.at(-1) ?? 0) < 1e-18) break;
  }
  return pmf;
}
