import pg from "pg";
import type { Lane } from "../../gateway/store/store.ts";
import { eventually } from "./spine.ts";
import { patienceMs } from "./spine-site.ts";

/** Any numbers that nobody else locks. */
const gates: Readonly<Record<Lane, number>> = { events: 4_711, samples: 4_712 };

/** Holds PostgreSQL at the end of a transaction that moves a lane's mark: all is done but the commit itself. */
export class CommitGate implements AsyncDisposable {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<CommitGate> {
    // One connection: a lock belongs to it.
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { events, samples } = gates;
    await client.query(`CREATE FUNCTION wait_at_gate() RETURNS trigger AS $$ BEGIN
      PERFORM pg_advisory_xact_lock_shared(CASE NEW.lane WHEN 'events' THEN ${events} ELSE ${samples} END);
      RETURN NULL; END $$ LANGUAGE plpgsql`);
    await client.query(`CREATE CONSTRAINT TRIGGER gate AFTER INSERT OR UPDATE ON mark
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_gate()`);
    return new CommitGate(client);
  }

  /** Resolves when a transaction stands before its commit. */
  async hold(lane: Lane): Promise<void> {
    await this.#client.query("SELECT pg_advisory_lock($1)", [gates[lane]]);
    await eventually(
      () =>
        this.#client.query("SELECT 1 FROM pg_locks WHERE objid = $1 AND NOT granted", [
          gates[lane],
        ]),
      ({ rowCount }) => rowCount === 1,
      patienceMs,
    );
  }

  /** Resolves when what stood there is committed. @returns the mark that it moved to. */
  async release(lane: Lane): Promise<number> {
    const before = await this.mark(lane);
    await this.#client.query("SELECT pg_advisory_unlock($1)", [gates[lane]]);
    return eventually(
      () => this.mark(lane),
      (mark) => mark > before,
      patienceMs,
    );
  }

  async mark(lane: Lane): Promise<number> {
    const { rows } = await this.#client.query<{ seq: string }>(
      "SELECT coalesce(max(seq), 0) AS seq FROM mark WHERE lane = $1",
      [lane],
    );
    return Number(rows[0]?.seq);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
