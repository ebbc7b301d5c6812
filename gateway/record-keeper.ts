import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, PointKey, Sample } from "../drivers/contract.ts";
import type { Health } from "./health/health.ts";
import type { Intake } from "./intake.ts";
import type { Point } from "./point-book.ts";
import { RecordBook } from "./record/record-book.ts";
import { recordSettings, recordsKeptForMs } from "./record/record-settings.ts";
import type { ClockQuality, Store } from "./store/store.ts";

/** How often it is looked whether old segments may go. */
const retireEveryMs = 86_400_000;

export interface RecordKeeperParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly dataDir: string;
  readonly store: Store;
  readonly intake: Pick<Intake, "record">;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly log: Log;
  readonly health: Health;
}

/** Keeps the records of regulated points for years. Without such points there is no file for them. */
export class RecordKeeper implements Disposable {
  readonly #parts: RecordKeeperParts;
  readonly #book: RecordBook | undefined;
  #retiredAt: number;

  constructor(parts: RecordKeeperParts) {
    const { config, points, dataDir, store, clock, log } = parts;
    this.#parts = parts;
    this.#retiredAt = clock.monotonicMs();
    const settings = recordSettings(config, points);
    if (settings.size === 0) return;
    this.#book = new RecordBook({ dir: dataDir, clock, log, settings, outbox: store.outbox });
  }

  /** What a commit made durable. */
  committed(samples: readonly Sample[]): void {
    this.#book?.committed(samples, this.#parts.clockQuality());
  }

  step(): void {
    if (this.#book === undefined) return;
    this.#book.step();
    this.#parts.health.report("records", this.#book.problem);
    this.#retire(this.#book);
  }

  [Symbol.dispose](): void {
    this.#book?.flush();
    this.#book?.[Symbol.dispose]();
  }

  #retire(book: RecordBook): void {
    const { clock, clockQuality, config, intake } = this.#parts;
    const mono = clock.monotonicMs();
    if (mono - this.#retiredAt < retireEveryMs || clockQuality() !== "synchronized") return;
    this.#retiredAt = mono;
    book.retire(recordsKeptForMs(config), (body) => {
      intake.record("audit", { action: "records-retired", ...body });
    });
  }
}
