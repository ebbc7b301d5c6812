import type { MonotonicMs, PointKey, Sample } from "../contract.ts";

/** Changes of one switch or text in one period: a door that opens and shuts is seen, a flood is not. Older ones go. */
export const changesMax = 16;

interface Track {
  pending: Sample[];
  /** When the point's samples were taken last. */
  takenMs: MonotonicMs;
}

/**
 * Samples that wait to be taken: after a pause at once, then once in a period. Of a number the newest wins; of a
 * switch or text each change is kept. Bounded by the number of points.
 */
export class Conflator {
  readonly #everyMs: number;
  readonly #tracks = new Map<PointKey, Track>();
  readonly #waiting = new Set<PointKey>();
  #replaced = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Samples that a newer one took the place of. */
  get replaced(): number {
    return this.#replaced;
  }

  put(sample: Sample): void {
    const track = this.#tracks.get(sample.point) ?? {
      pending: [],
      takenMs: Number.NEGATIVE_INFINITY,
    };
    this.#tracks.set(sample.point, track);
    this.#waiting.add(sample.point);
    const last = track.pending.at(-1);
    if (last === undefined) {
      track.pending.push(sample);
      return;
    }
    if (isChange(last, sample) && track.pending.length < changesMax) {
      track.pending.push(sample);
      return;
    }
    this.#replaced += 1;
    if (isChange(last, sample)) track.pending.shift();
    else track.pending.pop();
    track.pending.push(sample);
  }

  /** What is due, in the order in which it came for each point. */
  take(nowMs: MonotonicMs): readonly Sample[] {
    const taken: Sample[] = [];
    for (const key of this.#waiting) {
      const track = this.#tracks.get(key);
      if (track === undefined || track.takenMs + this.#everyMs > nowMs) continue;
      taken.push(...track.pending);
      track.pending = [];
      track.takenMs = nowMs;
      this.#waiting.delete(key);
    }
    return taken;
  }

  /** When something is due; undefined while nothing waits. */
  nextMs(): MonotonicMs | undefined {
    let next: MonotonicMs | undefined;
    for (const key of this.#waiting) {
      const dueMs = (this.#tracks.get(key)?.takenMs ?? 0) + this.#everyMs;
      if (next === undefined || dueMs < next) next = dueMs;
    }
    return next;
  }
}

function isChange(before: Sample, after: Sample): boolean {
  if (before.quality === "bad" || after.quality === "bad") return false;
  return typeof after.value !== "number" && before.value !== after.value;
}
