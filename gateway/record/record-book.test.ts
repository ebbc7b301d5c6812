import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { mark, none, StoreRig } from "../../tests/support/store-rig.ts";
import type { DurableStore } from "../store/open-store.ts";
import { sealedMax } from "./history.ts";
import { RecordBook, type RecordSettings } from "./record-book.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const point: PointKey = "cold-2/temperature";
const cadence: RecordSettings = {
  everyMs: 30 * minute,
  everyOutsideMs: 2 * minute,
  readEveryMs: minute,
  isOutside: (value) => value > 8,
  location: "cold-2",
  calibration: "JL-1",
};

const rig = new StoreRig();
let books: RecordBook[] = [];

beforeEach(() => {
  rig.begin();
});
afterEach(() => {
  for (const book of books) book[Symbol.dispose]();
  books = [];
  rig.end();
});

function open(store: DurableStore, settings = new Map([[point, cadence]])): RecordBook {
  const { log } = memoryLog();
  const book = new RecordBook({
    dir: rig.dir,
    clock: rig.clock,
    log,
    boot: "boot-1",
    settings,
    outbox: store.outbox,
  });
  books.push(book);
  return book;
}

/** As a process that is killed: what was not written is gone. */
function kill(book: RecordBook): void {
  book[Symbol.dispose]();
  books = books.filter((one) => one !== book);
}

function sample(at: number, value: number | undefined, of = point): Sample {
  return value === undefined
    ? { point: of, sampledAt: at, quality: "bad", reason: "timeout" }
    : { point: of, sampledAt: at, quality: "good", value, raw: value - 1 };
}

function commit(store: DurableStore, samples: readonly Sample[], book?: RecordBook): void {
  store.commit({ ...none, samples });
  book?.committed(samples, mark.quality);
}

/** Minutes with a time out of range: the vector of the cadence. */
function vector(from: number): Sample[] {
  return Array.from({ length: 78 }, (_, index) =>
    sample(from + index * minute, index >= 37 && index <= 46 ? 8.6 : 6),
  );
}
const vectorMinutes = [0, 30, 37, 39, 41, 43, 45, 47, 77];

function minutesOf(book: RecordBook, from: number): number[] {
  return book
    .readRecords(point, from, from + 10 * day)
    .records.map(({ at }) => (at - from) / minute);
}

describe("what is recorded", () => {
  test("is what the cadence asks for, with all that an inspector reads", () => {
    const { store } = rig.open();
    const book = open(store);
    book.step();
    const from = rig.clock.now();
    for (const one of vector(from)) commit(store, [one, sample(one.sampledAt, 1, "rack/x")], book);

    expect(minutesOf(book, from)).toEqual(vectorMinutes);
    const { records } = book.readRecords(point, from + 37 * minute, from + 37 * minute);
    expect(records).toEqual([
      {
        point,
        at: from + 37 * minute,
        place: "outside",
        quality: "good",
        value: 8.6,
        raw: 7.6,
        clock: "synchronized",
        location: "cold-2",
        calibration: "JL-1",
      },
    ]);
    expect(book.readRecords("rack/x", from, from + day).records).toEqual([]);
  });

  test("is read the same after packing, and the limit says that there is more", () => {
    const { store } = rig.open();
    const book = open(store);
    const from = rig.clock.now();
    const samples = [
      ...vector(from),
      sample(from + 80 * minute, undefined),
      sample(from + 2 * day, 5),
    ];
    for (const one of samples) commit(store, [one]);
    book.flush();
    const before = book.readRecords(point, from, from + 3 * day);
    expect(before.records).toHaveLength(11);
    rig.clock.setWall(from + 3 * day);
    book.step();

    expect(book.readRecords(point, from, from + 3 * day)).toEqual(before);
    const db = new Database(join(rig.dir, "history.db"), { readonly: true });
    expect(db.prepare("SELECT count(*) FROM record").pluck().get()).toBe(0);
    expect(db.prepare("SELECT count(*) FROM segment").pluck().get()).toBe(2);
    db.close();
    const page = book.readRecords(point, from, from + 3 * day, 4);
    expect(page).toEqual({ ...before, records: before.records.slice(0, 4), complete: false });
  });

  test("is nothing twice when samples of a day that is packed come once more", () => {
    const { store } = rig.open();
    const book = open(store);
    const from = rig.clock.now();
    commit(store, vector(from));
    book.flush();
    rig.clock.setWall(from + 2 * day);
    book.step();
    commit(store, vector(from));
    book.flush();
    expect(minutesOf(book, from)).toEqual(vectorMinutes);
  });
});

