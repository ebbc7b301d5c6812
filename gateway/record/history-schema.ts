import type Database from "better-sqlite3";

/** Nothing younger may be retired by any path: the shortest time that a rule book asks for (EC 37/2005). */
export const retiredMsMin = 365 * 86_400_000;

/**
 * Records of the open day stand as rows, those of days that are over as one segment a day and point. What was written
 * stays: triggers refuse each change and each deletion, but of a row in the transaction that packs it into a segment, and of a segment that a
 * retirement names, which itself stays for good and must be old enough. A second record of one point and time is
 * passed over before `OR REPLACE` could take the first one's place, which would fire no trigger.
 */
const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE point (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE context (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE cursor (epoch TEXT PRIMARY KEY, seq INTEGER NOT NULL, moved INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE plan (point INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE record (
    point INTEGER NOT NULL, at REAL NOT NULL, place TEXT NOT NULL, quality TEXT NOT NULL,
    value REAL, raw REAL, reason TEXT, context INTEGER NOT NULL,
    PRIMARY KEY (point, at)) STRICT, WITHOUT ROWID;
  CREATE TABLE segment (
    id INTEGER PRIMARY KEY, point INTEGER NOT NULL, from_at REAL NOT NULL, to_at REAL NOT NULL,
    count INTEGER NOT NULL, hash_before TEXT NOT NULL, hash TEXT NOT NULL, payload BLOB NOT NULL) STRICT;
  CREATE INDEX segment_time ON segment (point, to_at);
  CREATE TABLE retirement (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, point INTEGER NOT NULL, through_at REAL NOT NULL,
    segments INTEGER NOT NULL, records INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;

  CREATE TABLE sealing (segment INTEGER PRIMARY KEY) STRICT;

  CREATE TRIGGER record_once BEFORE INSERT ON record
    WHEN EXISTS (SELECT 1 FROM record WHERE point = NEW.point AND at = NEW.at)
    BEGIN SELECT RAISE(IGNORE); END;
  CREATE TRIGGER record_stays BEFORE UPDATE ON record
    BEGIN SELECT RAISE(ABORT, 'a record cannot be changed'); END;
  CREATE TRIGGER record_kept BEFORE DELETE ON record
    WHEN NOT EXISTS (SELECT 1 FROM segment JOIN sealing ON sealing.segment = segment.id
      WHERE point = OLD.point AND from_at <= OLD.at AND to_at >= OLD.at)
    BEGIN SELECT RAISE(ABORT, 'a record cannot be deleted'); END;
  CREATE TRIGGER segment_once BEFORE INSERT ON segment
    WHEN EXISTS (SELECT 1 FROM segment WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a segment of records cannot be replaced'); END;
  CREATE TRIGGER segment_stays BEFORE UPDATE ON segment
    BEGIN SELECT RAISE(ABORT, 'a segment of records cannot be changed'); END;
  CREATE TRIGGER segment_kept BEFORE DELETE ON segment
    WHEN NOT EXISTS (SELECT 1 FROM retirement
      WHERE point = OLD.point AND through_at >= OLD.to_at)
    BEGIN SELECT RAISE(ABORT, 'a segment of records cannot be deleted'); END;
  CREATE TRIGGER retirement_once BEFORE INSERT ON retirement
    WHEN EXISTS (SELECT 1 FROM retirement WHERE id = NEW.id)
      OR NEW.through_at > NEW.at - ${retiredMsMin}
    BEGIN SELECT RAISE(ABORT, 'these records are too young to go'); END;
  CREATE TRIGGER retirement_stays BEFORE UPDATE ON retirement
    BEGIN SELECT RAISE(ABORT, 'a retirement cannot be changed'); END;
  CREATE TRIGGER retirement_kept BEFORE DELETE ON retirement
    BEGIN SELECT RAISE(ABORT, 'a retirement cannot be deleted'); END;`;

/**
 * What was found out of clocks later stands beside the records, in a chain of its own, and is applied by whoever reads. A
 * file from before that gets the table when it is opened.
 */
const corrections = `
  CREATE TABLE IF NOT EXISTS correction (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL, mono REAL NOT NULL, offset_ms REAL NOT NULL,
    noted_at REAL NOT NULL, hash_before TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS correction_once BEFORE INSERT ON correction
    WHEN EXISTS (SELECT 1 FROM correction WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a correction cannot be replaced'); END;
  CREATE TRIGGER IF NOT EXISTS correction_stays BEFORE UPDATE ON correction
    BEGIN SELECT RAISE(ABORT, 'a correction cannot be changed'); END;
  CREATE TRIGGER IF NOT EXISTS correction_kept BEFORE DELETE ON correction
    BEGIN SELECT RAISE(ABORT, 'a correction cannot be deleted'); END;`;

/** What this program writes; a file of another one is not touched. */
export const historyVersion = 1;

export function createHistory(db: Database.Database): void {
  db.transaction(() => {
    db.exec(schema);
    db.exec(corrections);
    db.pragma(`user_version = ${historyVersion}`);
  })();
}

/** Brings a file of an earlier program up to date. */
export function completeHistory(db: Database.Database): void {
  db.transaction(() => db.exec(corrections)).immediate();
}
