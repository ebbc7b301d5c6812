import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Lane } from "../../gateway/store/store.ts";

/** A broker notices within this that a host is gone which does not say so: one and a half times the usual minute, and some more. */
export const hostSilenceMs = 120_000;

/** What was sent within so long goes back as one. */
const sliceMs = 10_000;

interface Slice {
  readonly at: MonotonicMs;
  readonly lane: Lane;
  readonly firstSeq: number;
}

/** Remembers what was sent lately: a host that is found to be gone may have missed it all. */
export class Rewind {
  #slices: Slice[] = [];

  sent(lane: Lane, firstSeq: number, now: MonotonicMs): void {
    this.#slices = this.#slices.filter(({ at }) => now - at <= hostSilenceMs);
    const at = Math.floor(now / sliceMs) * sliceMs;
    if (this.#slices.some((slice) => slice.lane === lane && slice.at === at)) return;
    this.#slices.push({ at, lane, firstSeq });
  }

  /** Highest number of each lane that the host surely had; a lane that is absent: all of them. Forgets them. */
  take(now: MonotonicMs): ReadonlyMap<Lane, number> {
    const marks = new Map<Lane, number>();
    for (const { at, lane, firstSeq } of this.#slices) {
      if (now - at > hostSilenceMs + sliceMs) continue;
      marks.set(lane, Math.min(firstSeq - 1, marks.get(lane) ?? firstSeq - 1));
    }
    this.#slices = [];
    return marks;
  }
}