describe("a process that dies between the two files", () => {
  test("writes on where history.db stood, whatever of it was lost", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });
    const deaths = fc.array(fc.constantFrom("none", "kill", "write", "step"), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, deaths, (cuts, fates) => {
        rig.end();
        rig.begin();
        const { store } = rig.open();
        const from = rig.clock.now();
        let book = open(store);
        let rest = vector(from);
        for (let index = 0; rest.length > 0; index += 1) {
          const count = cuts[index % cuts.length] ?? 1;
          commit(store, rest.slice(0, count), book);
          rest = rest.slice(count);
          const fate = fates[index % Math.max(1, fates.length)];
          if (fate === "write") book.flush();
          if (fate === "step") book.step();
          if (fate !== "kill") continue;
          kill(book);
          book = open(store);
        }
        book.flush();
        expect(minutesOf(book, from)).toEqual(vectorMinutes);
        kill(book);
      }),
      { numRuns: 10 },
    );
  });

  test("goes on after gateway.db was born anew", () => {
    const first = rig.open();
    const from = rig.clock.now();
    const book = open(first.store);
    commit(first.store, vector(from));
    book.flush();
    kill(book);
    rig.close(first.store);
    writeFileSync(join(rig.dir, "gateway.db"), "damaged");
    const second = rig.open();
    expect(second.born).toBe("reborn");
    const again = open(second.store);
    commit(second.store, [sample(from + 78 * minute, 9)]);
    again.flush();
    expect(minutesOf(again, from)).toEqual([...vectorMinutes, 78]);
  });
});

