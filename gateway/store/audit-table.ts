import type Database from "better-sqlite3";
import {
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
  emptyTrail,
  extendTrail,
} from "../audit/entry.ts";
import { type AuditPage, type AuditSearch, auditSearchedMax } from "../audit/search.ts";

interface Row {
  readonly seq: number;
  readonly ts: string;
  readonly actor: string;
  readonly action: string;
  readonly data: string;
  readonly hash: Buffer;
}

/** Entries that one read holds in memory. */
const entriesPerRead = 500;

/** The audit trail in the database: it grows at its end, and triggers refuse every other change. */
export class AuditTable {
  readonly #insert: Database.Statement<[number, string, string, string, string, Buffer]>;
  readonly #head: Database.Statement<[], Pick<Row, "seq" | "hash">>;
  readonly #after: Database.Statement<[number, number], Row>;
  readonly #newest: Database.Statement<[Readonly<Record<string, string | number | null>>], Row>;

  constructor(db: Database.Database) {
    this.#insert = db.prepare(
      "INSERT INTO audit (seq, ts, actor, action, data, hash) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#head = db.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
    this.#after = db.prepare("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?");
    this.#newest = db.prepare(
      `SELECT * FROM audit WHERE seq < @before AND seq >= @down
         AND (@actor IS NULL OR instr(actor, @actor) > 0)
         AND (@action IS NULL OR substr(action, 1, length(@action)) = @action)
         AND (@from IS NULL OR ts >= @from) AND (@to IS NULL OR ts <= @to)
       ORDER BY seq DESC LIMIT @limit`,
    );
  }

  head(): AuditHead {
    const row = this.#head.get();
    return row === undefined ? emptyTrail : { seq: row.seq, hash: row.hash.toString("hex") };
  }

  /** Belongs into a transaction of the caller. */
  append(drafts: readonly AuditDraft[]): void {
    if (drafts.length === 0) return;
    for (const { seq, ts, actor, action, data, hash } of extendTrail(this.head(), drafts)) {
      this.#insert.run(seq, ts, actor, action, JSON.stringify(data), Buffer.from(hash, "hex"));
    }
  }

  /** Oldest first. What stands in the table is given as it is: whoever changed it wants to be found out. */
  read(afterSeq: number, limit: number): readonly AuditEntry[] {
    return this.#after.all(afterSeq, limit).map(entryOf);
  }

  /** Newest first, from among the next `auditSearchedMax` entries. */
  search({ before, actor, action, from, to, limit }: AuditSearch): AuditPage {
    const upper = Math.min(before ?? Number.MAX_SAFE_INTEGER, this.head().seq + 1);
    const down = Math.max(1, upper - auditSearchedMax);
    const rows = this.#newest.all({
      before: upper,
      down,
      actor: actor ?? null,
      action: action ?? null,
      from: from ?? null,
      to: to ?? null,
      limit,
    });
    const last = rows.length === limit ? (rows.at(-1)?.seq ?? down) : down;
    return { entries: rows.map(entryOf), next: last > 1 ? last : undefined };
  }

  /** All entries, some hundred at a time. */
  *entries(afterSeq = 0): Generator<AuditEntry> {
    let after = afterSeq;
    for (;;) {
      const some = this.read(after, entriesPerRead);
      yield* some;
      const last = some.at(-1);
      if (last === undefined || some.length < entriesPerRead) return;
      after = last.seq;
    }
  }
}

function entryOf({ data, hash, ...row }: Row): AuditEntry {
  return { ...row, data: parsed(data), hash: hash.toString("hex") };
}

/** Text that is no JSON any more was changed: it cannot fit its hash in any form. */
function parsed(text: string): AuditEntry["data"] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
    return { unreadable: text };
  } catch {
    return { unreadable: text };
  }
}
