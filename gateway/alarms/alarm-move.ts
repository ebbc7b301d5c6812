import type { EpochMs, PointKey, Value } from "../../drivers/contract.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type {
  Alarm,
  AlarmCause,
  AlarmTransition,
  Figures,
  OutOfService,
  Shelf,
  Suppression,
} from "./alarm.ts";
import { type Entry, occurrenceOf, takenFrom } from "./alarm-state.ts";
import type { Timing } from "./alarm-timers.ts";
import { type Flags, stateOf } from "./lifecycle.ts";

/** What belongs to an event: who, why, which value, and what it brings with it. */
export interface Happening {
  readonly point?: PointKey;
  readonly value?: Value;
  readonly figures?: Figures;
  readonly by?: string;
  readonly comment?: string;
  readonly shelf?: Shelf;
  readonly suppression?: Suppression;
  readonly outOfService?: OutOfService;
}

/** The alarm after an event that applies to it; `flags` are what `apply` made of them. */
export function moved(
  { alarm, timing, settled }: Entry,
  event: AlarmCause,
  flags: Flags,
  { happening, rule, now }: { happening: Happening; rule: Rule; now: Instant },
): Entry {
  const before = event === "violated" ? nextOccurrence(alarm, rule, happening, now.at) : alarm;
  const masked = withMasks(before, flags, happening);
  const state = stateOf(flags);
  const bare: Alarm = {
    ...masked,
    state,
    active: flags.active,
    acknowledged: flags.acknowledged,
    latched: flags.latched,
    since: state === alarm.state ? alarm.since : now.at,
  };
  const calls = alarm.acknowledged && !flags.acknowledged;
  const again = calls && (event === "re-alarm" || event === "priority-raised");
  const priority = event === "priority-raised" ? (rule.raise?.to ?? bare.priority) : bare.priority;
  const next = { ...bare, priority, ...(again ? { reAlarms: (bare.reAlarms ?? 0) + 1 } : {}) };
  return {
    alarm: seen(next, alarm, event, happening, now.at),
    timing: timingAfter(timing, event, happening, now),
    ...(settled === undefined ? {} : { settled }),
  };
}

/** What goes on record of it. */
export function transitionOf(
  from: Alarm,
  to: Alarm,
  cause: AlarmCause,
  { point = to.point, value = to.value, figures, by, comment }: Happening,
  at: EpochMs,
): AlarmTransition {
  return {
    alarm: to.id,
    rule: to.rule,
    from: from.state,
    to: to.state,
    at,
    cause,
    ...(by === undefined ? {} : { by }),
    ...(comment === undefined ? {} : { comment }),
    ...(point === undefined ? {} : { point }),
    ...(value === undefined ? {} : { value }),
    ...(figures === undefined ? {} : { figures }),
    priority: to.priority,
    message: to.message,
  };
}

/** Whatever put the rule's alarm aside holds for the next occurrence too. */
function nextOccurrence(last: Alarm, rule: Rule, happening: Happening, at: EpochMs): Alarm {
  const { shelved, suppressed, outOfService } = last;
  return {
    ...takenFrom(rule),
    id: `${rule.id}#${occurrenceOf(last.id) + 1}`,
    state: last.state,
    active: true,
    acknowledged: false,
    latched: false,
    ...(shelved === undefined ? {} : { shelved }),
    ...(suppressed === undefined ? {} : { suppressed }),
    ...(outOfService === undefined ? {} : { outOfService }),
    priority: rule.priority,
    ...(happening.point === undefined ? {} : { point: happening.point }),
    ...(happening.value === undefined ? {} : { value: happening.value }),
    ...(happening.figures === undefined ? {} : { figures: happening.figures }),
    raisedAt: at,
    since: at,
  };
}

function withMasks(alarm: Alarm, flags: Flags, happening: Happening): Alarm {
  const { shelved, suppressed, outOfService, ...rest } = alarm;
  const shelf = happening.shelf ?? shelved;
  const suppression = happening.suppression ?? suppressed;
  const service = happening.outOfService ?? outOfService;
  return {
    ...rest,
    ...(flags.shelved && shelf !== undefined ? { shelved: shelf } : {}),
    ...(flags.suppressed && suppression !== undefined ? { suppressed: suppression } : {}),
    ...(flags.outOfService && service !== undefined ? { outOfService: service } : {}),
  };
}

/** Who saw it and what they said: as long as it counts as seen. */
function seen(
  alarm: Alarm,
  before: Alarm,
  event: AlarmCause,
  { by, comment }: Happening,
  at: EpochMs,
): Alarm {
  const { acknowledgedBy, acknowledgedAt, comment: said, ...rest } = alarm;
  if (!alarm.acknowledged) return rest;
  const isFirst = event === "acknowledged" || (event === "shelved" && !before.acknowledged);
  if (isFirst) {
    return {
      ...rest,
      ...(by === undefined ? {} : { acknowledgedBy: by }),
      acknowledgedAt: at,
      ...(comment === undefined ? {} : { comment }),
    };
  }
  return alarm;
}

function timingAfter(
  timing: Timing,
  event: AlarmCause,
  { shelf, suppression }: Happening,
  { at, mono }: Instant,
): Timing {
  switch (event) {
    case "violated": {
      const { shelfEnd, suppressed } = timing;
      return {
        raised: mono,
        ...(shelfEnd === undefined ? {} : { shelfEnd }),
        ...(suppressed === undefined ? {} : { suppressed }),
      };
    }
    case "acknowledged":
      return { ...timing, acknowledged: mono };
    case "shelved":
      return shelf === undefined ? timing : { ...timing, shelfEnd: mono + shelf.until - at };
    case "suppressed":
      return suppression === undefined ? timing : { ...timing, suppressed: mono };
    case "priority-raised":
      return { ...timing, priorityRaised: true };
    case "re-alarm":
      return { ...timing, reAlarmed: (timing.reAlarmed ?? 0) + 1 };
    default:
      return timing;
  }
}