describe("records stay", () => {
  function written(): { store: DurableStore; book: RecordBook; from: number } {
    const { store } = rig.open();
    const book = open(store);
    const from = rig.clock.now();
    commit(store, [...vector(from), sample(from + 2 * day, 5)]);
    book.flush();
    return { store, book, from };
  }

  test.each([
    ["UPDATE record SET value = 5", "cannot be changed"],
    ["DELETE FROM record", "cannot be deleted"],
    ["UPDATE segment SET payload = x'00'", "cannot be changed"],
    ["DELETE FROM segment", "cannot be deleted"],
    ["INSERT OR REPLACE INTO segment SELECT * FROM segment", "cannot be replaced"],
    [
      "INSERT INTO retirement (at, point, through_at, segments, records, hash) VALUES (9e12, 1, 8.99e12, 1, 1, '')",
      "too young",
    ],
  ])("against %s, because it %s", (sql, why) => {
    const { book, from } = written();
    rig.clock.setWall(from + day);
    book.step();
    const db = new Database(join(rig.dir, "history.db"));
    expect(() => db.exec(sql)).toThrow(why);
    db.close();
    expect(minutesOf(book, from)).toEqual([...vectorMinutes, 2 * 24 * 60]);
  });

  test("against INSERT OR REPLACE, which fires no trigger of a deletion", () => {
    const { book, from } = written();
    const db = new Database(join(rig.dir, "history.db"));
    db.exec(
      "INSERT OR REPLACE INTO record SELECT point, at, place, quality, 5, raw, reason, context FROM record",
    );
    // The trap itself: without the guard the row is replaced, and no trigger says a word.
    db.exec(`CREATE TABLE plain (at INTEGER PRIMARY KEY, value REAL);
      CREATE TRIGGER plain_kept BEFORE DELETE ON plain BEGIN SELECT RAISE(ABORT, 'kept'); END;
      INSERT INTO plain VALUES (1, 8); PRAGMA recursive_triggers = OFF;
      INSERT OR REPLACE INTO plain VALUES (1, 5)`);
    expect(db.prepare("SELECT value FROM plain").pluck().get()).toBe(5);
    db.close();
    expect(book.readRecords(point, from, from).records[0]?.value).toBe(6);
  });

  test("until they are old enough: what goes is on record first, or stays", () => {
    const { book, from } = written();
    rig.clock.setWall(from + 4 * day);
    book.step();
    const audit: unknown[] = [];
    rig.clock.setWall(from + 6 * 365 * day);
    const keep = () => 5 * 365 * day;
    book.retire(keep, () => {
      throw new Error("the disk refused the audit");
    });
    expect(minutesOf(book, from)).toHaveLength(10);

    rig.clock.setWall(from + 6 * 365 * day + minute);
    book.retire(keep, (body) => audit.push(body));
    expect(audit).toEqual([
      {
        do: "records-retired",
        point,
        segments: 2,
        records: 10,
        throughAt: from + 2 * day,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(minutesOf(book, from)).toEqual([]);
  });

  test("a shorter time than a year retires nothing", () => {
    const { book, from } = written();
    rig.clock.setWall(from + 100 * day);
    book.step();
    book.retire(
      () => day,
      () => {},
    );
    expect(book.problem?.message).toContain("too young");
    expect(minutesOf(book, from)).toHaveLength(10);
  });
});

describe("a history.db that is broken", () => {
  function broken(how: (file: string) => void): { book: RecordBook; from: number } {
    const { store } = rig.open();
    const from = rig.clock.now();
    const book = open(store);
    commit(store, vector(from));
    book.flush();
    kill(book);
    how(join(rig.dir, "history.db"));
    return { book: open(store), from };
  }

  test.each([
    ["overwritten", (file: string) => writeFileSync(file, "no database at all")],
    ["emptied", (file: string) => truncateSync(file, 0)],
    [
      "of another version",
      (file: string) => {
        const db = new Database(file);
        db.pragma("user_version = 99");
        db.close();
      },
    ],
  ])("because it was %s is set aside, and filled from what gateway.db has", (_, how) => {
    const { book, from } = broken(how);
    book.step();
    expect(book.problem?.code).toBe("store/corrupt");
    expect(readdirSync(rig.dir).some((name) => name.startsWith("history.db.corrupt."))).toBe(true);
    expect(minutesOf(book, from)).toEqual(vectorMinutes);
  });

  test("in one segment says which time is not known, and gives the others", () => {
    const { store } = rig.open();
    const from = rig.clock.now();
    const book = open(store);
    commit(store, [...vector(from), sample(from + day, 5), sample(from + 2 * day, 5)]);
    book.flush();
    rig.clock.setWall(from + 3 * day);
    book.step();
    const db = new Database(join(rig.dir, "history.db"));
    db.exec("DROP TRIGGER segment_stays; UPDATE segment SET payload = x'0102' WHERE id = 1");
    db.close();
    const page = book.readRecords(point, from, from + 3 * day);
    expect(page.damaged).toEqual([{ from, to: from + 77 * minute }]);
    expect(page.records.map(({ at }) => at)).toEqual([from + day, from + 2 * day]);
  });

  test("a folder that cannot be written is a problem, tried again, and nothing throws", async () => {
    const { store } = rig.open();
    const settings = new Map([[point, cadence]]);
    const { log } = memoryLog();
    const dir = join(rig.dir, "later");
    const { clock } = rig;
    const book = new RecordBook({ dir, clock, log, settings, outbox: store.outbox });
    books.push(book);
    const from = clock.now();
    for (const one of vector(from)) commit(store, [one], book);
    book.step();
    expect(book.problem?.code).toBe("store/io");
    expect(() => book.readRecords(point, 0, 1)).toThrow();
    rig.open({}, "gw-1", dir);
    await clock.advance(10_000);
    book.step();
    expect(book.problem).toBeUndefined();
    expect(minutesOf(book, from)).toEqual(vectorMinutes);
  });
});

test("records at the cadence of a store take at most 20 bytes a record, and a month is one page", async () => {
  const { store } = rig.open();
  const settings = new Map<PointKey, RecordSettings>();
  const points = Array.from({ length: 4 }, (_, index): PointKey => `room-${index}/temperature`);
  for (const key of points) settings.set(key, cadence);
  const book = open(store, settings);
  book.step();
  const from = rig.clock.now();
  const days = 60;
  let records = 0;
  for (let index = 0; index < days * 48; index += 1) {
    const at = from + index * 30 * minute;
    const samples = points.map((key, row) =>
      sample(at, Math.round(50 + 20 * Math.sin(index / 7 + row) + (index % 3)) / 10, key),
    );
    records += samples.length;
    commit(store, samples, book);
    if (index % 480 === 479) book.flush();
  }
  book.flush();
  rig.clock.setWall(from + (days + 1) * day);
  await rig.clock.advance(hour);
  for (let sealed = 0; sealed <= days * points.length; sealed += sealedMax) book.step();
  kill(book);
  const file = join(rig.dir, "history.db");
  const db = new Database(file);
  expect(db.prepare("SELECT count(*) FROM record").pluck().get()).toBe(0);
  db.exec("VACUUM");
  db.close();
  const bytes = statSync(file).size / records;
  expect(bytes).toBeLessThan(20);

  const again = open(store, settings);
  const page = again.readRecords(points[0] ?? point, from, from + 30 * day);
  expect(page.records).toHaveLength(30 * 48 + 1);
});
