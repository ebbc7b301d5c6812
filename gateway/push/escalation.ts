import { z } from "zod";
import { pointKeySchema } from "../../config/schema/condition.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Alarm, AlarmTransition } from "../alarms/alarm.ts";
import type { Instant } from "../rules/rule.ts";
import type { Plan } from "./ladder.ts";
import type { Subject } from "./message.ts";
import { type BootClock, markAt, monoOf, timeMarkSchema } from "./time-mark.ts";

/** State keys of escalations: this prefix and the rule's id. */
export const escalationKeyPrefix = "escalation/";

/** What waits to be told in one message with others. `count`: occurrences of the rule that it stands for. */
const waitSchema = z.strictObject({
  receiver: z.string(),
  why: z.enum(["quiet", "digest"]),
  kind: z.enum(["raised", "escalated", "reminder", "returned", "ended"]),
  count: z.int().min(1),
});
export type Wait = z.infer<typeof waitSchema>;

/**
 * `climbing`: steps fire. `acknowledged`: only steps that nothing stops, and reminders. `stopped`: shelved, suppressed,
 * out of service, or returned under a ladder that ends then. `inhibited`: another alarm explains it. `over`: kept for
 * what waits.
 */
const stageSchema = z.enum(["climbing", "acknowledged", "stopped", "inhibited", "over"]);

const common = {
  subject: z.strictObject({
    id: z.string(),
    rule: z.string(),
    priority: prioritySchema,
    message: z.string(),
    advise: z.string().optional(),
    location: z.string().optional(),
    point: pointKeySchema.optional(),
    value: z.union([z.number(), z.string(), z.boolean()]).optional(),
    item: z.string().optional(),
    lot: z.string().optional(),
    figures: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
    raisedAt: z.number(),
  }),
  stage: stageSchema,
  /** The next step of the plan. */
  step: z.int().min(0),
  /** Called before for the same occurrence. */
  again: z.boolean(),
  returned: z.boolean(),
  acknowledgedBy: z.string().optional(),
  /** Who knows of this occurrence, and whether from a message of its own. */
  told: z.array(z.strictObject({ receiver: z.string(), how: z.enum(["single", "digest"]) })),
  /** Receivers of this round that a message has reached, and those that none will. */
  reached: z.array(z.string()),
  failed: z.array(z.string()),
  waits: z.array(waitSchema),
};

const savedSchema = z.strictObject({
  version: z.literal(1),
  ...common,
  saved: timeMarkSchema,
  startAgoMs: z.number(),
  raisedAgoMs: z.number(),
  remindedAgoMs: z.number().optional(),
});
type Common = z.infer<z.ZodObject<typeof common>>;

/** How far the telling of one alarm occurrence is. Times are of this boot's monotonic clock. */
export interface Escalation extends Readonly<Common> {
  /** When the first step's time began to run. */
  readonly start: MonotonicMs;
  readonly raised: MonotonicMs;
  /** The last reminder, or the acknowledgement. */
  readonly reminded?: MonotonicMs | undefined;
}

/** The telling of an alarm that calls: from the first step, whoever was told of the same occurrence before. */
export function begin(
  transition: AlarmTransition,
  alarm: Alarm | undefined,
  before: Escalation | undefined,
  instant: Instant,
): Escalation {
  const own = alarm?.id === transition.alarm ? alarm : undefined;
  const same = before?.subject.id === transition.alarm ? before : undefined;
  const subject: Subject = {
    id: transition.alarm,
    rule: transition.rule,
    priority: transition.priority,
    message: transition.message,
    advise: own?.advise,
    location: own?.location,
    point: transition.point ?? own?.point,
    value: transition.value ?? own?.value,
    item: own?.item,
    lot: own?.lot,
    figures: transition.figures ?? own?.figures,
    raisedAt: own?.raisedAt ?? same?.subject.raisedAt ?? transition.at,
  };
  return {
    subject,
    stage: own?.inhibited === true ? "inhibited" : "climbing",
    step: 0,
    again: same !== undefined && same.told.length > 0,
    returned: false,
    told: same?.told ?? [],
    reached: [],
    failed: [],
    waits: before?.waits ?? [],
    start: instant.mono,
    raised: same?.raised ?? instant.mono,
  };
}

/** The next step that an acknowledgement, if there was one, does not stop. */
function nextStep(escalation: Escalation, plan: Plan): number {
  const { step, stage } = escalation;
  if (stage !== "acknowledged") return step;
  const later = plan.steps.findIndex(({ until }, index) => index >= step && until === "never");
  return later === -1 ? plan.steps.length : later;
}

/** When the next step fires, if one does. */
function stepDue(escalation: Escalation, plan: Plan): MonotonicMs | undefined {
  const { stage, returned } = escalation;
  if (stage !== "climbing" && (stage !== "acknowledged" || returned)) return undefined;
  const step = plan.steps[nextStep(escalation, plan)];
  return step === undefined ? undefined : escalation.start + step.afterMs;
}

