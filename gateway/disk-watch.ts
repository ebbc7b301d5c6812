import { healthText } from "../config/language/health.ts";
import type { Language } from "../config/language/language.ts";
import type { Clock, MonotonicMs } from "../drivers/contract.ts";
import type { Health, Problem } from "./health/health.ts";
import { freeBytesOf } from "./store/ballast.ts";
import { readInsight } from "./store/insight.ts";
import { freeBytesMin } from "./store/limits.ts";
import type { Losses } from "./store/losses.ts";

/** Less free than this is told: the same at which the store begins to make room. */
export const diskLowBytes = freeBytesMin;

/** And this much must be free again before it is well: who deletes one file does not end it for a minute. */
export const diskWellBytes = 2 * diskLowBytes;

/** How long no row was given up before that counts as over: the store makes room bit by bit. */
export const lossQuietMs = 3_600_000;

/** How often the counters of what was given up are read: it opens the database beside its writer. */
const lossesEveryMs = 60_000;

/** What the store gives up for room, as its gap events say it. */
const forRoom = ["thinned", "size"] as const;

export interface DiskWatchParts {
  readonly dataDir: string;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly health: Health;
  readonly language: () => Language;
  /** A test puts its own here. Undefined: not known. */
  readonly freeBytes?: (dir: string) => number | undefined;
  readonly losses?: (dir: string) => Losses | undefined;
}

/**
 * Tells people that the disk is nearly full, or that rows which central did not have went for it. Commits go on long after
 * that, so that nobody else would.
 */
export class DiskWatch {
  readonly #parts: DiskWatchParts;
  #isLow = false;
  #rowsLost: number | undefined;
  #lostAt: MonotonicMs | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
  }

  step(): void {
    const { dataDir, freeBytes = freeBytesOf, health } = this.#parts;
    const free = freeBytes(dataDir);
    // A disk that does not even say this is the store's matter.
    if (free !== undefined) this.#isLow = free < (this.#isLow ? diskWellBytes : diskLowBytes);
    this.#countLosses();
    health.report("disk", this.#problem());
  }

  #countLosses(): void {
    const { dataDir, clock, losses = lossesIn } = this.#parts;
    const mono = clock.monotonicMs();
    if (mono - this.#readAt < lossesEveryMs) return;
    this.#readAt = mono;
    const found = losses(dataDir);
    if (found === undefined) return;
    const rows = forRoom.reduce((sum, reason) => sum + (found[reason]?.rows ?? 0), 0);
    if (this.#rowsLost !== undefined && rows > this.#rowsLost) this.#lostAt = mono;
    this.#rowsLost = rows;
  }

  #problem(): Problem | undefined {
    const { dataDir: where, clock, language } = this.#parts;
    const text = healthText[language()].diskSays;
    const isLosing = this.#lostAt !== undefined && clock.monotonicMs() - this.#lostAt < lossQuietMs;
    if (isLosing) return { code: "store/full", message: text.lost, where, todo: text.lostTodo };
    if (!this.#isLow) return undefined;
    const message = text.low(diskLowBytes / 1_048_576);
    return { code: "store/full", message, where, todo: text.lowTodo };
  }
}

function lossesIn(dir: string): Losses | undefined {
  return readInsight(dir)?.losses;
}
