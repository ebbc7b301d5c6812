import { z } from "zod";
import type { PointKey } from "../../drivers/contract.ts";
import { duration } from "../../drivers/quantity.ts";

export const prioritySchema = z.enum(["low", "medium", "high", "critical"]);
export type Priority = z.infer<typeof prioritySchema>;

/** `device/point` as a person writes it; its form and that it exists are checked against the whole configuration. */
export const pointKeySchema = z
  .string()
  .min(1)
  .max(130)
  // A configuration is used only after `checks/references.ts` found every key among the points.
  .transform((text) => text as PointKey)
  .meta({ description: "device/point", pattern: "^[^/]+/[^/]+$" });

const leafKeys = {
  point: pointKeySchema.optional(),
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
  deadband: z.number().nonnegative().optional().meta({
    description: "How far the value must come back behind the limit before it counts as returned",
  }),
};

/** One comparison, or `all`/`any` of several. */
export interface ConditionInput {
  readonly point?: PointKey | undefined;
  readonly above?: number | undefined;
  readonly atOrAbove?: number | undefined;
  readonly below?: number | undefined;
  readonly atOrBelow?: number | undefined;
  readonly equal?: number | boolean | string | undefined;
  readonly stale?: number | undefined;
  readonly deadband?: number | undefined;
  readonly all?: readonly ConditionInput[] | undefined;
  readonly any?: readonly ConditionInput[] | undefined;
}

export const conditionSchema: z.ZodType<ConditionInput> = z.strictObject({
  ...leafKeys,
  all: z.lazy(() => z.array(conditionSchema).min(1).optional()),
  any: z.lazy(() => z.array(conditionSchema).min(1).optional()),
});

export const ruleSchema = z.strictObject({
  ...leafKeys,
  all: z.array(conditionSchema).min(1).optional(),
  any: z.array(conditionSchema).min(1).optional(),
  location: z.string().optional(),
  onDelay: duration()
    .default(0)
    .meta({ description: "The violation must last this long before the alarm" }),
  offDelay: duration()
    .default(0)
    .meta({ description: "Back to normal must last this long before the alarm returns" }),
  priority: prioritySchema.default("medium"),
  message: z.string().max(200).optional(),
  advise: z
    .string()
    .max(400)
    .optional()
    .meta({ description: "What the person who gets the alarm is to do" }),
  outputs: z.array(pointKeySchema).default([]),
});
export type RuleConfig = z.infer<typeof ruleSchema>;
