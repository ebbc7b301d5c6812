import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { RecordBook } from "../../gateway/record/record-book.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { recordPoint, recordSample, recordSettings, recordTimes } from "../support/record-world.ts";

let root: string;
let disk: string;
let undo: (() => void)[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rackwatch-record-disk-"));
  disk = join(root, "disk");
  mkdirSync(disk);
  undo = [() => rmSync(root, { recursive: true, force: true })];
});
afterEach(() => {
  for (const step of undo.reverse()) step();
});

function mount(context: { skip: (note: string) => never }, size: string): void {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", disk], { stdio: "pipe" });
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    context.skip("mounting is not allowed here: run .ci/run as root");
  }
  undo.push(() => execFileSync("umount", [disk]));
}

/** gateway.db on a disk that is well, history.db on the one that is not. */
function keeper() {
  const clock = new ManualClock(recordSample(0).sampledAt);
  const { log } = memoryLog();
  const dir = join(root, "data");
  mkdirSync(dir);
  const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
  const { store } = openStore({ dir, gatewayId: "gw-1", clock, log, limits });
  undo.push(() => store[Symbol.dispose]());
  const settings = new Map([[recordPoint, recordSettings]]);
  const book = new RecordBook({ dir: disk, clock, log, settings, outbox: store.outbox });
  undo.push(() => book[Symbol.dispose]());
  let count = 0;
  return {
    book,
    /** Samples of so many minutes, each committed before the record hears of it. */
    async run(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        const samples: readonly Sample[] = [recordSample(count)];
        count += 1;
        store.commit({
          clock: { boot: "b", offsetMs: 0, quality: "synchronized" },
          samples,
          events: [],
          state: new Map(),
        });
        book.committed(samples, "synchronized");
        await clock.advance(60_000);
        book.step();
      }
    },
    times: () =>
      book.readRecords(recordPoint, 0, Number.MAX_SAFE_INTEGER).records.map(({ at }) => at),
    expected: () => recordTimes(count),
  };
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

test("a full disk stops the record and nothing else; with room again it is whole, and nothing is twice", async (context) => {
  mount(context, "2m");
  const { book, run, times, expected } = keeper();
  await run(60);
  expect(book.problem).toBeUndefined();
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc(freeBytes()));
  // The write-ahead log and the pages that SQLite has are used up first.
  for (let hours = 0; hours < 400 && book.problem === undefined; hours += 1) await run(60);
  expect(book.problem?.code).toBe("store/full");
  await run(30);
  rmSync(filler);
  await run(5);
  book.flush();
  expect(book.problem).toBeUndefined();
  expect(times()).toEqual(expected());
});

test("a disk that is read-only at the start keeps nothing from being alarmed, and has every record once it heals", async (context) => {
  mount(context, "4m");
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const { book, run, times, expected } = keeper();
  await run(90);
  expect(book.problem?.code).toMatch(/^store\/(read-only|io)$/);
  execFileSync("mount", ["-o", "remount,rw", disk]);
  await run(5);
  book.flush();
  expect(book.problem).toBeUndefined();
  expect(times()).toEqual(expected());
});
