import type { PointKey } from "../drivers/contract.ts";
import type { Language } from "./language/language.ts";
import type { Path } from "./problem.ts";
import type { Config } from "./schema/config.ts";
import type { LocationConfig } from "./schema/location.ts";
import type { Profile, ProfileLimit } from "./schema/profile.ts";
import { type LevelConfig, type RuleConfig, ruleSchema } from "./schema/rule.ts";

/** One rule as it is evaluated: of the file, of one of its levels, or of a location's storage profile. */
export interface PlacedRule {
  /** `<rule>`, `<rule>:<level>`, `<location>:<limit>`, or `<location>:<limit>:<device>.<point>` where a limit watches several points. */
  readonly id: string;
  readonly config: RuleConfig;
  /** The location that it belongs to. */
  readonly location?: string;
  readonly profile?: {
    readonly id: string;
    readonly limit: string;
    /** Whether its alarm opens an excursion. */
    readonly excursion: boolean;
  };
  /** What its level says itself; the rest comes from the rule above it. */
  readonly level?: { readonly name: string; readonly own: LevelConfig };
  /** Where in the configuration it comes from. */
  readonly path: Path;
}

type Rules = Pick<Config, "rules" | "locations" | "profiles" | "gateway">;

/** Every rule that the configuration amounts to, in the order of the file; profiles come behind. Pure. */
export function rulesOf(config: Rules): readonly PlacedRule[] {
  const rules = withoutNames(config);
  const ids = new Set(rules.map(({ id }) => id));
  return rules.map((rule) => {
    const { inhibitedBy } = rule.config;
    if (inhibitedBy.length === 0) return rule;
    const named = inhibitedBy.flatMap((name) => idsOf(name, ids));
    return { ...rule, config: { ...rule.config, inhibitedBy: named } };
  });
}

/** What a name in `inhibitedBy` means: the rule itself, or all levels and points that it is split into. */
function idsOf(name: string, ids: ReadonlySet<string>): readonly string[] {
  if (ids.has(name)) return [name];
  const parts = [...ids].filter((id) => id.startsWith(`${name}:`));
  return parts.length === 0 ? [name] : parts;
}

function withoutNames(config: Rules): readonly PlacedRule[] {
  return [
    ...Object.entries(config.rules).flatMap(([id, rule]) => rulesOfFile(id, rule)),
    ...Object.entries(config.locations).flatMap(([id, location]) => {
      const profile =
        location.profile === undefined ? undefined : config.profiles[location.profile];
      return profile === undefined ? [] : rulesOfProfile(id, location, profile, config);
    }),
  ];
}

/** Where `key` of a rule stands: a level takes from its rule what it does not say itself. */
export function keyPath({ path, level, profile }: PlacedRule, key: string): Path {
  if (profile !== undefined) return path;
  const isOwn = level === undefined || Object.hasOwn(level.own, key);
  return [...(isOwn ? path : path.slice(0, -2)), key];
}

function rulesOfFile(id: string, rule: RuleConfig): readonly PlacedRule[] {
  const path = ["rules", id];
  const { levels, ...base } = rule;
  const where = rule.location === undefined ? {} : { location: rule.location };
  if (levels === undefined) return [{ id, config: rule, ...where, path }];
  return Object.entries(levels).map(([name, own]) => ({
    id: `${id}:${name}`,
    config: levelOf(base, own),
    ...where,
    level: { name, own },
    path: [...path, "levels", name],
  }));
}

function levelOf(base: RuleConfig, own: LevelConfig): RuleConfig {
  return {
    ...base,
    ...own,
    onDelay: own.onDelay ?? base.onDelay,
    offDelay: own.offDelay ?? base.offDelay,
    priority: own.priority ?? base.priority,
    outputs: own.outputs ?? base.outputs,
    annunciate: own.annunciate ?? base.annunciate,
    notify: own.notify ?? base.notify,
    latch: own.latch ?? base.latch,
  };
}

interface Part {
  readonly limit: string;
  readonly points: readonly PointKey[];
  readonly excursion: boolean;
  readonly rule: Partial<RuleConfig>;
}

function rulesOfProfile(
  id: string,
  location: LocationConfig,
  profile: Profile,
  { gateway }: Rules,
): readonly PlacedRule[] {
  const { annunciate, notify, escalate } = location;
  const base: RuleConfig = {
    ...ruleSchema.parse({}),
    ...{ location: id, annunciate, notify },
    ...(escalate === undefined ? {} : { escalate }),
  };
  return partsOf(location, profile, gateway.language).flatMap(
    ({ limit, points, excursion, rule }) =>
      points.map((point) => {
        const idOf = (name: string) =>
          points.length === 1 ? `${id}:${name}` : `${id}:${name}:${point.replace("/", ".")}`;
        // A probe that is faulty has no good value either: one cause, one message.
        const isExplained = limit === "no-data" && profile.fault !== undefined;
        const inhibitedBy = isExplained ? [idOf("fault")] : [];
        return {
          id: idOf(limit),
          config: { ...base, ...rule, point, inhibitedBy },
          location: id,
          profile: { id: profile.profile, limit, excursion },
          path: ["locations", id, "profile"],
        };
      }),
  );
}

function partsOf(location: LocationConfig, profile: Profile, language: Language): readonly Part[] {
  const { temperature = [], humidity = [], door, mains } = location;
  const probes = [...temperature, ...humidity];
  const { doorOpen, mainsLost, noData, fault } = profile;
  const part = (
    limit: string,
    points: readonly PointKey[],
    given: Said | undefined,
    condition: (given: Said) => Partial<RuleConfig>,
  ): readonly Part[] =>
    given === undefined
      ? []
      : [
          {
            limit,
            points,
            excursion: false,
            rule: { ...said(given, language), ...condition(given) },
          },
        ];
  return [
    ...limitParts(profile.temperature, temperature, location, language),
    ...limitParts(profile.humidity, humidity, location, language),
    ...part("door-open", door === undefined ? [] : [door], doorOpen, () => ({ equal: true })),
    ...part("mains-lost", mains === undefined ? [] : [mains], mainsLost, () => ({ equal: false })),
    ...part("no-data", probes, noData, () => ({ stale: noData?.after })),
    ...part("fault", probes, fault, () => ({ fault: true })),
  ];
}

function limitParts(
  limits: Profile["temperature"],
  points: readonly PointKey[],
  { probe }: LocationConfig,
  language: Language,
): readonly Part[] {
  return Object.entries(limits).map(([limit, given]) => {
    const { above, atOrAbove, below, atOrBelow, deadband, total, within, offDelay } = given;
    const { onDelay, onDelayBuffered = onDelay } = given;
    const rule: Partial<RuleConfig> = {
      ...said(given, language),
      ...{ above, atOrAbove, below, atOrBelow, deadband, total, within, offDelay },
      onDelay: probe === "buffered" ? onDelayBuffered : onDelay,
    };
    return { limit, points, excursion: given.excursion, rule };
  });
}

type Said = Pick<ProfileLimit, "priority" | "message" | "advise"> & { readonly onDelay?: number };

function said(given: Said, language: Language): Partial<RuleConfig> {
  const { priority, message, advise, onDelay = 0 } = given;
  const advice = advise === undefined ? {} : { advise: advise[language] };
  return { priority, onDelay, message: message[language], ...advice };
}
