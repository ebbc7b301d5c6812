import { randomUUID } from "node:crypto";
import type { Database, Queries } from "./database.ts";
import { aggregatesTables, unmarkedTable } from "./tables/aggregates.ts";
import { biTables } from "./tables/bi.ts";
import { downTables } from "./tables/down.ts";
import { identityTables } from "./tables/identity.ts";
import { logTables } from "./tables/log.ts";
import { forTimescale, hasTimescale } from "./timescale.ts";

/** Any number, as long as every receiver of this product takes the same: they start one after another. */
export const migrationLock = 7_221_904;

/**
 * One entry a version, each a list of statements; an entry that was released is never changed.
 * Every key begins with the gateway, so that the tables can be distributed by it.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE central (generation text NOT NULL)`,
    `CREATE TABLE gateway (
      gateway text PRIMARY KEY, name text, token_hash bytea NOT NULL UNIQUE,
      epoch_number int, created_at timestamptz NOT NULL DEFAULT now(),
      last_contact_at timestamptz, last_sample_at timestamptz)`,
    `CREATE TABLE epoch (
      gateway text NOT NULL, epoch_number int NOT NULL, epoch text NOT NULL,
      first_seen_at timestamptz NOT NULL DEFAULT now(), fenced_at timestamptz,
      PRIMARY KEY (gateway, epoch_number), UNIQUE (gateway, epoch))`,
    `CREATE TABLE mark (
      gateway text NOT NULL, epoch_number int NOT NULL, lane text NOT NULL,
      seq bigint NOT NULL, chain text, updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch_number, lane))`,
    // Where rows came from: which boot, which clock, when received. Kept once a block instead of in each row.
    `CREATE TABLE block (
      gateway text NOT NULL, epoch_number int NOT NULL, lane text NOT NULL,
      first_seq bigint NOT NULL, last_seq bigint NOT NULL, boot text NOT NULL,
      offset_ms double precision NOT NULL, clock_quality text NOT NULL,
      received_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch_number, lane, first_seq))`,
    // kind: n number, b boolean (value 0 or 1), t text, null for a bad sample. quality: 0 good, 1 uncertain, 2 bad.
    `CREATE TABLE sample (
      gateway text NOT NULL, point text NOT NULL, sampled_at timestamptz NOT NULL,
      epoch_number int NOT NULL, seq bigint NOT NULL, quality smallint NOT NULL, kind text,
      value double precision, text_value text, reason text, raw double precision
      ) PARTITION BY RANGE (sampled_at)`,
    `CREATE INDEX sample_by_point ON sample (gateway, point, sampled_at)`,
    `CREATE TABLE sample_strange_time PARTITION OF sample DEFAULT`,
    `CREATE TABLE latest (
      gateway text NOT NULL, point text NOT NULL, sampled_at timestamptz NOT NULL,
      epoch_number int NOT NULL, seq bigint NOT NULL, quality smallint NOT NULL, kind text,
      value double precision, text_value text, reason text,
      PRIMARY KEY (gateway, point)) WITH (fillfactor = 70)`,
    `CREATE TABLE event (
      gateway text NOT NULL, epoch_number int NOT NULL, seq bigint NOT NULL, kind text NOT NULL,
      at timestamptz NOT NULL, mono_ms double precision NOT NULL, body jsonb NOT NULL,
      chain text NOT NULL, PRIMARY KEY (gateway, epoch_number, seq))`,
    `CREATE INDEX event_by_time ON event (gateway, at)`,
    `CREATE TABLE alarm (
      gateway text NOT NULL, rule text NOT NULL, alarm text NOT NULL, state text NOT NULL,
      priority text NOT NULL, message text NOT NULL, since timestamptz NOT NULL,
      acknowledged_by text, comment text, point text, value jsonb,
      epoch_number int NOT NULL, seq bigint NOT NULL, PRIMARY KEY (gateway, rule))`,
    `CREATE TABLE gap (
      gateway text NOT NULL, epoch_number int NOT NULL, lane text NOT NULL,
      first_seq bigint NOT NULL, last_seq bigint NOT NULL, reason text NOT NULL,
      declared_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch_number, lane, first_seq))`,
    `CREATE TABLE reject (
      gateway text NOT NULL, epoch_number int NOT NULL, lane text NOT NULL, seq bigint NOT NULL,
      reason text NOT NULL, content text NOT NULL, rejected_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch_number, lane, seq))`,
    // Another content under a known sequence number: a cloned card, a restored database, tampering.
    `CREATE TABLE conflict (
      gateway text NOT NULL, epoch_number int NOT NULL, lane text NOT NULL, seq bigint NOT NULL,
      ours text NOT NULL, theirs text NOT NULL, times bigint NOT NULL DEFAULT 1,
      first_at timestamptz NOT NULL DEFAULT now(), last_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gateway, epoch_number, lane, seq))`,
  ],
  [
    // What the gateway calls itself; the name that was given at enrolment goes before it.
    `ALTER TABLE gateway ADD reported_name text`,
    // Points that are no longer configured stay: their old values still have that unit.
    `CREATE TABLE point (
      gateway text NOT NULL, point text NOT NULL, kind text NOT NULL, unit text, name text,
      location text, PRIMARY KEY (gateway, point))`,
  ],
  [
    // Where the gateway's audit trail ended at some time, kept where the gateway cannot change it.
    `CREATE TABLE audit_anchor (
      gateway text NOT NULL, epoch_number int NOT NULL, seq bigint NOT NULL, hash text NOT NULL,
      received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (gateway, epoch_number, seq))`,
  ],
  [
    // Each movement once, whatever epoch tells it again. `numeric`: sums are exact.
    `CREATE TABLE movement (
      gateway text NOT NULL, id text NOT NULL, at timestamptz NOT NULL, kind text NOT NULL,
      location text NOT NULL, item text NOT NULL, lot text, quantity numeric NOT NULL,
      unit text NOT NULL, body jsonb NOT NULL, epoch_number int NOT NULL, seq bigint NOT NULL,
      PRIMARY KEY (gateway, id))`,
    `CREATE INDEX movement_by_time ON movement (gateway, at)`,
    `CREATE INDEX movement_by_item ON movement (gateway, item, at)`,
    // What the gateway said it has at its last start, and all that moved since. lot: empty where it is not known.
    `CREATE TABLE stock (
      gateway text NOT NULL, location text NOT NULL, item text NOT NULL, lot text NOT NULL,
      quantity numeric NOT NULL, unit text NOT NULL, name text, moved_at timestamptz,
      PRIMARY KEY (gateway, location, item, lot)) WITH (fillfactor = 70)`,
  ],
  [
    // Of the last hello: how long the gateway had not committed then, by the agent's clock. Null: it did not say.
    `ALTER TABLE gateway ADD alive_age_ms double precision`,
    // What central itself finds wrong with a gateway, from begin to end. told_: when the webhook took it.
    `CREATE TABLE central_alarm (
      gateway text NOT NULL, rule text NOT NULL, begun_at timestamptz NOT NULL DEFAULT now(),
      since timestamptz NOT NULL, ended_at timestamptz,
      told_begin_at timestamptz, told_end_at timestamptz,
      PRIMARY KEY (gateway, rule, begun_at))`,
    // Several receivers watch at once: each alarm is open once.
    `CREATE UNIQUE INDEX central_alarm_open ON central_alarm (gateway, rule) WHERE ended_at IS NULL`,
  ],
  [
    // heads_: what the gateway has written, as it last said; backlog: what of it central had not. alarms_: all alarms are
    // known as of that event. newest_: the row that last_sample_at is of.
    `ALTER TABLE gateway ADD machine text, ADD snapshot_at timestamptz, ADD head_events bigint,
      ADD head_samples bigint, ADD heads_at timestamptz, ADD backlog bigint,
      ADD drained_per_second double precision, ADD alarms_epoch_number int, ADD alarms_seq bigint,
      ADD newest_epoch_number int, ADD newest_seq bigint`,
    // An epoch that goes on where another one stood: rows up to begin_ are that one's. begin_chain: after row begin_events.
    `ALTER TABLE epoch ADD machine text, ADD parent int, ADD begin_events bigint NOT NULL DEFAULT 0,
      ADD begin_samples bigint NOT NULL DEFAULT 0, ADD begin_chain text`,
    // How many of the numbers have no row; null: all.
    `ALTER TABLE gap ADD missing bigint`,
    // Blocks of one clock that follow each other are one row: received_at is of its first rows, this of its last.
    `ALTER TABLE block ADD received_until timestamptz`,
    // Who it was: the machine's fingerprint and the address it came from.
    `ALTER TABLE conflict ADD machine text, ADD origin text`,
    `CREATE INDEX reject_by_time ON reject (gateway, rejected_at)`,
    `CREATE INDEX gap_by_time ON gap (gateway, declared_at)`,
  ],
  [
    // How wrong the clock of a boot was, as the gateway found later. Null: samples without end. finished_at: rows that were
    // there have their true times; those that come later are corrected as they come.
    `CREATE TABLE time_correction (
      gateway text NOT NULL, epoch_number int NOT NULL, seq bigint NOT NULL, boot text NOT NULL,
      offset_ms double precision NOT NULL, at timestamptz NOT NULL, mono_ms double precision NOT NULL,
      events_from bigint NOT NULL, events_through bigint NOT NULL, samples_from bigint NOT NULL,
      samples_through bigint, received_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz,
      PRIMARY KEY (gateway, epoch_number, seq))`,
    // What the times of its rows up to shifted_through were given; the gateway recorded them that much earlier.
    `ALTER TABLE block ADD shift_ms double precision, ADD shifted_through bigint`,
  ],
  [
    // What it shares with epochs before it, as it said when it began: two of one backup know each other by that.
    `ALTER TABLE epoch ADD ancestors jsonb NOT NULL DEFAULT '[]'`,
  ],
  [
    // They say from when to when the rows were that a gap is of; few among millions of events.
    `CREATE INDEX event_gap ON event (gateway, epoch_number) WHERE kind = 'gap'`,
  ],
  identityTables,
  downTables,
  aggregatesTables,
  biTables,
  logTables,
  [
    // When a bundle last brought something of it; as long as nothing comes otherwise it is also its last contact.
    `ALTER TABLE gateway ADD last_bundle_at timestamptz`,
  ],
  [
    // Name of the key that messages to gateways are signed with: all receivers must have the same.
    `ALTER TABLE central ADD signing_key text`,
  ],
  // Databases that made their aggregates at once have none to mark.
  [unmarkedTable],
];

/**
 * Brings the tables to this program's version; several receivers may call it at once. Returns the generation: the
 * identity of this database, by which an agent sees that it talks to another one.
 */
export function migrate(database: Database): Promise<string> {
  return database.transaction(async (queries) => {
    await queries.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
    await queries.query(
      "CREATE TABLE IF NOT EXISTS migration (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
    );
    const [row] = await queries.query("SELECT coalesce(max(version), 0) AS version FROM migration");
    const isTimescale = await hasTimescale(queries);
    for (const [index, statements] of migrations.entries()) {
      if (index < Number(row?.["version"])) continue;
      const own = isTimescale ? statements.flatMap(forTimescale) : statements;
      for (const statement of own) await queries.query(statement);
      await queries.query("INSERT INTO migration (version) VALUES ($1)", [index + 1]);
    }
    return generation(queries);
  });
}

async function generation(queries: Queries): Promise<string> {
  const [row] = await queries.query("SELECT generation FROM central");
  if (row !== undefined) return String(row["generation"]);
  const fresh = randomUUID();
  await queries.query("INSERT INTO central (generation) VALUES ($1)", [fresh]);
  return fresh;
}
