import { noise } from "./noise.ts";

/** Demand with a known truth: so many demands a day, each of one piece and more. */
export interface DemandStory {
  /** Demands a day; below 1 the probability of one. */
  readonly demands: number;
  /** Mean size, 1 at least. */
  readonly size: number;
  /** Variance of what a size has above 1, over its mean: 1 as Poisson, more is wilder. */
  readonly dispersion: number;
  /** What each day of the week is of the mean. */
  readonly weekdays?: readonly number[];
  /** From this day on there is so many times the demand. */
  readonly step?: { readonly day: number; readonly times: number };
  /** From this day on nobody wants it. */
  readonly deadFrom?: number;
}

/** Day by day; Bernoulli times shifted negative binomial. The same seed, the same demand. */
export function simulatedDemand(story: DemandStory, days: number, seed: number): number[] {
  const random = noise(seed * 7_919 + 104_729);
  for (let skipped = 0; skipped < 20; skipped += 1) random();
  const { demands, size, dispersion, weekdays, step, deadFrom = days } = story;
  return Array.from({ length: days }, (_, day) => {
    if (day >= deadFrom) return 0;
    const times = step !== undefined && day >= step.day ? step.times : 1;
    const rate = demands * times * (weekdays?.[day % 7] ?? 1);
    const count = Math.floor(rate) + Number(random() < rate % 1);
    let sum = 0;
    for (let n = 0; n < count; n += 1) sum += 1 + negativeBinomial(size - 1, dispersion, random);
    return sum;
  });
}

/** By the inverse of its distribution function, term by term. */
function negativeBinomial(mean: number, dispersion: number, random: () => number): number {
  if (mean <= 0) return 0;
  const r = dispersion > 1 ? mean / (dispersion - 1) : Number.POSITIVE_INFINITY;
  const failure = dispersion > 1 ? 1 - 1 / dispersion : 0;
  let term = dispersion > 1 ? dispersion ** -r : Math.exp(-mean);
  let rest = random() - term;
  let n = 0;
  while (rest > 0 && n < 10_000) {
    term *= dispersion > 1 ? ((r + n) / (n + 1)) * failure : mean / (n + 1);
    rest -= term;
    n += 1;
  }
  return n;
}
