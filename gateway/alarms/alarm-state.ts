import { z } from "zod";
import { pointKeySchema } from "../../config/schema/condition.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { Start } from "../rules/rule-state.ts";
import { correctionsSince } from "../store/time-shift.ts";
import type { Alarm, Shelf } from "./alarm.ts";
import { shifted, type Timing } from "./alarm-timers.ts";
import { atTrueTimes, stillSettled, timesOf } from "./alarm-times.ts";
import { type Flags, stateOf } from "./lifecycle.ts";

/** Saved state of alarms stands under this prefix, followed by the rule's id. */
export const alarmKeyPrefix = "alarm/";

/** An alarm with what its timers count from. */
export interface Entry {
  readonly alarm: Alarm;
  readonly timing: Timing;
  /** Times from before this boot: what is found out of its clock says nothing of them. */
  readonly settled?: readonly EpochMs[];
}

const text = z.string();
const at = z.number();
const valueSchema = z.union([z.number(), z.string(), z.boolean()]);

const happenedSchema = {
  priority: prioritySchema,
  message: text,
  point: pointKeySchema.exactOptional(),
  value: valueSchema.exactOptional(),
  figures: z.record(text, z.union([z.number(), text])).exactOptional(),
  raisedAt: at,
  since: at,
  acknowledgedBy: text.exactOptional(),
  comment: text.exactOptional(),
};

/** Version 1 of `alarm/<rule>` in the store: what ISA-18.2's four basic states need, no timers. */
const savedAlarmV1Schema = z.strictObject({
  version: z.literal(1),
  occurrence: z.int().positive(),
  state: z.enum(["normal", "unacknowledged", "acknowledged", "returned-unacknowledged"]),
  ...happenedSchema,
});

/** Version 2: the alarm's last occurrence with flags and timers, as plain JSON. */
const savedAlarmV2Schema = z.strictObject({
  version: z.literal(2),
  occurrence: z.int().nonnegative(),
  active: z.boolean(),
  acknowledged: z.boolean(),
  latched: z.boolean(),
  shelved: z
    .strictObject({
      by: text,
      reason: text.exactOptional(),
      since: at,
      until: at,
      oneShot: z.boolean(),
    })
    .exactOptional(),
  suppressed: z
    .strictObject({ since: at, by: text.exactOptional(), reason: text.exactOptional() })
    .exactOptional(),
  outOfService: z
    .strictObject({ by: text, reason: text, since: at, until: at.exactOptional() })
    .exactOptional(),
  ...happenedSchema,
  acknowledgedAt: at.exactOptional(),
  reAlarms: z.int().positive().exactOptional(),
  timing: z.strictObject({
    raised: z.number().exactOptional(),
    acknowledged: z.number().exactOptional(),
    suppressed: z.number().exactOptional(),
    shelfEnd: z.number().exactOptional(),
    priorityRaised: z.boolean().exactOptional(),
    reAlarmed: z.int().nonnegative().exactOptional(),
  }),
  /** When this was written, and in which boot: `timing` is on that boot's monotonic clock. */
  boot: text,
  mono: z.number(),
  at,
  /** Whether `at` can be believed. */
  synchronized: z.boolean(),
  /** Times from before that boot. */
  settled: z.array(at).exactOptional(),
});
type SavedAlarmV1 = z.infer<typeof savedAlarmV1Schema>;
export type SavedAlarm = z.infer<typeof savedAlarmV2Schema>;

const savedAlarmSchema = z.discriminatedUnion("version", [savedAlarmV1Schema, savedAlarmV2Schema]);

/** Undefined when it is not what this program or an earlier one wrote. */
export function readSavedAlarm(json: unknown, start: Start): SavedAlarm | undefined {
  const parsed = savedAlarmSchema.safeParse(json);
  if (!parsed.success) return undefined;
  return parsed.data.version === 1 ? upgraded(parsed.data, start) : parsed.data;
}

/** Timers that version 1 knew nothing of begin now. */
function upgraded(saved: SavedAlarmV1, { instant, boot }: Start): SavedAlarm {
  const { version: _, state, ...rest } = saved;
  const active = state === "unacknowledged" || state === "acknowledged";
  const acknowledged = state === "normal" || state === "acknowledged";
  const timing: Timing = active ? { raised: instant.mono, acknowledged: instant.mono } : {};
  return {
    ...rest,
    version: 2,
    active,
    acknowledged,
    latched: false,
    timing,
    boot,
    mono: instant.mono,
    at: instant.at,
    synchronized: false,
  };
}

