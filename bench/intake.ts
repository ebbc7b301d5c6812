/**
 * Samples a second through pipeline, rules, alarms and the store on disk, in one process, as fast as they go: 50
 * devices of 10 points, a batch of 10 samples at a time, a rule with deadband and on-delay for every point. The peer is
 * the plain prototype: 110,000 samples a second with Modbus, broker and HTTP in it, without validation, quality or hashes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Log, PointKey, Sample } from "../drivers/contract.ts";
import { createAlarmSystem } from "../gateway/alarms/alarm-system.ts";
import { Intake } from "../gateway/intake.ts";
import { LatestSamples } from "../gateway/latest.ts";
import { Pipeline } from "../gateway/pipeline/pipeline.ts";
import type { Rule } from "../gateway/rules/rule.ts";
import { openStore } from "../gateway/store/open-store.ts";

const devices = 50;
const pointsPerDevice = 10;
const seconds = 8;
const silent: Log = { child: () => silent, debug() {}, info() {}, warn() {}, error() {} };
const clock: Clock = {
  now: Date.now,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};

const keys: PointKey[][] = Array.from({ length: devices }, (_, device) =>
  Array.from({ length: pointsPerDevice }, (__, point): PointKey => `d${device}/p${point}`),
);
const rules: Rule[] = keys.flat().map((point) => ({
  id: point.replace("/", "-"),
  when: { is: "above", point, limit: 90, inclusive: false, deadband: 1 },
  onDelayMs: 5_000,
  offDelayMs: 0,
  priority: "medium",
  message: "too warm",
  outputs: [],
}));
const settings = new Map(
  keys.flat().map((key) => [key, { range: [-40, 1_000] as [number, number], everyMs: 1_000 }]),
);

const dir = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
try {
  const { store } = openStore({ dir, gatewayId: "bench", clock, log: silent });
  const pipeline = new Pipeline(settings);
  const alarms = createAlarmSystem({
    rules,
    saved: new Map(),
    instant: { at: clock.now(), mono: clock.monotonicMs() },
    boot: "bench",
    clockSynchronized: () => true,
  });
  let committed = 0;
  const intake = new Intake({
    clock,
    log: silent,
    boot: "bench",
    clockQuality: () => "synchronized",
    store,
    response: {
      step: (live, now) => {
        const step = alarms.step(live, now);
        return { ...step, events: [], state: step.stateChanges, live, touched: new Set() };
      },
      checkpoint: () => ({ events: [], state: new Map() }),
      act: () => {
        throw new Error("nobody acts in this benchmark");
      },
      take: () => {
        throw new Error("nobody books in this benchmark");
      },
      correct: () => {
        throw new Error("nobody sets the clock in this benchmark");
      },
    },
    process: (samples, instant) => pipeline.process(samples, instant),
    latest: new LatestSamples(),
    health: { report: () => undefined },
    flushEveryMs: 10_000,
    seen: () => undefined,
    published: ({ samples }) => {
      committed += samples.length;
    },
  });
  const values = new Map(keys.flat().map((key, index) => [key, 20 + (index % 50) / 10]));
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (let turn = 0; performance.now() - startedAt < seconds * 1_000; turn += 1) {
    const device = keys[turn % devices] ?? [];
    const sampledAt = clock.now();
    const batch = device.map((point): Sample => {
      const value = Math.round(((values.get(point) ?? 0) + Math.sin(turn) * 0.1) * 100) / 100;
      values.set(point, value);
      return { point, sampledAt, quality: "good", value };
    });
    intake.accept(batch);
  }
  const tookS = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(
    `${JSON.stringify({
      bench: "intake",
      samplesPerSecond: Math.round(committed / tookS),
      cpuMicrosPerSample: Number(((user + system) / committed).toFixed(2)),
      peerSamplesPerSecond: 110_000,
    })}\n`,
  );
  store[Symbol.dispose]();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
