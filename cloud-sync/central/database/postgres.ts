import { once } from "node:events";
import type { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database, Queries, Row } from "./database.ts";
import { isOutageState, outageError } from "./outage.ts";

/** Connections of one receiver: PostgreSQL allows 100 by default, and several receivers share them. */
const connectionsMax = 10;

export interface PostgresLimits {
  /** A server that lets nobody in for longer counts as gone. */
  readonly connectMsMax: number;
  /** Wait for one of the connections: half of the agent's own deadline, so that it hears that central is busy. */
  readonly turnMsMax: number;
}

const usualLimits: PostgresLimits = { connectMsMax: 5_000, turnMsMax: 15_000 };

/** A statement that hangs must not hold a gateway's lock for ever. */
const statementTimeoutMs = 20_000;

/** PostgreSQL's own number of a type, fixed since it exists. */
const int8Oid = 20;
const numericOid = 1_700;

/** Opens a pool; connects when the first query needs it. `url` as in `postgres://user@host/db`. */
export function openPostgres(url: string, log: Log, limits = usualLimits): Database {
  // The pool has one name for both limits: what it is told here is the wait for a turn.
  class Connection extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: limits.connectMsMax });
    }
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    Client: Connection,
    connectionTimeoutMillis: limits.turnMsMax,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
    keepAlive: true,
    application_name: "rackwatch-central",
    types: { getTypeParser },
  });
  // An idle connection that the server closes is an 'error' event, which without a listener ends the process.
  pool.on("error", (error) => log.debug("database connection lost", { reason: error.message }));
  const where = redact(url);
  const names = new StatementNames();
  return {
    kind: "postgresql",
    query: (sql, values) => reached(where, () => run(pool, sql, values)),
    copyIn: (table, rows) =>
      reached(where, () => withClient(pool, (client) => copyIn(client, table, rows))),
    transaction: (work) =>
      reached(where, () => withClient(pool, (client) => transaction(client, names, work))),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

type TypeParser = (text: string) => unknown;

/** Sequence numbers and times stay below 2^53, so they may be numbers. */
function getTypeParser(oid: number, format?: "text" | "binary"): TypeParser {
  if ((oid === int8Oid || oid === numericOid) && format !== "binary") return Number;
  return pg.types.getTypeParser(oid, format === "binary" ? "text" : "text");
}

async function run(
  client: pg.Pool | pg.PoolClient,
  sql: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<readonly Row[]> {
  // Without values it may be one of several statements or of a kind that cannot be prepared.
  const result =
    name === undefined || values.length === 0
      ? await client.query<Row>(sql, [...values])
      : await client.query<Row>({ name, text: sql, values: [...values] });
  return result.rows;
}

async function copyIn(
  client: pg.PoolClient,
  table: string,
  slices: Iterable<Uint8Array>,
): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${table} FROM STDIN WITH (FORMAT binary)`));
  await Promise.all([once(stream, "finish"), feed(stream, slices)]);
}

/** Goes round the event loop between two slices, so that each is on its way before the next is made. */
async function feed(stream: Writable, slices: Iterable<Uint8Array>): Promise<void> {
  let refused = false;
  // pg-copy-streams lets go of its connection when the server refuses rows: to touch it then would throw.
  stream.on("error", () => {
    refused = true;
  });
  try {
    for (const slice of slices) {
      if (refused) return;
      stream.write(slice);
      await turn();
    }
  } catch (error) {
    // Ends the COPY at the server, which would wait for the rest for ever.
    if (!refused) stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  if (!refused) stream.end();
}

async function transaction<T>(
  client: pg.PoolClient,
  names: StatementNames,
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  await client.query("BEGIN");
  try {
    const result = await work({
      query: (sql, values) => run(client, sql, values, names.of(sql)),
      copyIn: (table, rows) => copyIn(client, table, rows),
    });
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

/** Statements of a transaction are parsed and planned once a connection: a name for each text. */
class StatementNames {
  readonly #names = new Map<string, string>();

  of(sql: string): string {
    const known = this.#names.get(sql);
    if (known !== undefined) return known;
    const name = `s${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }
}

/** A client that failed is closed instead of going back to the pool: what it was in the middle of is unknown. */
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>) {
  const client = await pool.connect();
  let failed: Error | undefined;
  const lost = (error: Error) => {
    failed = error;
  };
  client.on("error", lost);
  try {
    return await work(client);
  } catch (error) {
    failed ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off("error", lost);
    client.release(failed);
  }
}

/** @throws RackwatchError `central/database` for an outage, `central/busy` when there was no connection to be had. */
async function reached<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isNoTurn(error)) {
      const message = `none of ${connectionsMax} connections to the database was free in time`;
      throw new RackwatchError("central/busy", message, { cause: error, where });
    }
    if (!isOutage(error)) throw error;
    const todo = "start PostgreSQL, or check the address, user and password after --database";
    const state = error instanceof pg.DatabaseError ? (error.code ?? "") : "";
    throw outageError(state, { cause: error, where, todo });
  }
}

/** Errors without SQLSTATE come from the socket; a wrong statement has one of class 22, 23 or 42. */
function isOutage(error: unknown): boolean {
  if (error instanceof RackwatchError || !(error instanceof Error)) return false;
  if (!(error instanceof pg.DatabaseError)) return "code" in error || isPoolMessage(error);
  return isOutageState(error.code ?? "");
}

/** pg has no codes for these. */
function isPoolMessage(error: Error): boolean {
  return /^(Connection terminated|timeout expired|Query read timeout|Client )/.test(error.message);
}

/** All connections had other work for too long: the database itself may be well. */
function isNoTurn(error: unknown): boolean {
  return error instanceof Error && error.message === "timeout exceeded when trying to connect";
}

function redact(url: string): string {
  if (!URL.canParse(url)) return "--database";
  const { hostname, port, pathname } = new URL(url);
  return `postgres://${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}