export function flagsOf(alarm: Omit<Alarm, "state">): Flags {
  const { active, acknowledged, latched, shelved, suppressed, outOfService } = alarm;
  return {
    active,
    acknowledged,
    latched,
    shelved: shelved !== undefined,
    suppressed: suppressed !== undefined,
    outOfService: outOfService !== undefined,
  };
}

/** What an alarm takes from its rule: texts, outputs and who shows it follow the configuration. */
export function takenFrom(rule: Rule) {
  const { id, message, advise, location, item, lot, outputs, annunciate } = rule;
  return {
    rule: id,
    message,
    ...(advise === undefined ? {} : { advise }),
    ...(location === undefined ? {} : { location }),
    ...(item === undefined ? {} : { item }),
    ...(lot === undefined ? {} : { lot }),
    outputs,
    ...(annunciate === undefined ? {} : { annunciate }),
  };
}

/** The rule's alarm before its first occurrence: kept only while somebody put it aside. */
export function unraised(rule: Rule, { at: now }: Instant): Entry {
  const { priority } = rule;
  const calm = { state: "normal", active: false, acknowledged: true, latched: false } as const;
  const alarm = { ...takenFrom(rule), ...calm, id: `${rule.id}#0`, priority };
  return { alarm: { ...alarm, raisedAt: now, since: now }, timing: {} };
}

/**
 * A live alarm under today's configuration; what happened stays as it was. In the boot in which it
 * was saved its timers run on exactly. In another one the time until it was saved counts, and the
 * downtime as far as the wall clock can be believed before and after.
 */
export function entryOf(saved: SavedAlarm, rule: Rule, start: Start): Entry {
  const { version: _v, occurrence, boot, mono, at: _at, synchronized: _s, ...kept } = saved;
  const { timing, priority, message, shelved, settled, ...happened } = kept;
  const bare = {
    ...takenFrom(rule),
    id: `${rule.id}#${occurrence}`,
    priority: timing.priorityRaised === true ? (rule.raise?.to ?? rule.priority) : rule.priority,
    ...happened,
    ...(shelved === undefined ? {} : { shelved }),
  };
  const state = stateOf(flagsOf(bare));
  const asItWas =
    state === "normal" ? { priority, message } : rule.found === true ? { message } : {};
  const alarm = { ...bare, state, ...asItWas };
  const entry = { alarm, timing, ...(settled === undefined ? {} : { settled }) };
  const known = correctionsSince(start.corrections ?? [], saved).reduce(atTrueTimes, entry);
  return boot === start.boot && mono <= start.instant.mono ? known : rebooted(known, saved, start);
}

function rebooted({ alarm, timing }: Entry, saved: SavedAlarm, start: Start): Entry {
  const moved = shifted(timing, shiftMs(saved, start));
  const { shelved } = alarm;
  const shelf = shelved === undefined ? {} : { shelved: reshelved(shelved, moved, start) };
  return { alarm: { ...alarm, ...shelf }, timing: moved, settled: timesOf(alarm) };
}

/** From the monotonic clock of the boot that saved it to this one's, less the known downtime. */
function shiftMs(saved: SavedAlarm, { instant, clockSynchronized }: Start): number {
  const downMs = instant.at - saved.at;
  const isKnown = saved.synchronized && downMs >= 0 && clockSynchronized();
  return instant.mono - saved.mono - (isKnown ? downMs : 0);
}

/** A person reads the wall clock: the end that the timer will bring. */
function reshelved(shelf: Shelf, { shelfEnd }: Timing, { instant }: Start): Shelf {
  return shelfEnd === undefined ? shelf : { ...shelf, until: instant.at + shelfEnd - instant.mono };
}

/** @throws Error when the alarm's id is not `rule#occurrence`. */
export function savedOf(
  entry: Entry,
  { instant, boot, clockSynchronized }: Omit<Start, "corrections">,
): SavedAlarm {
  const { alarm, timing } = entry;
  const settled = stillSettled(entry);
  const { id, rule: _r, state: _s, advise: _a, location: _l, outputs: _o, ...kept } = alarm;
  const { annunciate: _n, inhibited: _i, held: _h, item: _m, lot: _t, ...happened } = kept;
  return {
    version: 2,
    occurrence: occurrenceOf(id),
    ...happened,
    timing,
    boot,
    mono: instant.mono,
    at: instant.at,
    synchronized: clockSynchronized(),
    ...(settled.length > 0 && { settled: [...settled] }),
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
