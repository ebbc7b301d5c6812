import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { doubt, type Memory } from "./plausibility.ts";
import { type PipelineSettings, staleAfterMs, staleAt } from "./stale.ts";
import { conversion, rounded } from "./unit.ts";

/** Reasons of samples that the pipeline makes bad. */
const outOfRange = "out of range";
const notANumber = "not a number";

interface Track {
  readonly settings: PipelineSettings;
  readonly staleAfterMs: number | undefined;
  /** Undefined where the value stays as the device gave it. */
  readonly correct: ((raw: number) => number) | undefined;
  readonly checks: boolean;
  readonly memory: Memory;
  cameAt: MonotonicMs | undefined;
}

/**
 * Sample -> sample: range, spike, rate (all in the device's own unit), then calibration, then unit
 * conversion. What the device said stays in `raw` wherever the value is no longer that. Bad samples
 * pass through, so do points that have no settings; only a number that is not finite is bad
 * everywhere.
 *
 * Nothing is dropped or put in order: samples count in the order in which they come, because wall
 * time may step. Two samples of one millisecond are two samples.
 *
 * Deterministic: the same samples at the same instants give the same result. The memory of the
 * checks is not persisted.
 */
export class Pipeline {
  readonly #tracks = new Map<PointKey, Track>();

  /**
   * @throws Error when a point's units cannot be converted: the configuration check refuses those
   * first.
   */
  constructor(settings: ReadonlyMap<PointKey, PipelineSettings>) {
    for (const [point, own] of settings) this.#tracks.set(point, track(own));
  }

  /** As many samples in the same order; the same array when none was changed. */
  process(samples: readonly Sample[], instant: Instant): readonly Sample[] {
    let changed: Sample[] | undefined;
    for (let index = 0; index < samples.length; index += 1) {
      const sample = samples[index];
      if (sample === undefined) continue;
      const result = this.#one(sample, instant);
      if (result === sample) continue;
      changed ??= [...samples];
      changed[index] = result;
    }
    return changed ?? samples;
  }

  /**
   * When the point's last value begins to count as stale, counted on the monotonic clock from its
   * arrival; undefined before the first value and for points that speak when they like.
   */
  staleAt(point: PointKey): MonotonicMs | undefined {
    const track = this.#tracks.get(point);
    return track?.cameAt === undefined ? undefined : staleAt(track.cameAt, track.staleAfterMs);
  }

  /** Whether the point's last value is too old. A step of the wall clock changes nothing. */
  isStale(point: PointKey, now: MonotonicMs): boolean {
    const at = this.staleAt(point);
    return at !== undefined && now >= at;
  }

  #one(sample: Sample, instant: Instant): Sample {
    if (sample.quality === "bad") return sample;
    const { value } = sample;
    const finite = typeof value !== "number" || Number.isFinite(value);
    if (!finite) return bad(sample, notANumber);
    const track = this.#tracks.get(sample.point);
    if (track === undefined) return sample;
    const result = typeof value === "number" ? checked(sample, value, track, instant) : sample;
    if (result.quality !== "bad") track.cameAt = instant.mono;
    return result;
  }
}

function checked(
  sample: Exclude<Sample, { quality: "bad" }>,
  value: number,
  track: Track,
  { mono }: Instant,
): Sample {
  const { settings, memory, correct } = track;
  const { range } = settings;
  if (range !== undefined && !(value >= range[0] && value <= range[1])) {
    return { ...bad(sample, outOfRange), raw: sample.raw ?? value };
  }
  const reason = track.checks
    ? doubt(settings, memory, { value, mono, sampledAt: sample.sampledAt })
    : undefined;
  if (correct === undefined) {
    return reason === undefined ? sample : { ...sample, quality: "uncertain", reason };
  }
  const corrected = correct(value);
  const raw = sample.raw ?? value;
  if (!Number.isFinite(corrected)) return { ...bad(sample, notANumber), raw };
  return reason === undefined
    ? { ...sample, value: corrected, raw }
    : { ...sample, quality: "uncertain", value: corrected, raw, reason };
}

function bad({ point, sampledAt, raw }: Sample, reason: string): Sample {
  return { point, sampledAt, ...(raw === undefined ? {} : { raw }), quality: "bad", reason };
}

function track(settings: PipelineSettings): Track {
  return {
    settings,
    staleAfterMs: staleAfterMs(settings),
    correct: correction(settings),
    checks: settings.spike !== undefined || settings.rate !== undefined,
    memory: { believed: undefined, suspect: undefined },
    cameAt: undefined,
  };
}

function correction(settings: PipelineSettings): Track["correct"] {
  const { calibration, unit, convertTo } = settings;
  const convert =
    unit === undefined || convertTo === undefined || unit === convertTo
      ? undefined
      : conversion(unit, convertTo);
  if (convertTo !== undefined && convertTo !== unit && convert === undefined) {
    throw new Error(`no conversion from ${unit ?? "no unit"} to ${convertTo}`);
  }
  if (calibration === undefined) return convert;
  const { gain, offset } = calibration;
  const calibrate = (raw: number) => rounded(raw * gain + offset);
  return convert === undefined ? calibrate : (raw) => convert(calibrate(raw));
}
