/** What a receiver has done since it started, for /metrics. */
export class Counters {
  batches = 0;
  rows = 0;
  repeatedBatches = 0;
  rejectedRows = 0;
  gapDeclarations = 0;
  readonly #refusals = new Map<string, number>();

  /** `code` is one of the protocol's, so that the number of series is bounded. */
  refused(code: string): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  /** Prometheus text format 0.0.4. */
  text(databaseUp: boolean): string {
    const lines = [
      ...counter("batches_total", "Batches that were accepted", this.batches),
      ...counter("rows_total", "Rows that were stored", this.rows),
      ...counter("repeated_batches_total", "Batches without a new row", this.repeatedBatches),
      ...counter("rejected_rows_total", "Rows that were set aside", this.rejectedRows),
      ...counter(
        "gap_declarations_total",
        "Declarations of rows that are lost",
        this.gapDeclarations,
      ),
      "# HELP rackwatch_central_refusals_total Requests that were refused, by code",
      "# TYPE rackwatch_central_refusals_total counter",
      ...[...this.#refusals].map(
        ([code, times]) => `rackwatch_central_refusals_total{code="${code}"} ${times}`,
      ),
      "# HELP rackwatch_central_database_up 1 while the database answers",
      "# TYPE rackwatch_central_database_up gauge",
      `rackwatch_central_database_up ${databaseUp ? 1 : 0}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}

function counter(name: string, help: string, value: number): string[] {
  const full = `rackwatch_central_${name}`;
  return [`# HELP ${full} ${help}`, `# TYPE ${full} counter`, `${full} ${value}`];
}
