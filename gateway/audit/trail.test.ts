import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AuditTable } from "../store/audit-table.ts";
import { migrate } from "../store/schema.ts";
import { auditOf } from "./audit-of.ts";
import { type AuditDraft, type AuditEntry, emptyTrail, extendTrail, hashEntry } from "./entry.ts";
import { type AuditSearch, auditSearchedMax } from "./search.ts";
import { verifyTrail } from "./verify.ts";

const drafts: readonly AuditDraft[] = [
  { at: Date.UTC(2024, 0, 1), actor: "system", action: "gateway.boot", data: {} },
  {
    at: Date.UTC(2024, 0, 1, 0, 0, 5),
    actor: "alice",
    action: "alarm.ack",
    data: { alarm: "A1", comment: "检查制冷机组" },
  },
  {
    at: Date.UTC(2024, 0, 1, 0, 0, 9),
    actor: "system",
    action: "alarm.rtn",
    data: { alarm: "A1" },
  },
];
const trail = extendTrail(emptyTrail, drafts);

function tableWith(entries: readonly AuditDraft[]) {
  const db = new Database(":memory:");
  migrate(db);
  const table = new AuditTable(db);
  table.append(entries);
  return { db, table };
}

/** The same entries with hashes that fit, as somebody would write them who knows how. */
function rewritten(entries: readonly AuditEntry[], from: number): readonly AuditEntry[] {
  let hash = entries[from - 1]?.hash ?? emptyTrail.hash;
  return entries.map((entry, index) => {
    if (index < from) return entry;
    const changed = { ...entry, actor: "mallory" };
    hash = hashEntry(hash, changed);
    return { ...changed, hash };
  });
}

test("three entries hash as the published vector says", () => {
  expect(trail.map(({ hash }) => hash)).toEqual([
    "fc34a728421ce201dda3efa02f3c73dba4d6c26d5e9823002ad98f83a60a5a3f",
    "2024d4c11afc66738b542a75b184a80b75e9d6d3366a2cc3778f9482600432d2",
    "e99c0c02ddd18d993a8882c706bcd05356a84b608ff86a8062e25d573fb97a4f",
  ]);
});

test("an edited entry is found at its own place", () => {
  const edited = trail.map((entry) => (entry.seq === 2 ? { ...entry, actor: "bob" } : entry));
  expect(verifyTrail(edited)).toEqual({ ok: false, seq: 2, damage: "altered" });
});

test("a deleted entry is found at the one that followed it", () => {
  const without = trail.filter(({ seq }) => seq !== 2);
  expect(verifyTrail(without)).toEqual({ ok: false, seq: 3, damage: "removed" });
});

test("a lost end is found only by an anchor that somebody else kept", () => {
  const cut = trail.slice(0, 2);
  expect(verifyTrail(cut)).toMatchObject({ ok: true, head: { seq: 2 } });
  const anchors = trail.slice(2);
  expect(verifyTrail(cut, anchors)).toEqual({ ok: false, seq: 3, damage: "tail-missing" });
});

test("a trail that was written anew with fitting hashes is found only by an anchor", () => {
  const forged = rewritten(trail, 1);
  expect(verifyTrail(forged)).toMatchObject({ ok: true });
  const anchors = trail.slice(2);
  expect(verifyTrail(forged, anchors)).toEqual({ ok: false, seq: 3, damage: "anchor-mismatch" });
});

test("the database refuses to change or delete an entry", () => {
  const { db, table } = tableWith(drafts);
  const only = "the audit trail is only ever added to";
  expect(() => db.exec("UPDATE audit SET actor = 'mallory' WHERE seq = 2")).toThrow(only);
  expect(() => db.exec("DELETE FROM audit WHERE seq = 3")).toThrow(only);
  expect(() => db.exec("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1")).toThrow(
    only,
  );
  expect([...table.entries()]).toEqual(trail);
});

test("what went around the triggers is found: any one changed entry is the first bad one", () => {
  const action = fc.constantFrom("alarm.acknowledged", "user.login", "gateway.clock");
  const draft = fc.record({
    at: fc.integer({ min: 0, max: 4e12 }),
    actor: fc.string({ maxLength: 20 }),
    action,
    data: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  });
  fc.assert(
    fc.property(fc.array(draft, { minLength: 1, maxLength: 12 }), fc.nat(), (list, pick) => {
      const { db, table } = tableWith(list);
      expect(verifyTrail(table.entries())).toMatchObject({ ok: true, head: table.head() });
      const seq = (pick % list.length) + 1;
      db.exec("DROP TRIGGER audit_no_update");
      db.prepare("UPDATE audit SET actor = actor || '!' WHERE seq = ?").run(seq);
      expect(verifyTrail(table.entries())).toEqual({ ok: false, seq, damage: "altered" });
    }),
    { numRuns: 40 },
  );
});

test("data beyond its limit is cut and still verifies", () => {
  const { table } = tableWith([
    { at: 0, actor: "a", action: "x", data: { text: "冷".repeat(20_000) } },
  ]);
  expect([...table.entries()][0]?.data).toHaveProperty("cut");
  expect(verifyTrail(table.entries())).toMatchObject({ ok: true });
});

test("a person's act goes on the trail with the person, a measured return does not", () => {
  const event = (cause: string, by?: string) =>
    auditOf({ kind: "alarm", at: 5, mono: 5, body: { cause, rule: "warm", by } });
  expect(event("shelved", "bob")).toMatchObject({ actor: "bob", action: "alarm.shelved" });
  expect(event("shelf-expired")).toMatchObject({ actor: "system", action: "alarm.shelf-expired" });
  expect(event("returned")).toBeUndefined();
});

test("a search gives the newest first, by person, action and time, and says where to go on", () => {
  const { table } = tableWith(drafts);
  const found = (search: Omit<AuditSearch, "limit">, limit = 10) => {
    const { entries, next } = table.search({ limit, ...search });
    return [entries.map(({ seq }) => seq), next];
  };
  expect(found({})).toEqual([[3, 2, 1], undefined]);
  expect(found({}, 2)).toEqual([[3, 2], 2]);
  expect(found({ before: 2 }, 2)).toEqual([[1], undefined]);
  expect(found({ actor: "lic" })).toEqual([[2], undefined]);
  expect(found({ action: "alarm." })).toEqual([[3, 2], undefined]);
  expect(found({ action: "%" })).toEqual([[], undefined]);
  const from = "2024-01-01T00:00:05.000Z";
  expect(found({ from })).toEqual([[3, 2], undefined]);
  expect(found({ to: from })).toEqual([[2, 1], undefined]);
});

test("a search looks at so many entries at a time and goes on from there", () => {
  const many = Array.from({ length: auditSearchedMax }, () => drafts[0]).flatMap((it) => it ?? []);
  const { table } = tableWith([...drafts, ...many]);
  const first = table.search({ actor: "alice", limit: 10 });
  expect(first).toEqual({ entries: [], next: 4 });
  const { entries, next } = table.search({ actor: "alice", limit: 10, before: first.next });
  expect(entries.map(({ seq }) => seq)).toEqual([2]);
  expect(next).toBeUndefined();
});

test("a daily check has its name on the trail, and not merely that it is an entry", () => {
  const body = { do: "min-max-reset", point: "cold-1/temperature", by: "alice" };
  const entry = auditOf({ kind: "audit", at: 1, mono: 1, body });
  expect(entry).toMatchObject({ actor: "alice", action: "min-max-reset" });
});
