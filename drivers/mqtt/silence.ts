import type { MonotonicMs } from "../contract.ts";
import type { PlannedPoint } from "./plan.ts";

interface Track {
  readonly point: PlannedPoint;
  readonly silentAfterMs: number;
  heardMs: MonotonicMs;
  isTold: boolean;
}

/** Tells once of each point that has not been heard for too long: a device that publishes cannot be asked. */
export class SilenceWatch {
  readonly #tracks: ReadonlyMap<string, Track>;

  constructor(points: readonly PlannedPoint[], nowMs: MonotonicMs) {
    this.#tracks = new Map(
      points.flatMap((point): [string, Track][] => {
        const { key, silentAfterMs } = point;
        if (silentAfterMs === undefined) return [];
        return [[key, { point, silentAfterMs, heardMs: nowMs, isTold: false }]];
      }),
    );
  }

  get isNeeded(): boolean {
    return this.#tracks.size > 0;
  }

  heard(point: PlannedPoint, nowMs: MonotonicMs): void {
    const track = this.#tracks.get(point.key);
    if (track === undefined) return;
    track.heardMs = nowMs;
    track.isTold = false;
  }

  /** Something worse than silence is known of the point already. */
  excuse(point: PlannedPoint): void {
    const track = this.#tracks.get(point.key);
    if (track !== undefined) track.isTold = true;
  }

  /** Points whose silence has become too long since the last call. */
  due(nowMs: MonotonicMs): readonly PlannedPoint[] {
    const due: PlannedPoint[] = [];
    for (const track of this.#tracks.values()) {
      if (track.isTold || track.heardMs + track.silentAfterMs > nowMs) continue;
      track.isTold = true;
      due.push(track.point);
    }
    return due;
  }
}
