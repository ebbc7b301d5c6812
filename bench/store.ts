import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import Database from "better-sqlite3";
import type { Clock, Log, Sample } from "../drivers/contract.ts";
import { encodeSamples } from "../gateway/store/columns.ts";
import { openStore } from "../gateway/store/open-store.ts";
import type { Commit } from "../gateway/store/store.ts";

/**
 * What the store costs: rows a second, bytes a sample (on disk, written, compressed, merged), time of a history query. Prints
 * one JSON object a line. Slow sensors: two decimals, a random walk, 20 ms of jitter, 200 points every 10 s.
 */
const points = 200;
const everyMs = 10_000;
const startAt = Date.UTC(2026, 0, 1);

const clock: Clock = {
  now: Date.now,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};
const silent: Log = { child: () => silent, debug() {}, info() {}, warn() {}, error() {} };

function sensors(pointCount: number) {
  let seed = 12_345;
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
  const last = Array.from({ length: pointCount }, (_, index): number => (index % 2 === 0 ? 5 : 60));
  let row = 0;
  return (rows: number): Sample[] =>
    Array.from({ length: rows }, () => {
      const index = row % pointCount;
      const cycle = Math.floor(row / pointCount);
      row += 1;
      const value = Math.round(((last[index] ?? 0) + (random() - 0.5) * 0.4) * 100) / 100;
      last[index] = value;
      return {
        point: `room-${(index >> 1) + 1}/${index % 2 === 0 ? "temperature" : "humidity"}`,
        sampledAt: startAt + cycle * everyMs + Math.floor(random() * 41) - 20,
        quality: "good",
        value,
      };
    });
}

function commitOf(samples: readonly Sample[]): Commit {
  const mark = { boot: "bench", offsetMs: 0, quality: "synchronized" } as const;
  return { clock: mark, samples, events: [], state: new Map() };
}

function print(figures: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Bytes that this process caused to be written to storage. */
function writtenBytes(): number {
  return Number(/write_bytes: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

function compressed(): void {
  for (const pointCount of [points, 500]) {
    for (const rows of [100, 1_000, 5_000]) {
      const next = sensors(pointCount);
      next(rows);
      const json = JSON.stringify(encodeSamples(next(rows)));
      const bytesPerSample = rounded(zstdCompressSync(json).length / rows);
      const jsonPerSample = rounded(json.length / rows);
      print({ bench: "compressed", points: pointCount, rows, bytesPerSample, jsonPerSample });
    }
  }
}

/** Commits of `rows` samples each, pruned (and so merged) each minute of their time. */
function flushes(rows: number, commits: number, measureHistory: boolean): void {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
  try {
    const { store } = openStore({ dir, gatewayId: "bench", clock, log: silent });
    const next = sensors(points);
    const writtenBefore = writtenBytes();
    let busyMs = 0;
    let cpuMicros = 0;
    let longestMs = 0;
    for (let n = 1; n <= commits; n += 1) {
      const commit = commitOf(next(rows));
      const began = performance.now();
      const cpuBefore = process.cpuUsage();
      store.commit(commit);
      if (n % 6 === 0) store.prune(startAt);
      store.merge();
      const tookMs = performance.now() - began;
      busyMs += tookMs;
      cpuMicros += cpuSince(cpuBefore);
      longestMs = Math.max(longestMs, tookMs);
    }
    const samples = rows * commits;
    print({
      bench: "flush",
      rows,
      commits,
      samplesPerSecond: Math.round(samples / (busyMs / 1_000)),
      cpuMicrosPerSample: rounded(cpuMicros / samples),
      longestMs: rounded(longestMs),
      diskBytesPerSample: rounded(store.size() / samples),
      writtenBytesPerSample: rounded((writtenBytes() - writtenBefore) / samples, 1),
    });
    if (measureHistory) history(store);
    store[Symbol.dispose]();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function history(store: ReturnType<typeof openStore>["store"]): void {
  for (const hours of [1, 24]) {
    const to = startAt + 24 * 3_600_000;
    const times = Array.from({ length: 7 }, () => {
      const began = performance.now();
      const cpuBefore = process.cpuUsage();
      const rows = store.history("room-42/humidity", to - hours * 3_600_000, to, 10_000);
      const cpuMs = cpuSince(cpuBefore) / 1_000;
      return { ms: performance.now() - began, cpuMs, rows: rows.length };
    }).sort((left, right) => left.ms - right.ms);
    const { ms = 0, cpuMs = 0, rows } = times[3] ?? {};
    print({ bench: "history", hours, rows, medianMs: rounded(ms, 1), cpuMs: rounded(cpuMs, 1) });
  }
}

/** Bytes a sample of the merged part of the log alone, and what 30 days of 200 points at 10 s (51.84 M samples) take. */
function density(commits: number): void {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
  try {
    const { store } = openStore({ dir, gatewayId: "bench", clock, log: silent });
    const next = sensors(points);
    for (let n = 0; n < commits; n += 1) {
      store.commit(commitOf(next(points)));
      store.merge();
    }
    store[Symbol.dispose]();
    const db = new Database(join(dir, "gateway.db"), { readonly: true });
    const pages = db
      .prepare<[], { bytes: number }>(
        "SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE 'sample_chunk%'",
      )
      .get();
    db.close();
    const bytesPerSample = (pages?.bytes ?? 0) / (points * commits);
    const megabytesOf30Days = rounded(51.84 * bytesPerSample, 1);
    print({ bench: "density", bytesPerSample: rounded(bytesPerSample, 3), megabytesOf30Days });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

compressed();
density(1_500);
flushes(200, 8_640, true);
flushes(1_000, 400, false);
flushes(5_000, 100, false);
