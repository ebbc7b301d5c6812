import { z } from "zod";
import { pointKeySchema } from "../../config/schema/condition.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { Rule } from "../rules/rule.ts";
import type { Alarm } from "./alarm.ts";
import { basicStateOf, flagsOf } from "./lifecycle.ts";

/** Version 1 of `alarm/<rule>` in the store: the alarm's last occurrence, as plain JSON. */
const savedAlarmSchema = z.strictObject({
  version: z.literal(1),
  occurrence: z.int().positive(),
  state: z.enum(["normal", "unacknowledged", "acknowledged", "returned-unacknowledged"]),
  priority: prioritySchema,
  message: z.string(),
  point: pointKeySchema.optional(),
  value: z.union([z.number(), z.string(), z.boolean()]).optional(),
  raisedAt: z.number(),
  since: z.number(),
  acknowledgedBy: z.string().optional(),
  comment: z.string().optional(),
});
export type SavedAlarm = z.infer<typeof savedAlarmSchema>;

/** Undefined when it is not what this program wrote. */
export function readSavedAlarm(json: unknown): SavedAlarm | undefined {
  const parsed = savedAlarmSchema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Texts, priority and outputs of a live alarm follow the configuration; what happened stays as it
 * was.
 */
export function alarmOf(saved: SavedAlarm, rule: Rule): Alarm {
  const { priority, message, advise, location, outputs } = rule;
  const { point, value, acknowledgedBy, comment } = saved;
  return {
    id: `${rule.id}#${saved.occurrence}`,
    rule: rule.id,
    ...flagsOf(saved.state),
    priority: saved.state === "normal" ? saved.priority : priority,
    message: saved.state === "normal" ? saved.message : message,
    ...(advise === undefined ? {} : { advise }),
    ...(location === undefined ? {} : { location }),
    outputs,
    ...(point === undefined ? {} : { point }),
    ...(value === undefined ? {} : { value }),
    raisedAt: saved.raisedAt,
    since: saved.since,
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** @throws Error when the alarm's id is not `rule#occurrence`. */
export function savedOf(alarm: Alarm): SavedAlarm {
  const { state, priority, message, point, value, raisedAt, since } = alarm;
  const { acknowledgedBy, comment } = alarm;
  return {
    version: 1,
    occurrence: occurrenceOf(alarm.id),
    state: basicStateOf(state),
    priority,
    message,
    ...(point === undefined ? {} : { point }),
    ...(value === undefined ? {} : { value }),
    raisedAt,
    since,
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** The number behind the last `#`. */
export function occurrenceOf(id: string): number {
  const occurrence = Number(id.slice(id.lastIndexOf("#") + 1));
  if (!Number.isInteger(occurrence)) throw new Error(`${id} is not rule#occurrence`);
  return occurrence;
}

export function ruleOf(id: string): string {
  return id.slice(0, id.lastIndexOf("#"));
}
