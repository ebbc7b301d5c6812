import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";

/** Points of one location in one report. Beyond it the report is refused: each costs a chart and its sums. */
const reportPointsMax = 100;

/** Rules by whose alarms a location is known. */
const reportRulesMax = 2_000;

const pointSchema = z.strictObject({
  key: z.templateLiteral([z.string(), "/", z.string()]),
  name: z.string().optional(),
  /** As stored, UCUM. */
  unit: z.string().optional(),
  kind: z.enum(["temperature", "humidity", "door", "mains", "other"]),
  values: z.enum(["number", "boolean", "text"]),
  /** A reading counts for no longer than this; absent: until the next one, because the device decides when to speak. */
  gapMs: z.number().optional(),
  /** The same of readings out of range, whose records lie closer. */
  gapOutsideMs: z.number().optional(),
  /** Whether history.db holds its record. */
  recorded: z.boolean(),
  /** Numbers by which its alarms are raised, drawn into the chart. */
  limits: z.array(z.number()),
  /** Share of the time that must be known for a mean kinetic temperature, 0 to 1. */
  coverageMin: z.number(),
  calibration: z
    .strictObject({
      on: z.string(),
      due: z.string(),
      certificate: z.string().optional(),
      overdue: z.boolean(),
    })
    .optional(),
});
export type PlannedPoint = z.infer<typeof pointSchema>;

/** All that a report needs of the configuration: plain JSON, so that another process can write the report. */
export const reportPlanSchema = z.strictObject({
  gateway: z.strictObject({ id: z.string(), name: z.string().optional() }),
  /** IANA name. */
  timezone: z.string(),
  language: z.enum(["zh", "en"]),
  /** When it is written. */
  now: z.number(),
  /** Who asked for it. */
  by: z.string().optional(),
  location: z.strictObject({
    id: z.string(),
    name: z.string().optional(),
    kind: z.string(),
    within: z.string().optional(),
    profile: z.string().optional(),
  }),
  from: z.number(),
  to: z.number(),
  open: z.boolean(),
  points: z.array(pointSchema).max(reportPointsMax),
  rules: z
    .array(
      z.strictObject({ id: z.string(), points: z.array(z.string()), priority: prioritySchema }),
    )
    .max(reportRulesMax),
});
export type ReportPlan = z.infer<typeof reportPlanSchema>;
