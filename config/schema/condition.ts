import { z } from "zod";
import type { PointKey } from "../../drivers/contract.ts";
import { duration } from "../../drivers/quantity.ts";

/** `device/point` as a person writes it; its form and that it exists are checked against the whole configuration. */
export const pointKeySchema = z
  .string()
  .min(1)
  .max(130)
  // A configuration is used only after `checks/references.ts` found every key among the points.
  .transform((text) => text as PointKey)
  .meta({ description: "device/point", pattern: "^[^/]+/[^/]+$" });

/** Readings from which a trend is taken; more than 100 would be a filter, not a trend. */
const trendSamples = z.int().min(2).max(100);

export const leafKeys = {
  point: pointKeySchema.optional(),
  minus: pointKeySchema.optional().meta({
    description: "Compare the difference: point minus this one",
  }),
  dividedBy: pointKeySchema.optional().meta({
    description: "Compare the ratio: point divided by this one",
  }),
  above: z.number().optional().meta({ description: "Violated while value > limit" }),
  atOrAbove: z.number().optional().meta({ description: "Violated while value >= limit" }),
  below: z.number().optional().meta({ description: "Violated while value < limit" }),
  atOrBelow: z.number().optional().meta({ description: "Violated while value <= limit" }),
  equal: z
    .union([z.number(), z.boolean(), z.string()])
    .optional()
    .meta({ description: "Violated while the value is this" }),
  stale: duration({ min: 1_000 })
    .optional()
    .meta({ description: "Violated when no good value came for this long" }),
  frozen: duration({ min: 1_000 })
    .optional()
    .meta({ description: "Violated when values came for this long and none differed" }),
  fault: z.literal(true).optional().meta({
    description: "Violated while the sensor's samples are bad: open probe, checksum, range",
  }),
  risingFaster: z.number().positive().optional().meta({
    description: "Violated while the trend over `samples` rises by more than this an hour",
  }),
  fallingFaster: z.number().positive().optional().meta({
    description: "Violated while the trend over `samples` falls by more than this an hour",
  }),
  willReach: z.number().optional().meta({
    description: "Violated while the trend over `samples` reaches this limit within `ahead`",
  }),
  risenBy: z.number().positive().optional().meta({
    description: "Violated while the value is higher by more than this than any within `within`",
  }),
  fallenBy: z.number().positive().optional().meta({
    description: "Violated while the value is lower by more than this than any within `within`",
  }),
  during: z.string().optional().meta({ description: "Violated within the hours of this schedule" }),
  deadband: z.number().nonnegative().optional().meta({
    description: "How far the value must come back behind the limit before it counts as returned",
  }),
  total: duration({ min: 1_000 }).optional().meta({
    description: "The violations must add up to this, however often the value comes back",
  }),
  within: duration({ min: 1_000 }).optional().meta({
    description:
      "Window of total, risenBy and fallenBy; a total without it adds up until the alarm is reset",
  }),
  samples: trendSamples.optional().meta({ description: "Readings of a trend (default 5)" }),
  fit: z.enum(["line", "ends"]).optional().meta({
    description:
      "Trend by least squares over all samples (line, default) or last minus first (ends)",
  }),
  ahead: duration({ min: 1_000 }).optional().meta({ description: "How far willReach looks ahead" }),
};

/** One comparison, `not` of one, or `all`/`any` of several. Durations are milliseconds. */
export interface ConditionInput {
  readonly point?: PointKey | undefined;
  readonly minus?: PointKey | undefined;
  readonly dividedBy?: PointKey | undefined;
  readonly above?: number | undefined;
  readonly atOrAbove?: number | undefined;
  readonly below?: number | undefined;
  readonly atOrBelow?: number | undefined;
  readonly equal?: number | boolean | string | undefined;
  readonly stale?: number | undefined;
  readonly frozen?: number | undefined;
  readonly fault?: true | undefined;
  readonly risingFaster?: number | undefined;
  readonly fallingFaster?: number | undefined;
  readonly willReach?: number | undefined;
  readonly risenBy?: number | undefined;
  readonly fallenBy?: number | undefined;
  readonly during?: string | undefined;
  readonly deadband?: number | undefined;
  readonly total?: number | undefined;
  readonly within?: number | undefined;
  readonly samples?: number | undefined;
  readonly fit?: "line" | "ends" | undefined;
  readonly ahead?: number | undefined;
  readonly all?: readonly ConditionInput[] | undefined;
  readonly any?: readonly ConditionInput[] | undefined;
  readonly not?: ConditionInput | undefined;
}

export const conditionSchema: z.ZodType<ConditionInput> = z.strictObject({
  ...leafKeys,
  all: z.lazy(() => z.array(conditionSchema).min(1).optional()),
  any: z.lazy(() => z.array(conditionSchema).min(1).optional()),
  not: z.lazy(() => conditionSchema.optional()),
});
