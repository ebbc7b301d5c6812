import { z } from "zod";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { type BootClock, markAt, monoOf, timeMarkSchema } from "./time-mark.ts";

/** ISA-18.2 counts floods in windows of this length: (t - 10 min, t]. */
export const floodWindowMs = 600_000;

/** State key of the flood's memory. */
export const floodKey = "flood";

const floodSchema = z.strictObject({
  version: z.literal(1),
  flooded: z.boolean(),
  /** The newest of `starts`. */
  newest: timeMarkSchema,
  /** How long before `newest` each start was, oldest first. */
  startsAgoMs: z.array(z.number().min(0)),
});
export type SavedFlood = z.infer<typeof floodSchema>;

export interface FloodLimits {
  /** More new alarms in the window than this begin a flood. */
  readonly floodBegins: number;
  /** Fewer than this end it. */
  readonly floodEnds: number;
}

export interface FloodChange {
  readonly to: "flood" | "calm";
  /** New alarms in the window at that moment. */
  readonly count: number;
  readonly mono: MonotonicMs;
}

/** Counts new alarms in a sliding window. Remembers no more starts than begin a flood. */
export class Flood {
  readonly #limits: FloodLimits;
  readonly #clock: BootClock;
  #starts: MonotonicMs[] = [];
  #flooded = false;

  /** What another boot saved counts only where wall clocks tell how long ago it was; else the count begins anew. */
  constructor(limits: FloodLimits, clock: BootClock, saved: unknown, instant: Instant) {
    const { floodBegins } = limits;
    // Else it would end as it begins.
    this.#limits = { floodBegins, floodEnds: Math.min(limits.floodEnds, floodBegins + 1) };
    this.#clock = clock;
    const parsed = floodSchema.safeParse(saved);
    if (!parsed.success) return;
    const newest = monoOf(parsed.data.newest, instant, clock);
    if (newest === undefined) return;
    this.#starts = parsed.data.startsAgoMs.map((agoMs) => newest - agoMs);
    this.#flooded = parsed.data.flooded;
  }

  get flooded(): boolean {
    return this.#flooded;
  }

  /** Takes `starts` new alarms at `mono`. What ended before them is told first. */
  note(starts: number, mono: MonotonicMs): readonly FloodChange[] {
    const changes = this.#end(mono);
    const kept = this.#limits.floodBegins + 1;
    for (let start = 0; start < starts; start += 1) this.#starts.push(mono);
    const count = this.#countAt(mono);
    if (this.#starts.length > kept) this.#starts.splice(0, this.#starts.length - kept);
    if (this.#flooded || count <= this.#limits.floodBegins) return changes;
    this.#flooded = true;
    return [...changes, { to: "flood", count, mono }];
  }

  /** When the flood ends if nothing more comes. */
  nextDue(): MonotonicMs | undefined {
    if (!this.#flooded) return undefined;
    const decisive = this.#starts.at(-this.#limits.floodEnds);
    return decisive === undefined ? this.#starts.at(-1) : decisive + floodWindowMs;
  }

  /** Undefined when nothing need be kept. */
  saved(instant: Instant): SavedFlood | undefined {
    const newest = this.#starts.at(-1);
    if (newest === undefined) return undefined;
    return {
      version: 1,
      flooded: this.#flooded,
      newest: markAt(newest, instant, this.#clock),
      startsAgoMs: this.#starts.map((start) => newest - start),
    };
  }

  #end(mono: MonotonicMs): readonly FloodChange[] {
    const due = this.nextDue();
    if (due === undefined || due > mono) return [];
    this.#flooded = false;
    return [{ to: "calm", count: this.#countAt(due), mono: due }];
  }

  #countAt(mono: MonotonicMs): number {
    return this.#starts.filter((start) => start > mono - floodWindowMs).length;
  }
}
