import { alarmText } from "../../config/language/alarm.ts";
import type { Language } from "../../config/language/language.ts";
import type { PlacedRule } from "../../config/rules-of.ts";
import type { RuleConfig } from "../../config/schema/rule.ts";
import { conditionFrom, noSchedules, type Schedules } from "./condition-from-config.ts";
import { describe, type Labels } from "./describe.ts";
import type { Rule } from "./rule.ts";

/**
 * A rule of the configuration as it is evaluated.
 *
 * @throws Error when a condition compares nothing, names no point or a schedule that is not there:
 * the configuration check refuses those first, and whatever compares twice.
 */
export function ruleFromConfig(
  { id, config, location = config.location, profile }: Omit<PlacedRule, "path">,
  language: Language,
  labels: Labels = () => undefined,
  schedules: Schedules = noSchedules,
): Rule {
  const when = conditionFrom(id, config, schedules);
  const { advise, cause, consequence, escalate, raiseTo, raiseAfter, suppressWhile } = config;
  return {
    id,
    when,
    onDelayMs: config.onDelay,
    offDelayMs: config.offDelay,
    priority: config.priority,
    message: config.message ?? describe(when, alarmText[language], labels),
    ...(advise === undefined ? {} : { advise }),
    ...(location === undefined ? {} : { location }),
    outputs: config.outputs,
    annunciate: config.annunciate,
    notify: config.notify,
    ...(escalate === undefined ? {} : { escalate }),
    ...(cause === undefined ? {} : { cause }),
    ...(consequence === undefined ? {} : { consequence }),
    ...(config.respondWithin === undefined ? {} : { respondWithinMs: config.respondWithin }),
    ...lifecycleOf(config),
    ...(raiseTo === undefined || raiseAfter === undefined
      ? {}
      : { raise: { to: raiseTo, afterMs: raiseAfter } }),
    ...(suppressWhile === undefined
      ? {}
      : {
          suppressWhile: conditionFrom(id, suppressWhile, schedules),
          suppressMsMax: config.suppressMax,
        }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function lifecycleOf(config: RuleConfig): Partial<Rule> {
  const { reAlarm, reAlarmMax } = config;
  return {
    latch: config.latch,
    ...(reAlarm === undefined ? {} : { reAlarmMs: reAlarm }),
    ...(reAlarmMax === undefined ? {} : { reAlarmMax }),
    autoAcknowledge: config.autoAcknowledge,
    wantsReason: config.reason === "required",
    shelveMsMax: config.shelveMax,
    inhibitedBy: config.inhibitedBy,
  };
}
