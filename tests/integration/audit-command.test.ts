import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { auditCommand } from "../../gateway/cli/audit.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { RecordBook } from "../../gateway/record/record-book.ts";
import { memoryIo } from "../support/command-io.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { recordPoint, recordSample, recordSettings } from "../support/record-world.ts";
import { none, StoreRig } from "../support/store-rig.ts";

const rig = new StoreRig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

/** A data folder with three entries; returns what somebody else kept of it. */
function write() {
  const { store } = rig.open();
  const at = rig.clock.now();
  for (const comment of ["门没关", "压缩机", "好了"]) {
    const audit = [{ at, actor: "li", action: "alarm.acknowledged", data: { comment } }];
    store.commit({ ...none, audit });
  }
  const head = store.auditHead();
  rig.close(store);
  return head;
}

async function audit(...args: string[]) {
  const { io, seen } = memoryIo();
  await runCommand(auditCommand({ ...io, cwd: rig.dir }), args, io);
  return seen;
}

function tamper(sql: string) {
  const db = new Database(join(rig.dir, "gateway.db"));
  db.exec(sql);
  db.close();
}

test("a whole trail verifies, and says that only anchors can show a cut end", async () => {
  const head = write();
  const seen = await audit("verify", "--data", rig.dir);
  expect(seen.code).toBe(0);
  expect(seen.out).toContain(`3 entries, the last hash is ${head.hash}`);
  expect(seen.out).toContain("--central");
});

test("an entry that was changed around the triggers is named", async () => {
  write();
  tamper("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'wang' WHERE seq = 2");
  const seen = await audit("verify", "--data", rig.dir, "--json");
  expect(seen.code).toBe(1);
  expect(JSON.parse(seen.out)).toMatchObject({ ok: false, seq: 2, damage: "altered" });
});

test("a cut end is found by anchors that central kept", async () => {
  const head = write();
  writeFileSync(join(rig.dir, "anchors.json"), JSON.stringify([head]));
  const whole = await audit("verify", "--data", rig.dir, "--anchors", "anchors.json");
  expect(whole.code).toBe(0);
  tamper("DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 3");
  const cut = await audit("verify", "--data", rig.dir, "--anchors", "anchors.json", "--lang", "zh");
  expect(cut.code).toBe(1);
  expect(cut.out).toContain("第 3 条之前结束");
});

test("the list shows who did what, also of a time only", async () => {
  write();
  const all = await audit("list", "--data", rig.dir, "--json");
  const entries = all.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(entries.map((entry) => entry.data.comment)).toEqual(["门没关", "压缩机", "好了"]);
  const none = await audit("list", "--data", rig.dir, "--json", "--from", "2099-01-01");
  expect(none.out).toBe("");
});

test("a folder without a database, and anchors that are none, are refused in words", async () => {
  const missing = await audit("verify", "--data", join(rig.dir, "nowhere"));
  expect(missing.code).toBe(2);
  write();
  writeFileSync(join(rig.dir, "anchors.json"), "<html>");
  const wrong = await audit("verify", "--data", rig.dir, "--anchors", "anchors.json");
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain("holds no anchors");
});

const day = 86_400_000;

/** The records of days that are over, each a segment in the order given; then what else is done with them. */
function writeRecords(days: readonly number[] = [0, 1, 2], then = (_: RecordBook) => {}) {
  const { store } = rig.open();
  const { log } = memoryLog();
  const settings = new Map([[recordPoint, recordSettings]]);
  const parts = { dir: rig.dir, clock: rig.clock, log, settings, outbox: store.outbox };
  for (const number of days) {
    using book = new RecordBook(parts);
    const samples = Array.from({ length: 48 }, (_, index) =>
      recordSample(number * 1_440 + index * 30),
    );
    store.commit({ ...none, samples });
    rig.clock.setWall(recordSample(0).sampledAt + 20 * day);
    book.flush();
    book.step();
  }
  using last = new RecordBook(parts);
  then(last);
  rig.close(store);
}

function tamperRecords(sql: string) {
  const db = new Database(join(rig.dir, "history.db"));
  db.exec(sql);
  db.close();
}

test("the records of regulated points are verified as well, on a line of their own", async () => {
  writeRecords();
  const seen = await audit("verify", "--data", rig.dir, "--lang", "en");
  expect(seen.code).toBe(0);
  expect(seen.out).toMatch(
    /\nThe records of regulated points are whole: 3 segments, \d+ records\n/,
  );
  const chinese = await audit("verify", "--data", rig.dir, "--lang", "zh");
  expect(chinese.out).toContain("受管测点的记录完整：共 3 段");
});

test.each([
  ["removed", "DROP TRIGGER segment_kept; DELETE FROM segment WHERE id = 2", "are missing"],
  [
    "altered",
    "DROP TRIGGER segment_stays; UPDATE segment SET payload = CAST(x'00' || payload AS BLOB) WHERE id = 2",
    "were changed",
  ],
])(
  "records that were %s around the triggers are named by point and day",
  async (damage, sql, said) => {
    writeRecords();
    tamperRecords(sql);
    const seen = await audit("verify", "--data", rig.dir, "--json");
    expect(seen.code).toBe(1);
    expect(JSON.parse(seen.out)).toMatchObject({
      ok: true,
      records: { ok: false, damage, point: recordPoint },
    });
    const told = await audit("verify", "--data", rig.dir, "--lang", "en");
    expect(told.out).toContain(said);
    expect(told.out).toContain(recordPoint);
  },
);

test("what was retired leaves a chain that is whole, also where old records came late", async () => {
  const gone: unknown[] = [];
  writeRecords([0, 1, 2, -1, 3], (book) => {
    rig.clock.setWall(recordSample(0).sampledAt + 402 * day + 3_600_000);
    book.retire(
      () => 400 * day,
      (body) => gone.push(body),
    );
  });
  expect(gone).toMatchObject([{ segments: 2 }]);
  const seen = await audit("verify", "--data", rig.dir, "--json");
  expect(JSON.parse(seen.out)).toMatchObject({ records: { ok: true, segments: 3 } });
});
