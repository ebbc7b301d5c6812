import type { MonotonicMs } from "../contract.ts";
import type { Level } from "./plan.ts";

/**
 * Edges within a second that no hand and no door makes: a loose wire or a missing pull-up does. Beyond: the level
 * stays as it was and counts as uncertain until there was a quiet second.
 */
export const chatterEdgesMax = 40;
const chatterWindowMs = 1_000;

export interface ContactState {
  readonly level: Level;
  /** When the first edge of this level came. */
  readonly sinceMs: MonotonicMs;
  readonly chatters: boolean;
}

/** Takes the bounce out of one contact: a level counts once it has stood for `debounceMs`. Pure. */
export class Contact {
  readonly #debounceMs: number;
  #settled: ContactState;
  #next: { readonly level: Level; readonly sinceMs: MonotonicMs } | undefined;
  #edges = 0;
  #windowMs: MonotonicMs;
  #quietMs: MonotonicMs = Number.NEGATIVE_INFINITY;

  /** `level` is what the line shows at the start: it counts at once. */
  constructor(debounceMs: number, level: Level, nowMs: MonotonicMs) {
    this.#debounceMs = debounceMs;
    this.#settled = { level, sinceMs: nowMs, chatters: false };
    this.#windowMs = nowMs;
  }

  get state(): ContactState {
    return this.#settled;
  }

  /** When `settle` has something to decide; undefined: only another edge can change something. */
  get dueMs(): MonotonicMs | undefined {
    if (this.#settled.chatters) return this.#quietMs;
    return this.#next && this.#next.sinceMs + this.#debounceMs;
  }

  /** The line was seen at that level. The same level twice in a row is an edge between that was missed. */
  see(level: Level, nowMs: MonotonicMs): void {
    if (level !== this.#settled.level || this.#next !== undefined) this.#count(nowMs);
    this.#next = level === this.#settled.level ? undefined : { level, sinceMs: nowMs };
  }

  /** The state that has become certain by now, when it is another one than before. */
  settle(nowMs: MonotonicMs): ContactState | undefined {
    if (nowMs < this.#quietMs) {
      if (this.#settled.chatters) return undefined;
      this.#settled = { ...this.#settled, chatters: true };
      return this.#settled;
    }
    const next = this.#next;
    if (next !== undefined && nowMs - next.sinceMs >= this.#debounceMs) {
      this.#next = undefined;
      this.#settled = { ...next, chatters: false };
      return this.#settled;
    }
    if (!this.#settled.chatters) return undefined;
    this.#settled = { ...this.#settled, chatters: false };
    return this.#settled;
  }

  #count(nowMs: MonotonicMs): void {
    if (nowMs - this.#windowMs >= chatterWindowMs) {
      this.#windowMs = nowMs;
      this.#edges = 0;
    }
    this.#edges += 1;
    if (this.#edges > chatterEdgesMax) this.#quietMs = nowMs + chatterWindowMs;
  }
}
