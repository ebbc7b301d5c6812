import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import Database from "better-sqlite3";
import { beforeEach, describe, expect, test } from "vitest";
import { allEvents, allSamples, none, storeRig } from "../../tests/support/store-rig.ts";
import { makeBackup } from "./backup.ts";
import { readBackupHeader } from "./backup-file.ts";
import { restoreBackup, verifyBackup } from "./restore.ts";

const rig = storeRig();
let out: string;

beforeEach(() => {
  out = join(rig.dir, "out", "one.backup");
});

function filled(commits = 20): string {
  const { store } = rig.open();
  for (let n = 1; n <= commits; n += 1) {
    store.commit({
      ...none,
      samples: rig.samples(100, n * 1_000),
      events: [rig.event({ n })],
      state: new Map([["alarm/warm", { n }]]),
      audit: [{ at: n, actor: "mei", action: "user.login", data: { n } }],
    });
  }
  const { epoch } = store.outbox;
  rig.close(store);
  return epoch;
}

function back(full = false, confirmed = 0) {
  const asked = { dataDir: rig.dir, out, full, now: rig.clock.now() };
  return makeBackup({ ...asked, confirmed: () => confirmed });
}

const restore = (
  given: { readonly gatewayId?: string; readonly adopt?: boolean } = {},
  dataDir = rig.dir,
) =>
  restoreBackup({
    ...{ backup: out, dataDir, now: rig.clock.now(), gatewayId: given.gatewayId },
    adopt: given.adopt === true,
  });

