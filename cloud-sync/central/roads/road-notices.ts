import type { Log, MonotonicMs } from "../../../drivers/contract.ts";

/** How often the same is said of the same source. */
const againMs = 60_000;

/** Sources that are remembered; beyond it the oldest is forgotten, and may be told of sooner. */
const sourcesMax = 1_000;

/** Why a message had no effect. */
export const refusedReasons = [
  "malformed",
  "retained",
  "too-large",
  "unknown-gateway",
  "wrong-seal",
  "stale",
  "replayed",
] as const;
export type RefusedReason = (typeof refusedReasons)[number];

/** Counts what is refused, and says it once a minute of each source: whoever floods a broker floods no log. */
export class RoadNotices {
  readonly #log: Log;
  readonly #said = new Map<string, MonotonicMs>();
  readonly #counts = new Map<RefusedReason, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** How often each happened since the start. */
  get counts(): ReadonlyMap<RefusedReason, number> {
    return this.#counts;
  }

  /** @param source topic or gateway that the message claims to be of */
  refused(reason: RefusedReason, source: string, now: MonotonicMs): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const key = `${reason} ${source}`;
    const saidAt = this.#said.get(key);
    if (saidAt !== undefined && now - saidAt < againMs) return;
    this.#said.delete(key);
    const [oldest] = this.#said.keys();
    if (this.#said.size >= sourcesMax && oldest !== undefined) this.#said.delete(oldest);
    this.#said.set(key, now);
    this.#log.warn("message refused", { reason, source });
  }
}
