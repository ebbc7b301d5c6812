import { z } from "zod";
import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Follow } from "../follow.ts";
import { nothingFollows } from "../follow.ts";
import type { Instant } from "../rules/rule.ts";
import { clockFloor } from "../runtime/machine.ts";
import { correctedTime, fixOf, type TimeCorrection } from "../store/time-shift.ts";

/** Saved extremes stand under this prefix, followed by the point. */
export const minMaxKeyPrefix = "min-max/";

/** Extremes are saved together and no oftener: a slow drift would else write the disk at every sample. */
export const minMaxSavedEveryMs = 60_000;

const extremeSchema = z.strictObject({ value: z.number(), at: z.number() });

const rangeSchema = z.strictObject({
  min: extremeSchema,
  max: extremeSchema,
  /** Since the first value, or the last reset. */
  since: z.number(),
  resetBy: z.string().optional(),
});

/** Lowest and highest good value of a point since somebody looked and reset them (CDC: each working day). */
export type MinMax = z.infer<typeof rangeSchema>;

/** Extremes of some points. Bad and uncertain samples have none; what was out of range at a restart is not lost. */
export class MinMaxBook {
  readonly #points: ReadonlySet<PointKey>;
  readonly #ranges = new Map<PointKey, MinMax>();
  /** Who reset a point that has had no value since. */
  readonly #reset = new Map<PointKey, { readonly by: string; readonly at: number }>();
  readonly #changed = new Set<PointKey>();
  /** Times from before this start: what is found out of the clock says nothing of them. */
  readonly #settled = new Set<EpochMs>();
  #savedAt: MonotonicMs | undefined;

  /** @param saved What the store kept under `minMaxKeyPrefix`; what cannot be read begins anew. */
  constructor(points: ReadonlySet<PointKey>, saved: ReadonlyMap<string, unknown>) {
    this.#points = points;
    for (const point of points) {
      const parsed = rangeSchema.safeParse(saved.get(minMaxKeyPrefix + point));
      if (!parsed.success) continue;
      this.#ranges.set(point, parsed.data);
      // In which boot it was saved is not known; a clock that was right may have said these.
      for (const at of timesOf(parsed.data)) if (at >= clockFloor) this.#settled.add(at);
    }
  }

  get(point: PointKey): MinMax | undefined {
    return this.#ranges.get(point);
  }

  /** Live samples or none. */
  step(samples: readonly Sample[], { mono }: Instant): Follow {
    for (const sample of samples) {
      if (sample.quality !== "good" || typeof sample.value !== "number") continue;
      if (this.#points.has(sample.point)) this.#widen(sample.point, sample.value, sample.sampledAt);
    }
    this.#savedAt ??= mono;
    if (this.#changed.size === 0 || mono - this.#savedAt < minMaxSavedEveryMs) {
      return nothingFollows;
    }
    this.#savedAt = mono;
    const state = new Map([...this.#changed].map((point) => this.#entry(point)));
    this.#changed.clear();
    return { events: [], state };
  }

  /** The clock was wrong: extremes that it dated get their true times, on disk at the next step. */
  correct(correction: TimeCorrection): void {
    const fix = fixOf(correction, this.#settled);
    for (const [point, range] of this.#ranges) {
      if (timesOf(range).every((at) => fix(at) === at)) continue;
      const { min, max, since } = range;
      this.#ranges.set(point, {
        ...range,
        ...{ min: { ...min, at: fix(min.at) }, max: { ...max, at: fix(max.at) } },
        since: fix(since),
      });
      this.#changed.add(point);
      this.#savedAt = Number.NEGATIVE_INFINITY;
    }
    for (const [point, reset] of this.#reset) {
      this.#reset.set(point, { ...reset, at: correctedTime(reset.at, correction) });
    }
  }

  /** Begins anew with the next value; what was is on record with the person who looked. */
  reset(point: PointKey, by: string, { at }: Instant): Follow {
    const before = this.#ranges.get(point);
    this.#ranges.delete(point);
    this.#changed.delete(point);
    if (this.#points.has(point)) this.#reset.set(point, { by, at });
    const seen = before === undefined ? {} : { min: before.min, max: before.max };
    const since = before === undefined ? {} : { since: before.since };
    return {
      events: [{ kind: "audit", body: { do: "min-max-reset", point, by, ...seen, ...since } }],
      state: new Map([this.#entry(point)]),
    };
  }

  #widen(point: PointKey, value: number, at: number): void {
    const range = this.#ranges.get(point);
    if (range !== undefined && value >= range.min.value && value <= range.max.value) return;
    const here = { value, at };
    const reset = this.#reset.get(point);
    this.#reset.delete(point);
    this.#ranges.set(
      point,
      range === undefined
        ? { min: here, max: here, since: reset?.at ?? at, ...(reset && { resetBy: reset.by }) }
        : {
            ...range,
            ...(value < range.min.value && { min: here }),
            ...(value > range.max.value && { max: here }),
          },
    );
    this.#changed.add(point);
  }

  #entry(point: PointKey): readonly [string, MinMax | undefined] {
    return [minMaxKeyPrefix + point, this.#ranges.get(point)];
  }
}

function timesOf({ min, max, since }: Pick<MinMax, "min" | "max" | "since">): readonly EpochMs[] {
  return [min.at, max.at, since];
}
