import type { Priority } from "./rule.ts";

/** What comes first: 0 is the most urgent. */
export const priorityRanks: Readonly<Record<Priority, number>> = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
};
