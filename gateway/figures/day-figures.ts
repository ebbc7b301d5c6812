import { z } from "zod";

/** Rules that one day counts by name; what more rules do counts in the sums only. */
export const rulesPerDayMax = 500;

const count = z.int().min(0);
const perRule = z.strictObject({
  raised: count,
  /** Episodes of chattering: raised three times and more within a minute. */
  chattered: count,
  /** Came and went within seconds. */
  fleeting: count,
});

/** What happened on one day (UTC): plain JSON under `figures/<day>`. */
export const dayFiguresSchema = z.strictObject({
  version: z.literal(1),
  /** YYYY-MM-DD. */
  day: z.string(),
  raised: z.strictObject({ low: count, medium: count, high: count, critical: count }),
  rules: z.record(z.string(), perRule),
  acknowledged: z.strictObject({ count, ms: z.number().min(0) }),
  cleared: z.strictObject({ count, ms: z.number().min(0) }),
  floods: count,
  floodMs: z.number().min(0),
});
export type DayFigures = z.infer<typeof dayFiguresSchema>;
export type RuleFigures = z.infer<typeof perRule>;

export function emptyDay(day: string): DayFigures {
  return {
    version: 1,
    day,
    raised: { low: 0, medium: 0, high: 0, critical: 0 },
    rules: {},
    acknowledged: { count: 0, ms: 0 },
    cleared: { count: 0, ms: 0 },
    floods: 0,
    floodMs: 0,
  };
}

/** The day with something added to one rule's counts; beyond `rulesPerDayMax` rules nothing is added. */
export function withRule(day: DayFigures, rule: string, add: Partial<RuleFigures>): DayFigures {
  const known = day.rules[rule];
  if (known === undefined && Object.keys(day.rules).length >= rulesPerDayMax) return day;
  const before = known ?? { raised: 0, chattered: 0, fleeting: 0 };
  const after = {
    raised: before.raised + (add.raised ?? 0),
    chattered: before.chattered + (add.chattered ?? 0),
    fleeting: before.fleeting + (add.fleeting ?? 0),
  };
  return { ...day, rules: { ...day.rules, [rule]: after } };
}
