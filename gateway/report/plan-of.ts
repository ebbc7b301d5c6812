import type { Language } from "../../config/language/language.ts";
import { reportText } from "../../config/language/report.ts";
import type { Config } from "../../config/schema/config.ts";
import type { LocationConfig } from "../../config/schema/location.ts";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { calibrationDue, dayIn } from "../cold-chain/calibration.ts";
import { gapIntervals } from "../cold-chain/mkt.ts";
import type { Point } from "../point-book.ts";
import { recordSettings } from "../record/record-settings.ts";
import type { Condition, Rule } from "../rules/rule.ts";
import type { Period } from "./period.ts";
import { type PlannedPoint, type ReportPlan, reportPlanSchema } from "./report-plan.ts";

/** Where no profile says: mkt of a stretch that is known for nine tenths. */
const coverageMinDefault = 0.9;

/** A poll that a busy bus brings some seconds late is no gap of a report of days. */
const sampleGapMsMin = 10_000;

export interface PlanParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly rules: readonly Rule[];
  readonly now: EpochMs;
  readonly language: Language;
  readonly by?: string | undefined;
}

/** @throws RackwatchError `config/invalid` when there is no such location, or it has no points. */
export function planOf(id: string, { from, to, open }: Period, parts: PlanParts): ReportPlan {
  const { config, now, language, by } = parts;
  const text = reportText[language];
  const location = config.locations[id];
  if (location === undefined) {
    const known = Object.keys(config.locations).join(", ");
    throw new RackwatchError("config/invalid", text.unknownLocation(id), {
      todo: text.unknownLocationTodo(known),
    });
  }
  const keys = pointsOf(location).filter((key) => parts.points.get(key)?.access !== "write");
  if (keys.length === 0) throw new RackwatchError("config/invalid", text.noPoints(id));
  const { name, kind, within, profile } = location;
  const { id: gateway, name: gatewayName, timezone } = config.gateway;
  const day = dayIn(timezone, now);
  const recorded = recordSettings(config, parts.points);
  const plan: ReportPlan = {
    gateway: { id: gateway, ...(gatewayName !== undefined && { name: gatewayName }) },
    ...{ timezone, language, now, from, to, open },
    ...(by !== undefined && { by }),
    location: {
      ...{ id, kind },
      ...(name !== undefined && { name }),
      ...(within !== undefined && { within }),
      ...(profile !== undefined && {
        profile: config.profiles[profile]?.name[language] ?? profile,
      }),
    },
    points: keys.map((key) => pointOf(key, { location, recorded, day, ...parts })),
    rules: parts.rules.flatMap((rule) => {
      const watched = watchedBy(rule.when);
      const own = rule.location === id || watched.some((key) => keys.includes(key));
      return own ? [{ id: rule.id, points: [...watched], priority: rule.priority }] : [];
    }),
  };
  const bounded = reportPlanSchema.safeParse(plan);
  if (bounded.success) return bounded.data;
  throw new RackwatchError("config/invalid", text.tooMuch(id), { cause: bounded.error });
}

interface PointParts extends PlanParts {
  readonly location: LocationConfig;
  readonly recorded: ReturnType<typeof recordSettings>;
  /** Today, YYYY-MM-DD. */
  readonly day: string;
}

function pointOf(key: PointKey, parts: PointParts): PlannedPoint {
  const { location, config, rules, recorded, day } = parts;
  const known = parts.points.get(key);
  const record = recorded.get(key);
  const profile = location.profile === undefined ? undefined : config.profiles[location.profile];
  const calibrated = known?.settings.calibrated;
  const limits = new Set(rules.flatMap(({ when }) => limitsOn(key, when)));
  const due = calibrated === undefined ? "" : calibrationDue(calibrated);
  const gapMs =
    record === undefined
      ? known?.everyMs === undefined
        ? known?.staleAfterMs
        : Math.max(known.everyMs * gapIntervals, sampleGapMsMin)
      : record.everyMs * gapIntervals;
  return {
    key,
    kind: kindOf(key, location),
    values: known?.kind ?? "number",
    recorded: record !== undefined,
    limits: [...limits].sort((left, right) => left - right),
    coverageMin: profile?.mkt?.coverageMin ?? coverageMinDefault,
    ...(gapMs !== undefined && { gapMs }),
    ...(record !== undefined && { gapOutsideMs: record.everyOutsideMs * gapIntervals }),
    ...(known?.name !== undefined && { name: known.name }),
    ...(known?.unit !== undefined && { unit: known.unit }),
    ...(calibrated !== undefined && {
      calibration: {
        ...{ on: calibrated.on, due, overdue: due < day },
        ...(calibrated.certificate !== undefined && { certificate: calibrated.certificate }),
      },
    }),
  };
}

function pointsOf({ temperature = [], humidity = [], door, mains, points }: LocationConfig) {
  const more = [door, mains].filter((key) => key !== undefined);
  return [...new Set([...temperature, ...humidity, ...more, ...points.filter(isPointKey)])];
}

function kindOf(
  key: PointKey,
  { temperature = [], humidity = [], door, mains }: LocationConfig,
): PlannedPoint["kind"] {
  if (temperature.includes(key)) return "temperature";
  if (humidity.includes(key)) return "humidity";
  if (key === door) return "door";
  return key === mains ? "mains" : "other";
}

function watchedBy(condition: Condition): readonly PointKey[] {
  if ("of" in condition) return condition.of.flatMap(watchedBy);
  if ("part" in condition) return watchedBy(condition.part);
  return "point" in condition ? [condition.point] : [];
}

function limitsOn(key: PointKey, condition: Condition): readonly number[] {
  if ("of" in condition) return condition.of.flatMap((part) => limitsOn(key, part));
  if ("part" in condition) return limitsOn(key, condition.part);
  const isLimit = condition.is === "above" || condition.is === "below";
  if (!isLimit || condition.point !== key) return [];
  return condition.minus === undefined && condition.dividedBy === undefined
    ? [condition.limit]
    : [];
}

function isPointKey(key: string): key is PointKey {
  return key.includes("/");
}