function reminderDue(escalation: Escalation, plan: Plan): MonotonicMs | undefined {
  const { stage, returned, told, reminded } = escalation;
  if (stage !== "acknowledged" || returned || told.length === 0) return undefined;
  if (plan.remindEveryMs === undefined || reminded === undefined) return undefined;
  return reminded + plan.remindEveryMs;
}

/** When there is something to tell without anything happening; undefined: never. */
export function dueOf(escalation: Escalation, plan: Plan): MonotonicMs | undefined {
  const due = Math.min(
    stepDue(escalation, plan) ?? Number.POSITIVE_INFINITY,
    reminderDue(escalation, plan) ?? Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(due) ? due : undefined;
}

export interface Firing {
  readonly escalation: Escalation;
  /** Whom to tell; each once, by the first of its steps that is due. */
  readonly receivers: readonly {
    readonly receiver: string;
    readonly kind: "raised" | "escalated";
  }[];
  readonly remind: boolean;
}

/** All that is due at `mono`; several steps at once where time went by unseen. */
export function fire(escalation: Escalation, plan: Plan, mono: MonotonicMs): Firing {
  const receivers = new Map<string, "raised" | "escalated">();
  let after = escalation;
  for (;;) {
    const due = stepDue(after, plan);
    if (due === undefined || due > mono) break;
    const index = nextStep(after, plan);
    const step = plan.steps[index];
    const kind = index === 0 || step?.afterMs === 0 ? "raised" : "escalated";
    for (const receiver of step?.receivers ?? []) {
      if (!receivers.has(receiver)) receivers.set(receiver, kind);
    }
    after = { ...after, step: index + 1 };
  }
  const reminder = reminderDue(after, plan);
  const remind = reminder !== undefined && reminder <= mono;
  return {
    escalation: remind ? { ...after, reminded: mono } : after,
    receivers: [...receivers].map(([receiver, kind]) => ({ receiver, kind })),
    remind,
  };
}

/** The next step at once, the later ones as long after it as they were to be. */
export function hurry(escalation: Escalation, plan: Plan, mono: MonotonicMs): Escalation {
  const due = stepDue(escalation, plan);
  if (due === undefined || due <= mono) return escalation;
  return { ...escalation, start: escalation.start - (due - mono) };
}

export function addWait(escalation: Escalation, wait: Omit<Wait, "count">): Escalation {
  const same = (other: Wait) =>
    other.receiver === wait.receiver && other.why === wait.why && other.kind === wait.kind;
  const found = escalation.waits.find(same);
  const waits =
    found === undefined
      ? [...escalation.waits, { ...wait, count: 1 }]
      : escalation.waits.map((o) => (o === found ? { ...o, count: o.count + 1 } : o));
  return { ...escalation, waits };
}

export function addTold(
  escalation: Escalation,
  receiver: string,
  how: "single" | "digest",
): Escalation {
  const others = escalation.told.filter((told) => told.receiver !== receiver);
  const had = escalation.told.find((told) => told.receiver === receiver);
  const single = how === "single" || had?.how === "single";
  return { ...escalation, told: [...others, { receiver, how: single ? "single" : "digest" }] };
}

/** As plain JSON, with one mark of time for all. */
export function savedOf(escalation: Escalation, instant: Instant, clock: BootClock): unknown {
  const { start, raised, reminded, ...rest } = escalation;
  return {
    version: 1,
    ...rest,
    saved: markAt(instant.mono, instant, clock),
    startAgoMs: instant.mono - start,
    raisedAgoMs: instant.mono - raised,
    ...(reminded === undefined ? {} : { remindedAgoMs: instant.mono - reminded }),
  };
}

/**
 * Goes on exactly in the same boot, and in another one where both wall clocks can be believed. Else the steps that were
 * not told fire from now on, as far apart as they were to be: late is worse than early.
 *
 * @returns undefined when it is not what this program wrote.
 */
export function restore(
  json: unknown,
  plan: Plan | undefined,
  instant: Instant,
  clock: BootClock,
): Escalation | undefined {
  const parsed = savedSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { version: _, saved, startAgoMs, raisedAgoMs, remindedAgoMs, ...rest } = parsed.data;
  const known = monoOf(saved, instant, clock);
  const base = known ?? instant.mono;
  const escalation: Escalation = {
    ...rest,
    start: base - startAgoMs,
    raised: base - raisedAgoMs,
    // Undefined keys and absent ones are the same here.
    reminded: remindedAgoMs === undefined ? undefined : base - remindedAgoMs,
  };
  return known === undefined && plan !== undefined
    ? hurry(escalation, plan, instant.mono)
    : escalation;
}
