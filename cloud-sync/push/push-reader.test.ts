import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { pushKey } from "../../gateway/push/push.ts";
import { DeliveryFile } from "../../gateway/store/delivery-file.ts";
import { aPush } from "../../tests/support/push-world.ts";
import { DeliveryBook } from "./delivery-book.ts";
import { changed, firstRow } from "./delivery-row.ts";
import { PushReader } from "./push-reader.ts";

const dirs: string[] = [];
function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-push-reader-"));
  dirs.push(dir);
  return dir;
}
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** What the gateway keeps, as far as the agent reads it for pushes. */
function gatewayDb(dir: string, epoch: string) {
  const db = new Database(join(dir, "gateway.db"));
  db.pragma("journal_mode = WAL");
  db.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) STRICT");
  db.exec("CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT) STRICT");
  db.prepare("INSERT INTO meta VALUES ('epoch', ?)").run(epoch);
  const put = (key: string, value: string) =>
    db.prepare("INSERT OR REPLACE INTO state VALUES (?, ?)").run(key, value);
  const drop = (key: string) => db.prepare("DELETE FROM state WHERE key = ?").run(key);
  return { put, drop, [Symbol.dispose]: () => db.close() };
}

test("reads what is queued in its order, without SMS and other state, and follows what comes and goes", () => {
  const dir = newDir();
  using reader = new PushReader(dir);
  expect(reader.read()).toEqual({ epoch: "", pushes: [], unreadable: [] });
  using db = gatewayDb(dir, "epoch-1");
  const [first, second] = [aPush(), aPush({ text: '"channel":"sms"' })];
  db.put(pushKey(10), JSON.stringify(second));
  db.put(pushKey(2), JSON.stringify(first));
  db.put(pushKey(3), JSON.stringify(aPush({ channel: "sms" })));
  db.put("push-sequence", JSON.stringify({ version: 1, last: 10 }));
  db.put("alarm/x", "{}");
  expect(reader.read()).toEqual({ epoch: "epoch-1", pushes: [first, second], unreadable: [] });
  db.drop(pushKey(2));
  expect(reader.read().pushes).toEqual([second]);
});

test("a row of another version is named, a damaged one passed over; neither hides the others", () => {
  const dir = newDir();
  using db = gatewayDb(dir, "epoch-1");
  using reader = new PushReader(dir);
  const good = aPush();
  db.put(pushKey(1), JSON.stringify({ ...aPush(), id: "newer", version: 2 }));
  db.put(pushKey(2), '{"cut');
  db.put(pushKey(3), JSON.stringify(good));
  expect(reader.read()).toEqual({ epoch: "epoch-1", pushes: [good], unreadable: ["newer"] });
});

test("a database that was born anew is opened anew", () => {
  const dir = newDir();
  using reader = new PushReader(dir);
  {
    using db = gatewayDb(dir, "epoch-1");
    db.put(pushKey(1), JSON.stringify(aPush()));
    expect(reader.read().epoch).toBe("epoch-1");
  }
  for (const end of ["", "-wal", "-shm"]) rmSync(join(dir, `gateway.db${end}`), { force: true });
  using db = gatewayDb(dir, "epoch-2");
  const push = aPush();
  db.put(pushKey(1), JSON.stringify(push));
  expect(reader.read()).toEqual({ epoch: "epoch-2", pushes: [push], unreadable: [] });
});

test("the gateway reads deliveries of its epoch, keeps what it knew when the file is gone, and begins anew", () => {
  const dir = newDir();
  using file = new DeliveryFile(dir);
  expect(file.read("e")).toEqual(new Map());
  expect(file.problems()).toEqual([]);
  const now = { at: 5, mono: 7, boot: "b", quality: "synchronized" } as const;
  const row = changed(firstRow("p1", now), now, { state: "dead", attempts: 3, problem: "no" });
  {
    using book = new DeliveryBook(dir, syncText.en);
    book.save("e", [row], []);
    expect(book.rows("e")).toEqual([row]);
    const known = new Map([["p1", { id: "p1", state: "dead", attempts: 3, at: 5, problem: "no" }]]);
    expect(file.read("e")).toEqual(known);
    expect(file.read("other")).toEqual(new Map());
    expect(file.read("e")).toEqual(known);
  }
  rmSync(join(dir, "sync/sync.db"));
  expect(file.read("e").get("p1")?.state).toBe("dead");
});
