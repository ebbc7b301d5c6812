/** One row as the database gave it: whoever asked checks its shape. */
export type Row = Readonly<Record<string, unknown>>;

export interface Queries {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * `table` with its columns, as in `sample (gateway, seq)`; `slices` of a file in PostgreSQL's binary COPY format. The
   * server works on a slice while the next one is taken.
   */
  copyIn(table: string, slices: Iterable<Uint8Array>): Promise<void>;
}

/**
 * PostgreSQL, the server or the embedded one: the same SQL on both.
 * Every method throws RackwatchError `central/database` when the database cannot be reached.
 */
export interface Database extends Queries, AsyncDisposable {
  readonly kind: "postgresql" | "pglite";
  /** Commits when `run` resolves, rolls back when it throws. */
  transaction<T>(run: (queries: Queries) => Promise<T>): Promise<T>;
}
