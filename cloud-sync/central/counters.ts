import { exposition, type Reading } from "../../gateway/metrics-catalogue.ts";
import { gatewayStates } from "./api.ts";

/** Every figure of central's `/metrics`: name without `rackwatch_central_`, kind, what it says, labels. Names stay. */
export const centralMetrics = {
  batches_total: ["counter", "Batches that were accepted", ""],
  rows_total: ["counter", "Rows that were stored", ""],
  repeated_batches_total: ["counter", "Batches without a new row", ""],
  rejected_rows_total: ["counter", "Rows that were set aside", ""],
  gap_declarations_total: ["counter", "Declarations of rows that are lost", ""],
  refusals_total: ["counter", "Requests that were refused, by code", "code"],
  ingest_seconds_sum: ["counter", "Time spent in storing batches", ""],
  ingest_seconds_count: ["counter", "Batches that were worked on, refused ones included", ""],
  ingest_seconds_max: ["gauge", "Longest of these since the start", ""],
  ingests_in_flight: ["gauge", "Batches that are worked on now", ""],
  gateways: ["gauge", "Gateways by state: never, reporting, silent, stopped", "state"],
  strange_time_rows: ["gauge", "Samples whose time only a wrong clock can have told", ""],
  aggregate_dirty_hours: [
    "gauge",
    "Hours of gateways that wait for their aggregates, the running ones included",
    "",
  ],
  aggregate_lag_seconds: ["gauge", "How long the oldest of these that is due has waited", ""],
  letters_total: ["counter", "Requests over brokers that were answered", ""],
  letters_refused_total: ["counter", "Messages over brokers without effect, by reason", "reason"],
  broker_up: ["gauge", "1 while central reads from its broker, by road", "road"],
  database_up: ["gauge", "1 while the database answers", ""],
} as const;

/** How far the aggregates are behind their samples. */
export interface Lag {
  /** Hours of gateways that wait, those that run included. */
  readonly hours: number;
  /** How long the oldest one that is due has been so. */
  readonly seconds: number;
}

/** What came over brokers, and whether they are there. */
export interface BrokerFigures {
  readonly answered: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly up: ReadonlyMap<string, boolean>;
}

/** What a receiver has done since it started, for /metrics. */
export class Counters {
  batches = 0;
  rows = 0;
  repeatedBatches = 0;
  rejectedRows = 0;
  gapDeclarations = 0;
  /** As last counted, once an hour. */
  strangeRows = 0;
  /** Absent: this central reads from no broker. */
  brokers: (() => BrokerFigures) | undefined;
  /** Central's keys are not those that its gateways know. */
  hasForeignKeys = false;
  #inFlight = 0;
  #seconds = 0;
  #count = 0;
  #secondsMax = 0;
  readonly #refusals = new Map<string, number>();

  /** `code` is one of the protocol's, so that the number of series is bounded. */
  refused(code: string): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  /** Work on one batch, with a stopwatch. */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.#inFlight -= 1;
      this.#seconds += seconds;
      this.#count += 1;
      this.#secondsMax = Math.max(this.#secondsMax, seconds);
    }
  }

  /** Prometheus text format 0.0.4. `gateways`: how many are in each state; it and `lag` are absent while the database does not answer. */
  text(databaseUp: boolean, gateways?: ReadonlyMap<string, number>, lag?: Lag): string {
    const brokers = this.brokers?.();
    return exposition("rackwatch_central_", centralMetrics, {
      batches_total: this.batches,
      rows_total: this.rows,
      repeated_batches_total: this.repeatedBatches,
      rejected_rows_total: this.rejectedRows,
      gap_declarations_total: this.gapDeclarations,
      refusals_total: [...this.#refusals].map(([code, times]): Reading => [{ code }, times]),
      ingest_seconds_sum: this.#seconds,
      ingest_seconds_count: this.#count,
      ingest_seconds_max: this.#secondsMax,
      ingests_in_flight: this.#inFlight,
      gateways:
        gateways && gatewayStates.map((state): Reading => [{ state }, gateways.get(state) ?? 0]),
      strange_time_rows: this.strangeRows,
      aggregate_dirty_hours: lag?.hours,
      aggregate_lag_seconds: lag?.seconds,
      letters_total: brokers?.answered,
      letters_refused_total: [...(brokers?.refused ?? [])].map(
        ([reason, times]): Reading => [{ reason }, times],
      ),
      broker_up: [...(brokers?.up ?? [])].map(([road, up]): Reading => [{ road }, up ? 1 : 0]),
      database_up: databaseUp ? 1 : 0,
    });
  }
}
