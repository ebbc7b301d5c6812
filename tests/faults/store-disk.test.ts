import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readEvents } from "../../gateway/store/chunk.ts";
import { type DurableStore, openStore } from "../../gateway/store/open-store.ts";
import type { Commit } from "../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { checkFolder } from "../support/store-check.ts";

const writer = new URL("../support/store-writer.ts", import.meta.url).pathname;
const megabyte = 1_048_576;

let root: string;
let disk: string;
let undo: (() => void)[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rackwatch-disk-"));
  disk = join(root, "disk");
  mkdirSync(disk);
  undo = [() => rmSync(root, { recursive: true, force: true })];
});

afterEach(() => {
  for (const step of undo.reverse()) step();
});

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
}

/** Mounting needs root and is allowed on the test machine: elsewhere the test says so and stops. */
function mount(context: { skip: (note: string) => never }, ...args: readonly string[]): void {
  try {
    run("mount", ...args, disk);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    context.skip("mounting is not allowed here: run .ci/run as root");
  }
  undo.push(() => run("umount", disk));
}

function open(ballastBytes = 2 * megabyte): DurableStore {
  const { store } = openStore({
    ...{ dir: disk, gatewayId: "gw-1", clock: new ManualClock(), log: memoryLog().log },
    limits: { ballastBytes, freeBytesMin: 0, sizeBytesMax: 64 * megabyte },
  });
  undo.push(() => store[Symbol.dispose]());
  return store;
}

function commitOf(n: number, rows = 500): Commit {
  return {
    clock: { boot: "b", offsetMs: 0, quality: "synchronized" },
    samples: Array.from({ length: rows }, (_, row) => ({
      ...{ point: `d/p${row}`, sampledAt: n, quality: "good" },
      value: Math.random(),
    })),
    events: [{ kind: "alarm", at: n, mono: n, body: { n } }],
    state: new Map([["n", n]]),
  };
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

function numbers(store: DurableStore): unknown[] {
  const events = store.outbox.read("events", 0, 1e9).flatMap(readEvents);
  return events.flatMap(({ kind, body: { n } }) => (kind === "alarm" ? [n] : []));
}

test("on a full disk the ballast makes room, unconfirmed samples go with a gap, and no event is lost", (context) => {
  mount(context, "-t", "tmpfs", "-o", "size=16m", "none");
  const store = open();
  expect(existsSync(join(disk, "gateway.ballast"))).toBe(true);
  const filler = join(disk, "filler");
  store.commit(commitOf(0));
  writeFileSync(filler, Buffer.alloc(freeBytes() - 2 * megabyte));
  for (let n = 1; n <= 1_000; n += 1) {
    store.commit(commitOf(n));
    if (n % 20 === 0) store.prune(n);
  }
  expect(existsSync(join(disk, "gateway.ballast"))).toBe(false);
  expect(numbers(store)).toEqual(Array.from({ length: 1_001 }, (_, n) => n));
  const gaps = store.outbox
    .read("events", 0, 1e9)
    .flatMap(readEvents)
    .filter(({ kind }) => kind === "gap");
  const lost = gaps.reduce((sum, { body: { count } }) => sum + Number(count), 0);
  const kept = store.outbox
    .read("samples", 0, 1e9)
    .reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
  expect(lost).toBeGreaterThan(0);
  expect(kept + lost).toBe(1_001 * 500);

  rmSync(filler);
  store.prune(1_001);
  expect(existsSync(join(disk, "gateway.ballast"))).toBe(true);
});

test("a disk with no byte to give refuses the commit whole, and takes it once there is room again", (context) => {
  mount(context, "-t", "tmpfs", "-o", "size=8m", "none");
  const store = open(64 * 1_024);
  for (let n = 0; n < 3; n += 1) store.commit(commitOf(n));
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc(freeBytes()));
  let refused = 3;
  for (; refused < 1_000; refused += 1) {
    try {
      store.commit({
        ...commitOf(refused, 0),
        state: new Map([["n", "x".repeat(50_000) + refused]]),
      });
    } catch (error) {
      expect(error).toMatchObject({ code: "store/full", where: join(disk, "gateway.db") });
      break;
    }
  }
  expect(refused).toBeLessThan(1_000);
  expect(numbers(store)).toHaveLength(refused);
  expect(store.history("d/p1", 0, 9, 10)).not.toHaveLength(0);
  rmSync(filler);
  expect(store.heal()).toBe(true);
  store.commit(commitOf(refused, 0));
  expect(numbers(store)).toEqual(Array.from({ length: refused + 1 }, (_, n) => n));
});

test("a disk that is read-only at start gives a store in memory, and everything is on disk when it heals", (context) => {
  mount(context, "-t", "tmpfs", "-o", "size=16m", "none");
  const before = open(0);
  before.commit(commitOf(0, 10));
  before[Symbol.dispose]();
  run("mount", "-o", "remount,ro", disk);
  const store = open(0);
  expect(store.onDisk).toBe(false);
  expect(store.problem?.code).toMatch(/^store\/(read-only|io)$/);
  store.commit(commitOf(1, 10));
  expect(store.heal()).toBe(false);
  run("mount", "-o", "remount,rw", disk);
  expect(store.heal()).toBe(true);
  store.commit(commitOf(2, 10));
  expect(numbers(store)).toEqual([0, 1, 2]);
  expect(store.outbox.head("samples")).toBe(30);
});

test("a file system that turns read-only while running: nothing is torn, memory takes over, the disk gets it back", (context) => {
  const image = join(root, "image");
  run("truncate", "--size", "32M", image);
  run("mkfs.ext4", "-q", image);
  mount(context, "-o", "loop,errors=remount-ro", image);
  const store = open(0);
  store.commit(commitOf(0, 10));
  const device = run("findmnt", "-n", "-o", "SOURCE", disk).trim().replace("/dev/", "");
  writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, "x");
  expect(() => store.commit(commitOf(1, 10))).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^store\/(read-only|io)$/) }),
  );
  expect(store.heal()).toBe(false);
  expect(store.readState("").get("n")).toBe(0);
  store.commit(commitOf(1, 10));
  expect(store.heal()).toBe(false);

  run("umount", disk);
  spawnSync("e2fsck", ["-p", image]);
  run("mount", "-o", "loop", image, disk);
  expect(store.heal()).toBe(true);
  store.commit(commitOf(2, 10));
  expect(numbers(store)).toEqual([0, 1, 2]);
  expect(store.readState("").get("n")).toBe(2);
});

test("an fsync that fails makes the commit fail; healed and tried again, each row is there exactly once", (context) => {
  if (spawnSync("strace", ["-V"]).error !== undefined) {
    if (process.env["CI"] === "true") throw new Error("strace is missing");
    context.skip("strace is missing: run .ci/run");
  }
  const args = ["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];
  const fault = ["-e", "inject=fsync,fdatasync:error=EIO:when=30..31"];
  const child = spawnSync("strace", [...args, ...fault, process.execPath, writer, disk, "100"], {
    encoding: "utf8",
  });
  expect(child.stderr).toBe("");
  expect(child.stdout).toContain("failed store/io healed true");
  expect(checkFolder(disk)).toMatchObject({ events: 100, samples: 2_000, state: 100 });
  expect(statSync(join(disk, "gateway.db")).size).toBeGreaterThan(0);
});
