import { formatDuration } from "../drivers/quantity.ts";
import { explainCondition, overWhen, type Wording } from "./explain-condition.ts";
import { explainText } from "./language/explain.ts";
import type { Language } from "./language/language.ts";
import { describePoints, pointSettingsOf } from "./points.ts";
import { type PlacedRule, rulesOf } from "./rules-of.ts";
import type { Config } from "./schema/config.ts";

export interface ExplainedRule {
  readonly id: string;
  /** Without its id. */
  readonly text: string;
}

/** Every rule that the configuration amounts to, in words. */
export function explainRules(config: Config, language: Language): readonly ExplainedRule[] {
  const wording = wordingOf(config, language);
  // What a profile says of itself is said in the reader's language too.
  const read = { ...config, gateway: { ...config.gateway, language } };
  return rulesOf(read).map((rule) => ({ id: rule.id, text: explainRule(rule, config, wording) }));
}

function wordingOf(config: Config, language: Language): Wording {
  const units = new Map(describePoints(config).map(({ key, unit }) => [key, unit]));
  const settings = pointSettingsOf(config);
  const text = explainText[language];
  return {
    text,
    language,
    unit: (point) => symbol(settings.get(point)?.convertTo ?? units.get(point)),
    duration: (ms) => durationWords(ms, text.duration),
  };
}

const symbols: Readonly<Record<string, string>> = { Cel: " °C", "[degF]": " °F", "%": " %" };

function symbol(unit: string | undefined): string {
  return unit === undefined ? "" : (symbols[unit] ?? ` ${unit}`);
}

function durationWords(ms: number, say: (amount: number, unit: string) => string): string {
  const [, amount = "0", unit = "s"] = /^([\d.]+)(.*)$/.exec(formatDuration(ms)) ?? [];
  return say(Number(amount), unit);
}

function explainRule(rule: PlacedRule, config: Config, wording: Wording): string {
  const { text, duration } = wording;
  const given = rule.config;
  const lasting = (ms: number) => (ms === 0 ? undefined : duration(ms));
  const main = text.main({
    when: explainCondition(given, wording),
    lasting: lasting(given.onDelay),
    priority: given.priority,
    over: overWhen(given, wording),
    overFor: lasting(given.offDelay),
  });
  return text.whole([
    main,
    ...behaviour(rule, wording),
    ...handling(rule, config, wording),
    ...profileOf(rule, config, wording),
    ...(given.advise === undefined ? [] : [text.advise(given.advise)]),
  ]);
}

function behaviour({ config: given }: PlacedRule, wording: Wording): readonly string[] {
  const { text, duration } = wording;
  const { latch, autoAcknowledge, reason, reAlarm, reAlarmMax, raiseTo, raiseAfter } = given;
  const { suppressWhile, suppressMax, inhibitedBy } = given;
  return [
    latch ? text.latch : undefined,
    autoAcknowledge ? text.autoAcknowledge : undefined,
    reason === "required" ? text.reason : undefined,
    reAlarm === undefined ? undefined : text.reAlarm(duration(reAlarm), reAlarmMax),
    raiseTo === undefined || raiseAfter === undefined
      ? undefined
      : text.raise(duration(raiseAfter), raiseTo),
    suppressWhile === undefined
      ? undefined
      : text.suppress(explainCondition(suppressWhile, wording), duration(suppressMax)),
    inhibitedBy.length === 0 ? undefined : text.inhibited(inhibitedBy),
  ].filter((sentence) => sentence !== undefined);
}

/** What it lights, where it shows, whom it tells and when. */
function handling(
  { config: given }: PlacedRule,
  { escalation, alarms }: Config,
  { text, duration }: Wording,
): readonly string[] {
  const { outputs, annunciate, notify, escalate } = given;
  const ladder = escalate ?? (notify.length === 0 ? alarms.escalate : undefined);
  const { steps = [], remindEvery } = escalation[ladder ?? ""] ?? {};
  const first = steps[0]?.after === 0 ? steps[0] : undefined;
  const atOnce = [...new Set([...notify, ...(first?.notify ?? [])])];
  const told = [
    ...(atOnce.length === 0 ? [] : [text.step({ names: atOnce, after: undefined, always: true })]),
    ...steps
      .filter((step) => step !== first)
      .map(({ notify: names, after, until }) =>
        text.step({ names, after: duration(after), always: until === "never" }),
      ),
  ];
  const parts = [
    outputs.length === 0 ? undefined : text.outputs(outputs),
    annunciate.length === 0 ? undefined : text.annunciators(annunciate),
    told.length === 0 ? undefined : text.told(told),
    remindEvery === undefined ? undefined : text.remind(duration(remindEvery)),
  ].filter((part) => part !== undefined);
  return [parts.length === 0 ? text.nobody : text.it(parts)];
}

function profileOf(rule: PlacedRule, { profiles }: Config, wording: Wording): readonly string[] {
  const { text, language } = wording;
  const { profile } = rule;
  if (profile === undefined) return [];
  const { name, temperature = {}, humidity = {} } = profiles[profile.id] ?? {};
  const isLimit = { ...temperature, ...humidity }[profile.limit] !== undefined;
  return [
    text.profile(profile.id, name?.[language] ?? ""),
    ...(isLimit && !profile.excursion ? [text.notExcursion] : []),
  ];
}
