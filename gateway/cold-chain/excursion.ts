import { z } from "zod";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import { type Decision, decisions } from "./decisions.ts";

/** Transitions of the alarm that an excursion carries; beyond it the second and later ones give way, the log has all. */
export const trailMax = 100;

const extreme = z.strictObject({ value: z.number(), at: z.number() });

const kineticSchema = z.strictObject({
  coveredMs: z.number(),
  kinetic: z.number(),
  degreeMs: z.number(),
});

const mktSchema = z.union([
  z.strictObject({ celsius: z.number(), coverage: z.number() }),
  z.strictObject({ refused: z.enum(["coverage", "freeze"]), coverage: z.number() }),
]);

const affectedSchema = z.strictObject({
  location: z.string().optional(),
  /** That location and those within it. */
  locations: z.array(z.string()),
  items: z.array(z.string()),
  lots: z.array(z.string()),
});
export type Affected = z.infer<typeof affectedSchema>;

/** An electronic signature: who, when, and what it means (21 CFR 11.50). */
const dispositionSchema = z.strictObject({
  to: z.enum(decisions),
  by: z.string(),
  at: z.number(),
  meaning: z.string(),
  comment: z.string().optional(),
});

const trailSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  at: z.number(),
  cause: z.string(),
  by: z.string().optional(),
  comment: z.string().optional(),
});
export type TrailEntry = z.infer<typeof trailSchema>;

/** One time out of range at one location by one limit. Times label, durations were counted on the monotonic clock. */
export const excursionSchema = z.strictObject({
  version: z.literal(1),
  /** `live`: the alarm's own id, `rule#occurrence`. `historic`: `rule@start`, from samples that came late. */
  id: z.string(),
  kind: z.enum(["live", "historic"]),
  rule: z.string(),
  profile: z.strictObject({ id: z.string(), limit: z.string() }).optional(),
  limit: z
    .strictObject({ is: z.enum(["above", "below"]), value: z.number(), inclusive: z.boolean() })
    .optional(),
  point: z.string().optional(),
  state: z.enum(["open", "closed"]),
  /** When the value crossed the limit, not when the on-delay ended. */
  start: z.number(),
  /** When the value came back, not when the off-delay ended. */
  end: z.number().optional(),
  /** The value farthest out, when it was first reached. */
  peak: extreme.optional(),
  /** Time with a good value. */
  knownMs: z.number(),
  /** Time beyond the limit; time of a return that did not last is not in it. */
  outsideMs: z.number(),
  /** Time without a good value. */
  gapMs: z.number(),
  /** Time beyond the limit in the 24 hours before the end or the last update, other dips included. */
  outside24hMs: z.number(),
  kinetic: kineticSchema.optional(),
  /** Of the time from start to end; only for temperatures. */
  mkt: mktSchema.optional(),
  affected: affectedSchema,
  trail: z.array(trailSchema).max(trailMax),
  trailDropped: z.number().optional(),
  dispositions: z.array(dispositionSchema),
  updatedAt: z.number(),
  /** How the last value stood, on which clock: where an open one goes on after a restart. */
  last: z
    .strictObject({
      boot: z.string(),
      mono: z.number(),
      at: z.number(),
      value: z.number().optional(),
      insideSince: z.number().optional(),
      /** The last correction of that boot's clock which its times know of. */
      correctedMono: z.number().optional(),
    })
    .optional(),
  /** Open: times from before that boot. */
  settled: z.array(z.number()).optional(),
  /** Historic: whether people were told. */
  told: z.boolean().optional(),
});
export type Excursion = z.infer<typeof excursionSchema>;

/** `none`: nobody decided yet. */
export function dispositionOf({ dispositions }: Excursion): "none" | Decision {
  return dispositions.at(-1)?.to ?? "none";
}

/** Excursions stand under this prefix, followed by their id. */
export const excursionKeyPrefix = "excursion/";

export function excursionKey(id: string): string {
  return excursionKeyPrefix + id;
}

export function historicId(rule: string, start: EpochMs): string {
  return `${rule}@${new Date(start).toISOString()}`;
}

/** The first transition stays: it says when the alarm was raised. */
export function withTrail(excursion: Excursion, entry: TrailEntry): Excursion {
  const { trail } = excursion;
  if (trail.length < trailMax) return { ...excursion, trail: [...trail, entry] };
  return {
    ...excursion,
    trail: [...trail.slice(0, 1), ...trail.slice(2), entry],
    trailDropped: (excursion.trailDropped ?? 0) + 1,
  };
}

type Places = Readonly<Record<string, { readonly within?: string | undefined }>>;

/** A location and all that lie within it, however deep. */
export function locationsWithin(location: string, places: Places): readonly string[] {
  const found = [location];
  for (const outer of found) {
    for (const [id, { within }] of Object.entries(places)) {
      if (within === outer && !found.includes(id)) found.push(id);
    }
  }
  return found;
}

/** Knows what stood at some locations at a time. */
export type StockAt = (
  locations: readonly string[],
  at: EpochMs,
) => { readonly items: readonly string[]; readonly lots: readonly string[] };

export function affectedBy(
  location: string | undefined,
  places: Places,
  stockAt: StockAt,
  at: EpochMs,
): Affected {
  const locations = location === undefined ? [] : [...locationsWithin(location, places)];
  const { items, lots } = stockAt(locations, at);
  const stock = { items: [...items], lots: [...lots] };
  return location === undefined ? { locations, ...stock } : { location, locations, ...stock };
}

/** What a rule watches, where it is one point beyond one number. */
export interface Limit {
  readonly point: PointKey;
  readonly is: "above" | "below";
  readonly value: number;
  readonly inclusive: boolean;
  readonly deadband: number;
}

export function isBeyond({ is, value, inclusive }: Limit, given: number): boolean {
  if (inclusive && given === value) return true;
  return is === "above" ? given > value : given < value;
}

/** Whether a value is behind the deadband, so that it counts as returned. */
export function isBack(limit: Limit, given: number): boolean {
  if (isBeyond(limit, given)) return false;
  const { is, value, deadband } = limit;
  if (deadband === 0) return true;
  return is === "above" ? given <= value - deadband : given >= value + deadband;
}

export function isFarther({ is }: Limit, left: number, right: number): boolean {
  return is === "above" ? left > right : left < right;
}
