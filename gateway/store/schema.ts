import type Database from "better-sqlite3";

/**
 * The chunk tables hold the log: one row a chunk, keyed by its first sequence number, so that a commit appends to the
 * right edge of one b-tree and dirties no index. The newest chunk of a lane is never deleted: it carries the lane's
 * head (and, for events, the end of the chain), which therefore needs no counter of its own. `dense` chunks are those
 * that were merged; they are few, so only they have an index by time.
 */
const chunkColumns = `
  first_seq INTEGER PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  first_at REAL NOT NULL,
  last_at REAL NOT NULL,
  boot TEXT NOT NULL,
  offset_ms REAL NOT NULL,
  clock_quality TEXT NOT NULL,
  hash BLOB NOT NULL`;

/** Migrations in order; `user_version` counts those that ran. A database is only ever moved forward. */
const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE event_chunk (${chunkColumns},
     chain_before BLOB NOT NULL, chain_after BLOB NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE TABLE sample_chunk (${chunkColumns},
     dense INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
   CREATE INDEX sample_chunk_dense_at ON sample_chunk (last_at, first_at) WHERE dense = 1;`,
  `CREATE TABLE audit (
     seq INTEGER PRIMARY KEY,
     ts TEXT NOT NULL,
     actor TEXT NOT NULL,
     action TEXT NOT NULL,
     data TEXT NOT NULL,
     hash BLOB NOT NULL) STRICT;
   CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
   CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
     WHEN NEW.seq <= (SELECT max(seq) FROM audit)
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
   CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;`,
  `CREATE TABLE movement (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id BLOB NOT NULL UNIQUE,
     asked BLOB,
     at REAL NOT NULL,
     location TEXT NOT NULL,
     item TEXT NOT NULL,
     lot TEXT,
     kind TEXT NOT NULL,
     parts INTEGER NOT NULL,
     body TEXT NOT NULL) STRICT;
   CREATE INDEX movement_asked ON movement (asked) WHERE asked IS NOT NULL;
   CREATE INDEX movement_at ON movement (at);
   CREATE INDEX movement_item ON movement (item);
   CREATE INDEX movement_location ON movement (location);
   CREATE TABLE movement_folded (
     location TEXT NOT NULL,
     item TEXT NOT NULL,
     lot TEXT NOT NULL,
     parts INTEGER NOT NULL,
     PRIMARY KEY (location, item, lot)) STRICT, WITHOUT ROWID;
   CREATE TABLE movement_mark (one INTEGER PRIMARY KEY CHECK (one = 1), before REAL NOT NULL) STRICT;
   CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement
     BEGIN SELECT RAISE(ABORT, 'movements are only ever added'); END;
   CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement
     WHEN OLD.at >= ifnull((SELECT before FROM movement_mark WHERE one = 1), -9e15)
     BEGIN SELECT RAISE(ABORT, 'movements are only ever added'); END;`,
  // kept: places of the rows that thinning left, packed; shift_ms: what the rows' times lack. NULL: all rows, nothing.
  `ALTER TABLE sample_chunk ADD COLUMN kept TEXT;
   ALTER TABLE sample_chunk ADD COLUMN shift_ms REAL;
   ALTER TABLE event_chunk ADD COLUMN shift_ms REAL;`,
];

export const schemaVersion = migrations.length;

/** The oldest schema whose log a program of this one reads without bringing it forward. */
const readableVersion = 2;

export function userVersion(db: Database.Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}

/** Brings the database to `schemaVersion`, each step in a transaction of its own. */
export function migrate(db: Database.Database): void {
  for (let version = userVersion(db); version < schemaVersion; version += 1) {
    const step = migrations[version];
    if (step === undefined) break;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`user_version = ${version + 1}`);
    })();
  }
}

/**
 * Lets a connection that may only read see an older database's log as this version has it. False: the schema is not one that
 * it knows.
 */
export function readAsCurrent(db: Database.Database): boolean {
  const version = userVersion(db);
  if (version === schemaVersion) return true;
  if (version < readableVersion || version > schemaVersion) return false;
  db.pragma("temp_store = MEMORY");
  db.exec(`CREATE TEMP VIEW sample_chunk AS SELECT *, NULL AS kept, NULL AS shift_ms FROM main.sample_chunk;
    CREATE TEMP VIEW event_chunk AS SELECT *, NULL AS shift_ms FROM main.event_chunk`);
  return true;
}
