import { type AlarmText, alarmText } from "../../config/language/alarm.ts";
import { type AlarmRefusal, alarmRefusalText } from "../../config/language/alarm-refusal.ts";
import type { Language } from "../../config/language/language.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { Alarm, AlarmAction, AlarmCause, Shelf } from "./alarm.ts";
import type { Happening } from "./alarm-move.ts";
import { occurrenceOf } from "./alarm-state.ts";
import { shelveMsDefault } from "./alarm-timers.ts";
import { needsAcknowledge } from "./lifecycle.ts";

/** Shorter than any answer of a person: a mistake in the unit. */
const shelveMsMin = 1_000;

const causes = {
  acknowledge: "acknowledged",
  reset: "reset",
  shelve: "shelved",
  unshelve: "unshelved",
  suppress: "suppressed",
  unsuppress: "unsuppressed",
  "out-of-service": "out-of-service",
  "return-to-service": "return-to-service",
} as const satisfies Record<AlarmAction["do"], AlarmCause>;

export function causeOf(action: AlarmAction): AlarmCause {
  return causes[action.do];
}

/**
 * What a person's action brings with it.
 *
 * @throws RackwatchError `alarm/reason-required`, `alarm/shelf-too-long`, `alarm/not-allowed` when the action itself is
 * not enough for this rule's alarm.
 */
export function happeningOf(
  action: AlarmAction,
  { rule, where, language }: { rule: Rule; where: string; language: Language },
  { at }: Instant,
): Happening {
  const { by } = action;
  const comment = said(action);
  const text = alarmText[language];
  const isBlank = comment === undefined || comment.trim() === "";
  if (isBlank && wantsReason(action, rule)) {
    throw new RackwatchError("alarm/reason-required", text.reasonRequired, {
      where,
      todo: text.sayReason,
    });
  }
  const why = isBlank ? {} : { comment };
  const reason = isBlank ? {} : { reason: comment };
  switch (action.do) {
    case "shelve": {
      const ms = shelfMs(action.forMs, rule, text, where);
      const oneShot = action.forMs === undefined;
      const shelf: Shelf = { by, ...reason, since: at, until: at + ms, oneShot };
      return { by, ...why, shelf };
    }
    case "suppress":
      return { by, ...why, suppression: { since: at, by, ...reason } };
    case "out-of-service": {
      const until = action.until === undefined ? {} : { until: action.until };
      return { by, ...why, outOfService: { by, reason: action.reason, since: at, ...until } };
    }
    default:
      return { by, ...why };
  }
}

function said(action: AlarmAction): string | undefined {
  if ("comment" in action) return action.comment;
  return "reason" in action ? action.reason : undefined;
}

function wantsReason(action: AlarmAction, rule: Rule): boolean {
  if (action.do === "out-of-service") return true;
  return rule.wantsReason === true && (action.do === "acknowledge" || action.do === "shelve");
}

function shelfMs(forMs: number | undefined, rule: Rule, text: AlarmText, where: string): number {
  const msMax = rule.shelveMsMax ?? shelveMsDefault;
  if (forMs === undefined) return msMax;
  if (!(forMs >= shelveMsMin)) {
    throw new RackwatchError("alarm/not-allowed", text.shelfTooShort, {
      where,
      todo: text.shelveLonger,
    });
  }
  if (forMs > msMax) {
    const minutes = Math.floor(msMax / 60_000);
    throw new RackwatchError("alarm/shelf-too-long", text.shelfTooLong(minutes), {
      where,
      todo: text.shelveShorter,
    });
  }
  return forMs;
}

/** The event does not apply to the alarm as it is. */
export function refusal(alarm: Alarm, reason: AlarmRefusal, language: Language): RackwatchError {
  const sentence = alarmRefusalText[language][reason];
  const { acknowledgedBy } = alarm;
  const named = reason === "alreadyAcknowledged" && acknowledgedBy !== undefined;
  const message = named ? alarmText[language].alreadyAcknowledged(acknowledgedBy) : sentence.reason;
  return new RackwatchError("alarm/not-allowed", message, { where: alarm.id, todo: sentence.todo });
}

/** There is no alarm of this id, or its rule has had a later one (`latest`) since. */
export function missing(id: string, latest: Alarm | undefined, language: Language): RackwatchError {
  const text = alarmText[language];
  if (latest === undefined || !isOlder(id, latest)) {
    return new RackwatchError("alarm/unknown", text.unknownAlarm(id), {
      where: id,
      todo: text.reload,
    });
  }
  const todo = needsAcknowledge(latest.state) ? text.acknowledgeLater : text.reload;
  return new RackwatchError("alarm/not-allowed", text.occurrenceOver, { where: id, todo });
}

function isOlder(id: string, latest: Alarm): boolean {
  const occurrence = Number(id.slice(id.lastIndexOf("#") + 1));
  return Number.isInteger(occurrence) && occurrence > 0 && occurrence < occurrenceOf(latest.id);
}
