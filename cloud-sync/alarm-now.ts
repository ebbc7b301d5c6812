import { z } from "zod";
import { stateOf } from "../gateway/alarms/lifecycle.ts";
import type { Snapshot } from "./protocol.ts";

type AlarmNow = Snapshot["alarms"][number];

/** Longest texts that central takes; longer ones end there. */
const nameCharsMax = 200;
const textCharsMax = 2_000;

const happened = {
  occurrence: z.number(),
  priority: z.string().max(32),
  message: z.string(),
  since: z.number(),
  acknowledgedBy: z.string().optional(),
  comment: z.string().optional(),
  point: z.string().max(256).optional(),
  value: z.union([z.number(), z.string(), z.boolean()]).optional(),
};

/** As far as a snapshot asks: an older or newer gateway's alarms are read as well as its own version's. */
const savedSchema = z.union([
  z.object({ ...happened, state: z.string().max(32) }),
  z.object({
    ...happened,
    active: z.boolean(),
    acknowledged: z.boolean(),
    latched: z.boolean(),
    shelved: z.unknown().optional(),
    suppressed: z.unknown().optional(),
    outOfService: z.unknown().optional(),
  }),
]);

/** How the alarm of a rule stands, by what the gateway saved of it; undefined: that is of an unknown kind. */
export function alarmNow(rule: string, json: unknown): AlarmNow | undefined {
  const saved = savedSchema.safeParse(json).data;
  if (saved === undefined) return undefined;
  const { occurrence, priority, message, since, acknowledgedBy, comment, point, value } = saved;
  return {
    rule,
    alarm: `${rule}#${occurrence}`.slice(0, nameCharsMax),
    state: "state" in saved ? saved.state : stateOf(flagsOf(saved)),
    priority,
    message: message.slice(0, textCharsMax),
    since,
    ...(acknowledgedBy === undefined
      ? {}
      : { acknowledgedBy: acknowledgedBy.slice(0, nameCharsMax) }),
    ...(comment === undefined ? {} : { comment: comment.slice(0, textCharsMax) }),
    ...(point === undefined ? {} : { point }),
    ...(value === undefined
      ? {}
      : { value: typeof value === "string" ? value.slice(0, textCharsMax) : value }),
  };
}

type Flagged = Extract<z.infer<typeof savedSchema>, { active: boolean }>;

function flagsOf({ active, acknowledged, latched, ...aside }: Flagged) {
  return {
    ...{ active, acknowledged, latched },
    shelved: aside.shelved !== undefined,
    suppressed: aside.suppressed !== undefined,
    outOfService: aside.outOfService !== undefined,
  };
}
