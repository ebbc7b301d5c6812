import { z } from "zod";
import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { AlarmStep } from "../alarms/alarm-system.ts";
import type { Follow, Follower } from "../follow.ts";
import type { Condition, Instant, Rule } from "../rules/rule.ts";

/** State keys: this prefix and the rule's id. */
export const peakKeyPrefix = "peak/";

/** Worse values are written down together, and no oftener than this: a crash may cost so much. */
export const peakSavedEveryMs = 60_000;

const savedSchema = z.strictObject({
  version: z.literal(1),
  /** `rule#occurrence`. */
  alarm: z.string(),
  peak: z.number(),
});

interface Watched {
  readonly rule: string;
  readonly point: PointKey;
  readonly is: "above" | "below";
}

interface Open {
  readonly alarm: string;
  readonly watched: Watched;
  peak: number;
}

export interface PeakInput {
  readonly samples: readonly Sample[];
  readonly step: Pick<AlarmStep, "transitions" | "alarms">;
  readonly instant: Instant;
}

/** The worst value of each alarm that a limit of one point raised, for what is told of its end. */
export class Peaks implements Follower<PeakInput> {
  readonly #watched: ReadonlyMap<string, Watched>;
  /** By rule; the last occurrence of each stays until the next, as its end is told after it. */
  readonly #open = new Map<string, Open>();
  readonly #byPoint = new Map<PointKey, Set<Open>>();
  readonly #saved: ReadonlyMap<string, unknown>;
  readonly #unsaved = new Set<Open>();
  #savedAt: MonotonicMs = Number.NEGATIVE_INFINITY;
  #started = false;

  /** @param saved what the store kept under `peakKeyPrefix`; what cannot be read is ignored. */
  constructor(rules: readonly Rule[], saved: ReadonlyMap<string, unknown>) {
    this.#saved = saved;
    this.#watched = new Map(
      rules.flatMap((rule) => {
        const limits = limitsOf(rule.when);
        const [first] = limits;
        return first === undefined || limits.length > 1
          ? []
          : [[rule.id, { rule: rule.id, ...first }] as const];
      }),
    );
  }

  /** Undefined: the alarm has no single limit, or is not known. */
  of(alarm: string): number | undefined {
    const open = this.#open.get(alarm.slice(0, alarm.lastIndexOf("#")));
    return open?.alarm === alarm ? open.peak : undefined;
  }

  nextDue(): undefined {
    return undefined;
  }

  step({ samples, step, instant }: PeakInput): Follow {
    const state = new Map<string, unknown>();
    if (!this.#started) this.#resume(step.alarms, state);
    for (const { rule, alarm, cause, to, value } of step.transitions) {
      if (cause === "violated" && typeof value === "number") {
        const begun = this.#begin(rule, alarm, value);
        if (begun !== undefined) this.#save(begun, state);
      } else if (to === "normal") this.#end(rule, state);
    }
    for (const sample of samples) this.#observe(sample);
    if (this.#unsaved.size > 0 && instant.mono - this.#savedAt >= peakSavedEveryMs) {
      this.#savedAt = instant.mono;
      for (const open of this.#unsaved) this.#save(open, state);
    }
    return { events: [], state };
  }

  #begin(rule: string, alarm: string, value: number): Open | undefined {
    const watched = this.#watched.get(rule);
    const before = this.#open.get(rule);
    if (watched === undefined || before?.alarm === alarm) return undefined;
    if (before !== undefined) this.#forget(before);
    const open = { alarm, watched, peak: value };
    this.#open.set(rule, open);
    const others = this.#byPoint.get(watched.point) ?? new Set();
    this.#byPoint.set(watched.point, others.add(open));
    return open;
  }

  #end(rule: string, state: Map<string, unknown>): void {
    const open = this.#open.get(rule);
    if (open === undefined) return;
    this.#forget(open);
    state.set(peakKeyPrefix + rule, undefined);
  }

  #observe(sample: Sample): void {
    if (sample.quality === "bad" || typeof sample.value !== "number") return;
    for (const open of this.#byPoint.get(sample.point) ?? []) {
      const { value } = sample;
      const isWorse = open.watched.is === "above" ? value > open.peak : value < open.peak;
      if (!isWorse) continue;
      open.peak = value;
      this.#unsaved.add(open);
    }
  }

  #forget(open: Open): void {
    this.#byPoint.get(open.watched.point)?.delete(open);
    this.#unsaved.delete(open);
  }

  #save(open: Open, state: Map<string, unknown>): void {
    const { alarm, peak, watched } = open;
    this.#unsaved.delete(open);
    state.set(peakKeyPrefix + watched.rule, { version: 1, alarm, peak });
  }

  /** The alarms as they are decide over what was saved. */
  #resume(alarms: AlarmStep["alarms"], state: Map<string, unknown>): void {
    this.#started = true;
    const live = new Map(alarms.map((alarm) => [alarm.rule, alarm]));
    for (const [key, json] of this.#saved) {
      const rule = key.slice(peakKeyPrefix.length);
      const saved = savedSchema.safeParse(json).data;
      if (saved !== undefined && live.get(rule)?.id === saved.alarm) {
        this.#begin(rule, saved.alarm, saved.peak);
      } else state.set(key, undefined);
    }
    for (const { rule, id, value, state: now } of live.values()) {
      if (now !== "normal" && typeof value === "number") this.#begin(rule, id, value);
    }
  }
}

/** Every limit of a value as it is measured; a difference or ratio is no value of the alarm's point. */
function limitsOf(when: Condition): readonly Pick<Watched, "point" | "is">[] {
  if (when.is === "all" || when.is === "any") return when.of.flatMap(limitsOf);
  if (when.is === "total") return limitsOf(when.part);
  if (when.is !== "above" && when.is !== "below") return [];
  if (when.minus !== undefined || when.dividedBy !== undefined) return [];
  const { point, is } = when;
  return [{ point, is }];
}
