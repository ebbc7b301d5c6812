import type { Clock, EpochMs } from "../drivers/contract.ts";
import type { Lane } from "../gateway/store/store.ts";
import type { SyncFigures } from "../gateway/store/sync-status.ts";
import type { Agreement } from "./greeting.ts";
import type { Sent } from "./lane-sender.ts";

/** Over this long a rate is taken: longer than the pause between two flushes of a gateway. */
const rateMs = 15_000;

type PerLane = Record<Lane, number>;

/** What the agent did since it started. */
export class Figures {
  readonly #clock: Clock;
  readonly #startedAt: EpochMs;
  readonly #batches: PerLane = { events: 0, samples: 0 };
  readonly #rows: PerLane = { events: 0, samples: 0 };
  readonly #bytes: PerLane = { events: 0, samples: 0 };
  readonly #failures: Record<string, number> = {};
  #snapshots = 0;
  #gaps = 0;
  #rejectedRows = 0;
  #requestMs: number | undefined;
  #behindMs: number | undefined;
  #hello: Pick<SyncFigures, "helloAt" | "schemaVersion" | "clockAheadMs"> = {};
  #mark: { readonly at: number; readonly rows: number; readonly backlog: number } | undefined;
  #rate: Pick<SyncFigures, "rowsPerSecond" | "etaMs"> = {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  greeted({ version, serverTime }: Agreement): void {
    const now = this.#clock.now();
    this.#hello = { helloAt: now, schemaVersion: version, clockAheadMs: serverTime - now };
  }

  sent(lane: Lane, sent: Sent): void {
    if (sent.kind === "gap") this.#gaps += 1;
    if (sent.kind !== "rows") return;
    this.#batches[lane] += 1;
    this.#rows[lane] += sent.rows;
    this.#bytes[lane] += sent.bytes;
    this.#rejectedRows += sent.rejected;
    this.#requestMs = Math.round(sent.ms);
    if (lane === "samples") this.#behindMs = Math.max(0, this.#clock.now() - sent.firstAt);
  }

  /** Central has all samples that there are. */
  caughtUp(): void {
    this.#behindMs = 0;
    this.#rate = {};
    this.#mark = undefined;
  }

  snapshot(): void {
    this.#snapshots += 1;
  }

  failed(code: string): void {
    this.#failures[code] = (this.#failures[code] ?? 0) + 1;
  }

  now(backlog: Readonly<PerLane>, batchRows: number): SyncFigures {
    this.#measure(backlog.samples);
    return {
      at: this.#clock.now(),
      startedAt: this.#startedAt,
      ...this.#hello,
      batches: { ...this.#batches },
      rows: { ...this.#rows },
      bytes: { ...this.#bytes },
      snapshots: this.#snapshots,
      gaps: this.#gaps,
      rejectedRows: this.#rejectedRows,
      failures: { ...this.#failures },
      batchRows,
      ...(this.#requestMs === undefined ? {} : { requestMs: this.#requestMs }),
      ...this.#rate,
      backlog: { ...backlog },
      ...(this.#behindMs === undefined ? {} : { behindMs: this.#behindMs }),
    };
  }

  /** What went in, and how much less there is to go: rows that come meanwhile are in the second alone. */
  #measure(backlog: number): void {
    const at = this.#clock.monotonicMs();
    const rows = this.#rows.samples;
    this.#mark ??= { at, rows, backlog };
    const ms = at - this.#mark.at;
    if (ms < rateMs) return;
    const perMs = (this.#mark.backlog - backlog) / ms;
    this.#rate = {
      rowsPerSecond: Math.round(((rows - this.#mark.rows) * 1_000) / ms),
      ...(perMs > 0 ? { etaMs: Math.round(backlog / perMs) } : {}),
    };
    this.#mark = { at, rows, backlog };
  }
}
