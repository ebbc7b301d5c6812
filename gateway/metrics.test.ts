import { expect, test } from "vitest";
import { RackwatchError } from "../drivers/errors.ts";
import { ManualClock } from "../tests/support/manual-clock.ts";
import { metricsText } from "./metrics.ts";
import { Tally } from "./metrics-tally.ts";

const clock = new ManualClock();
const config = { channels: { plant: { driver: "modbus", devices: { room: {} } } } };
const good = { point: "room/t", sampledAt: 0, quality: "good", value: 1 } as const;
const bad = { point: "room/t", sampledAt: 0, quality: "bad", reason: "timeout" } as const;

function text(tally: Tally, more: object = {}) {
  const lane = { head: 9, cursor: 4, backlog: 5, oldestAt: clock.now() - 60_000 };
  return metricsText({
    tally,
    samplesTotal: 7,
    points: ["good", "bad", "good"],
    alarms: [{ state: "unacknowledged", priority: "high" }],
    problems: ["sync"],
    lanes: { events: { head: 3, cursor: 3, backlog: 0 }, samples: lane },
    storeRows: { events: 3, samples: 9 },
    storeBytes: 4_096,
    onDisk: true,
    dataDir: "/nowhere",
    clockQuality: "unsynchronized",
    sync: {
      lastContactAt: clock.now() - 5_000,
      figures: {
        at: clock.now() - 1_000,
        startedAt: 0,
        batches: { events: 1, samples: 2 },
        rows: { events: 3, samples: 4 },
        bytes: { events: 5, samples: 6 },
        snapshots: 0,
        gaps: 1,
        rejectedRows: 2,
        failures: { "sync/unreachable": 3 },
        batchRows: 1_000,
        rowsPerSecond: 50,
        backlog: { events: 0, samples: 5 },
        etaMs: 90_000,
      },
    },
    roads: [
      {
        ...{ name: "central", via: "http", counted: true, lastContactAt: clock.now() - 5_000 },
        backlog: { events: 0, samples: 5 },
      },
      {
        ...{ name: "stick", via: "file", counted: false },
        backlog: { events: 2, samples: 7 },
        problem: { code: "sync/bundle", message: "no room", since: 1 },
      },
    ],
    goneMs: 5_000,
    losses: { thinned: { rows: 300, lastAt: 1 } },
    pushes: { waiting: 2, dead: 1, dropped: 4 },
    now: clock.now(),
    machine: {
      rssBytes: 1,
      cpuSeconds: 2,
      writtenBytes: 3,
      startedAt: 4_000,
      loopDelaySeconds: 0.001,
    },
    ...more,
  });
}

test("each stage is counted where it hands on to the next", () => {
  using tally = new Tally(config, clock);
  tally.polled([good, bad]);
  tally.polled([bad]);
  tally.polled([{ ...good, point: "gateway/store" }]);
  tally.processed([good, bad]);
  const event = { at: 0, mono: 0 };
  const commit = {
    clock: { boot: "b", offsetMs: 0, quality: "unset" } as const,
    samples: [],
    events: [
      { ...event, kind: "clock", body: { steppedMs: 5_000 } } as const,
      { ...event, kind: "clock", body: { correction: { boot: "b", offsetMs: 1 } } } as const,
      { ...event, kind: "alarm", body: {} } as const,
    ],
    state: new Map(),
  };
  const refuse = () => {
    throw new RackwatchError("store/full", "full");
  };
  tally
    .counting({ commit: () => undefined, heal: () => true, problem: undefined, corrections: [] })
    .commit(commit);
  const full = tally.counting({
    commit: refuse,
    heal: () => true,
    problem: undefined,
    corrections: [],
  });
  expect(() => full.commit(commit)).toThrow("full");
  const out = text(tally);
  for (const line of [
    'rackwatch_polls_total{channel="plant"} 2',
    'rackwatch_poll_failures_total{channel="plant"} 1',
    'rackwatch_samples_total{quality="good"} 1',
    "rackwatch_commits_total 1",
    "rackwatch_commits_refused_total 1",
    'rackwatch_events_total{kind="clock"} 2',
    "rackwatch_clock_steps_total 1",
    "rackwatch_clock_corrections_total 1",
    'rackwatch_points{quality="good"} 2',
    'rackwatch_alarms{state="unacknowledged",priority="high"} 1',
    'rackwatch_outbox_rows{lane="samples"} 5',
    'rackwatch_outbox_age_seconds{lane="samples"} 60',
    'rackwatch_sync_failures_total{code="sync/unreachable"} 3',
    'rackwatch_store_lost_rows_total{reason="thinned"} 300',
    'rackwatch_pushes{state="dead"} 1',
    "rackwatch_pushes_dropped_total 4",
    "rackwatch_sync_eta_seconds 90",
    "rackwatch_sync_contact_age_seconds 5",
    'rackwatch_sync_road_backlog_rows{road="stick",lane="samples"} 7',
    'rackwatch_sync_road_contact_age_seconds{road="central"} 5',
    'rackwatch_sync_road_problem{road="stick",code="sync/bundle"} 1',
    'rackwatch_clock_quality{quality="unsynchronized"} 1',
  ]) {
    expect(out.split("\n")).toContain(line);
  }
});

test("every family has help and type, and what is not known is left out", () => {
  using tally = new Tally(config, clock);
  const out = text(tally, { sync: undefined, goneMs: undefined });
  expect(out).not.toContain("sync_eta");
  expect(out).not.toMatch(/undefined|NaN/);
  const samples = out.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  for (const line of samples) {
    const name = /^(\w+)/.exec(line)?.[1];
    expect(line).toMatch(/^rackwatch_\w+(\{(\w+="[^"]*",?)+\})? -?[\d.e+-]+$/);
    expect(out).toContain(`# HELP ${name} `);
    expect(out).toContain(`# TYPE ${name} `);
  }
});

test("an output that fails is counted and fails all the same", async () => {
  using tally = new Tally(config, clock);
  await tally.written(Promise.resolve());
  await expect(tally.written(Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(tally).toMatchObject({ outputsWritten: 1, outputsFailed: 1 });
});