describe("a backup", () => {
  test("is made beside a store that commits, of one instant, and leaves nothing but itself", () => {
    const { store } = rig.open();
    store.commit({ ...none, samples: rig.samples(100), events: [rig.event()] });
    const header = makeBackup({
      ...{ dataDir: rig.dir, out, full: false, now: 0, confirmed: () => 0 },
      breathe: () => store.commit({ ...none, samples: rig.samples(10) }),
    });
    expect(header).toMatchObject({ gateway: "gw-1", epoch: store.outbox.epoch, kind: "essential" });
    expect(header.heads).toEqual({ events: 1, samples: 100 });
    expect(readdirSync(dirname(out))).toEqual(["one.backup"]);
    expect(store.outbox.head("samples")).toBeGreaterThan(100);
  });

  test("has what central has not, and everything only when it is asked for", () => {
    filled();
    expect(back(false, 1_450).heads.samples).toBe(2_000);
    const dir = join(rig.dir, "there");
    mkdirSync(dir);
    restore({}, dir);
    const { store } = rig.open({}, "gw-1", dir);
    expect(store.outbox.first("samples")).toBe(1_401);
    expect(allEvents(store).filter(({ kind }) => kind === "alarm")).toHaveLength(20);
    const full = makeBackup({
      ...{ dataDir: rig.dir, out: `${out}.full`, full: true, now: 0, confirmed: () => 1_450 },
    });
    expect(full.kind).toBe("full");
    expect(full.parts[0]?.bytes).toBeGreaterThan(readBackupHeader(out).parts[0]?.bytes ?? 0);
  });

  test("is a line of JSON and a zstd stream that any other program reads", () => {
    filled(2);
    back();
    const content = readFileSync(out);
    const line = content.subarray(0, content.indexOf(10));
    expect(JSON.parse(line.toString())).toMatchObject({ format: "rackwatch-backup/1" });
    // Behind the skippable frame, which other programs skip.
    const unpacked = zstdDecompressSync(content.subarray(line.length + 1 + 12));
    const db = new Database(unpacked);
    expect(db.prepare("SELECT count(*) AS n FROM sample_chunk").get()).toEqual({ n: 2 });
    db.close();
  });

  test("that was cut at any place, or changed in any bit, is found out", () => {
    filled(5);
    back();
    const folder = join(rig.dir, "look");
    mkdirSync(folder);
    expect(verifyBackup(out, folder).verdict).toMatchObject({ ok: true, events: 5, audit: 5 });
    const content = readFileSync(out);
    const line = content.indexOf(10);
    const jsonEnd = content.toString("latin1", 0, line).trimEnd().length;
    for (let turn = 0; turn < 60; turn += 1) {
      const bad = Buffer.from(content);
      // The blanks that fill the line say nothing.
      const room = content.length - line - 1;
      const at = turn % 3 === 0 ? (turn * 7_919) % jsonEnd : line + 1 + ((turn * 104_729) % room);
      bad[at] = (bad[at] ?? 0) ^ (1 << (turn % 8));
      writeFileSync(`${out}.bad`, bad);
      expect(() => verifyBackup(`${out}.bad`, folder), `bit ${turn % 8} of byte ${at}`).toThrow(
        expect.objectContaining({ code: "store/backup" }),
      );
    }
    for (const length of [0, 100, 8_192, content.length - 1]) {
      copyFileSync(out, `${out}.bad`);
      truncateSync(`${out}.bad`, length);
      expect(() => verifyBackup(`${out}.bad`, folder)).toThrow(
        expect.objectContaining({ code: "store/backup" }),
      );
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("restoring", () => {
  test("goes on under a new epoch that names the old one, and keeps what was there aside", () => {
    const epoch = filled();
    back();
    const { store: later } = rig.open();
    later.commit({ ...none, samples: rig.samples(50) });
    rig.close(later);
    const { setAside, epoch: renewed } = restore();
    expect(setAside).toEqual([expect.stringMatching(/^gateway\.db\.replaced\./)]);
    const { store, born, problem } = rig.open();
    expect(born).toBe("existing");
    expect(problem?.code).toBe("store/renewed");
    expect(store.outbox.epoch).toBe(renewed);
    expect(store.outbox.ancestors()).toEqual([{ epoch, events: 20, samples: 2_000 }]);
    expect(allSamples(store)).toHaveLength(2_000);
    expect(store.readState("").get("alarm/warm")).toEqual({ n: 20 });
    store.commit({ ...none, samples: rig.samples(1) });
    expect(store.outbox.head("samples")).toBe(2_001);
  });

  test("is refused while the gateway runs, and nothing is touched", () => {
    filled();
    back();
    const { store } = rig.open();
    expect(() => restore()).toThrow(expect.objectContaining({ code: "store/locked" }));
    store.commit({ ...none, samples: rig.samples(1) });
    expect(store.outbox.head("samples")).toBe(2_001);
  });

  test("of another gateway is refused unless it is adopted, and then central knows no epoch of it", () => {
    filled(3);
    back();
    expect(() => restore({ gatewayId: "gw-2" })).toThrow(
      /it is of the gateway gw-1, and this is gw-2/,
    );
    restore({ gatewayId: "gw-2", adopt: true });
    const { store, born } = rig.open({}, "gw-2");
    expect(born).toBe("existing");
    expect(store.outbox.ancestors()).toEqual([]);
    expect(store.readState("").size).toBe(1);
  });

  test("of a newer program, or of a file that was cut, is refused and leaves everything as it was", () => {
    const epoch = filled(3);
    back();
    const content = readFileSync(out);
    const db = new Database(join(rig.dir, "gateway.db"));
    db.pragma("user_version = 99");
    back(true);
    db.pragma("user_version = 4");
    db.close();
    expect(() => restore()).toThrow(/newer than this program/);
    writeFileSync(out, content.subarray(0, content.length - 10));
    expect(() => restore()).toThrow(/cut short/);
    expect(existsSync(join(rig.dir, "gateway.db.restoring"))).toBe(false);
    expect(rig.open().store.outbox.epoch).toBe(epoch);
  });
});

test("a database that is lost altogether is taken over from the newest backup: state, trail and rows", () => {
  const epoch = filled();
  out = join(rig.dir, "backup", "rackwatch-20260101T000000Z.backup");
  back();
  writeFileSync(join(rig.dir, "gateway.db"), "not a database");
  const { store, born } = rig.open();
  expect(born).toBe("reborn");
  expect(store.readState("").get("alarm/warm")).toEqual({ n: 20 });
  expect(store.auditHead().seq).toBe(20);
  expect(allSamples(store)).toHaveLength(2_000);
  expect(store.outbox.ancestors()).toEqual([{ epoch, events: 20, samples: 2_000 }]);
  expect(readdirSync(rig.dir).some((name) => name.includes("unpacked"))).toBe(false);
});
