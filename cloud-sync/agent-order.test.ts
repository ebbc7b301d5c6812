import { expect, test } from "vitest";
import {
  agentRig,
  fresh,
  old,
  refusal,
  savedAlarm,
  settle,
  signal,
  sizeOf,
  untilSent,
  waitsOf,
} from "../tests/support/agent-rig.ts";
import { ManualClock } from "../tests/support/manual-clock.ts";
import { someEvents } from "../tests/support/memory-outbox.ts";

const agents = agentRig();

test("events go before samples, also those that come while samples are being caught up", async () => {
  const { agent, outbox, sent } = agents.rig();
  outbox.addSamples(fresh(12_000));
  outbox.addEvents(someEvents(2));
  await agent.step(signal);
  await agent.step(signal);
  await agent.step(signal);
  outbox.addEvents(someEvents(1));
  await settle(agent);
  expect(sent).toEqual([
    "events 1-2",
    "samples 1-5000",
    "events 3-3",
    "samples 5001-10000",
    "samples 10001-12000",
  ]);
});

test("events that never end let samples through after eight batches", async () => {
  const { agent, outbox, sent, state } = agents.rig();
  outbox.addSamples(fresh(1));
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 10 } });
  outbox.addEvents(someEvents(100));
  await untilSent(agent, sent, 10);
  const went = sent.map((it) => it.split(" ")[0]);
  expect(went).toEqual([...Array.from({ length: 8 }, () => "events"), "samples", "events"]);
});

test("what is true now goes first after an outage, and every two seconds while history drains", async () => {
  const { agent, outbox, clock, sent, snapshots, state } = agents.rig();
  outbox.addSamples(old(40_000));
  outbox.addEvents(someEvents(1));
  outbox.alarms.set("warm", savedAlarm("warm"));
  outbox.alarms.set("calm", savedAlarm("calm", { active: false, acknowledged: true }));
  state.tookMs = 900;
  await untilSent(agent, sent, 6);
  expect(sent).toEqual([
    "snapshot 40000 whole",
    "events 1-1",
    "samples 1-5000",
    "samples 5001-10000",
    "samples 10001-15000",
    "samples 15001-20000",
  ]);
  const [first] = snapshots;
  expect(first).toMatchObject({
    heads: { events: 1, samples: 40_000 },
    seqs: [39_997, 39_998, 39_999, 40_000],
    takenAt: new ManualClock().now(),
    whole: true,
  });
  expect(first?.alarms.map(({ rule, alarm, state: now }) => [rule, alarm, now])).toEqual([
    ["warm", "warm#1", "unacknowledged"],
  ]);
  outbox.addSamples(fresh(2));
  outbox.alarms.set("warm", savedAlarm("warm", { active: false, acknowledged: true }));
  await untilSent(agent, sent, 9);
  expect(sent.slice(6)).toContain("snapshot 40002");
  expect(snapshots[1]?.seqs).toEqual([40_001, 40_002]);
  expect(snapshots[1]?.alarms.map(({ rule, state: now }) => [rule, now])).toEqual([
    ["warm", "normal"],
  ]);
  await settle(agent);
  const count = snapshots.length;
  await clock.advance(10_000);
  await agent.step(signal);
  expect(snapshots).toHaveLength(count);
});

test("a database that becomes another one while a snapshot is taken is not told as if all were normal", async () => {
  const { agent, outbox, snapshots } = agents.rig();
  outbox.addSamples(old(10));
  outbox.alarms.set("warm", savedAlarm("warm"));
  await agent.step(signal);
  const take = outbox.snapshot.bind(outbox);
  outbox.snapshot = () => {
    outbox.reborn("epoch-2");
    outbox.snapshot = take;
    return { heads: { events: 0, samples: 0 }, samples: [], alarms: new Map() };
  };
  await agent.step(signal);
  expect(snapshots).toEqual([]);
  await settle(agent);
  expect(snapshots.every(({ epoch }) => epoch === "epoch-2")).toBe(true);
});

test("a short cut brings no snapshot, one of more than ten seconds does", async () => {
  let cut = false;
  const world = agents.rig(() => (cut ? refusal("sync/unreachable") : undefined));
  const { agent, outbox, clock, sent, state } = world;
  outbox.addSamples(fresh(1));
  await settle(agent);
  for (const seconds of [5, 15]) {
    cut = true;
    state.greet = refusal("sync/unreachable");
    outbox.addSamples(fresh(1));
    await waitsOf(agent, 1);
    await clock.advance(seconds * 1_000);
    cut = false;
    state.greet = undefined;
    await settle(agent);
  }
  expect(sent).toEqual(["samples 1-1", "samples 2-2", "snapshot 3 whole", "samples 3-3"]);
});

test("a snapshot that is refused is said once and blocks nothing", async () => {
  const { agent, outbox, sent, entries, state } = agents.rig();
  state.snapshot = refusal("sync/refused", { status: 400, refusal: "bad-request" });
  state.tookMs = 3_000;
  outbox.addSamples(old(20_000));
  await settle(agent);
  expect(sent.at(-1)).toMatch(/-20000$/);
  expect(entries.filter(({ event }) => event === "snapshot refused")).toHaveLength(1);
});

test("an alarm during a full-rate backfill waits for no more than the request under way", async () => {
  const { agent, outbox, clock, sent, state } = agents.rig();
  state.tookMs = 1_900;
  outbox.addSamples(old(100_000));
  await untilSent(agent, sent, 6);
  const before = clock.now();
  outbox.addEvents(someEvents(1));
  const count = sent.length;
  await untilSent(agent, sent, count + 1);
  expect(sent.at(-1)).toBe("events 1-1");
  expect(clock.now() - before).toBeLessThan(2_000);
});

test("old samples come as fast as central asked for, live ones and events are not held up", async () => {
  const { agent, outbox, clock, sent, state } = agents.rig();
  state.welcome = (it) => ({ ...it, backlog: { rowsPerSecond: 100 } });
  outbox.addSamples(old(1_000));
  const began = clock.now();
  while (!agent.drained) {
    const waitMs = await agent.step(signal);
    if (sent.length === 4) outbox.addEvents(someEvents(1));
    if (waitMs > 0) await clock.advance(waitMs);
  }
  expect(clock.now() - began).toBeGreaterThanOrEqual(8_000);
  expect(clock.now() - began).toBeLessThan(12_000);
  expect(sent.filter((it) => it.startsWith("samples"))).toHaveLength(5);
  expect(sent.findIndex((it) => it.startsWith("events"))).toBeLessThan(7);
});

test("batches grow to central's limit while they are quick, and shrink on a slow link", async () => {
  const { agent, outbox, sent, state } = agents.rig();
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 20_000 } });
  outbox.addSamples(fresh(40_000));
  await settle(agent);
  expect(sent.map(sizeOf)).toEqual([5_000, 5_000, 10_000, 10_000, 10_000]);
  sent.length = 0;
  state.tookMs = 2_500;
  outbox.addSamples(fresh(60_000));
  await settle(agent);
  const sizes = sent.filter((it) => it.startsWith("samples")).map(sizeOf);
  expect(sizes.slice(0, 6)).toEqual([20_000, 10_000, 5_000, 2_500, 1_250, 625]);
  expect(sizes.filter((it) => it === 500).length).toBeGreaterThan(10);
});

test("the next batch is ready when a request ends, and is thrown away when it no longer fits", async () => {
  const { agent, outbox, sent, marks, clock } = agents.rig();
  outbox.addSamples(fresh(20_000));
  await untilSent(agent, sent, 1);
  const reads = outbox.read.bind(outbox);
  let read = 0;
  outbox.read = (lane, after, rows) => {
    read += 1;
    return reads(lane, after, rows);
  };
  await untilSent(agent, sent, 2);
  // One read for the batch after this one, none for this one.
  expect(read).toBe(1);
  // Central was restored: behind; then it has more than it said: ahead.
  marks.samples = 2_000;
  await clock.advance(60_000);
  await untilSent(agent, sent, 3);
  expect(sent.at(-1)).toBe("samples 2001-5000");
  await untilSent(agent, sent, 4);
  marks.samples = 12_000;
  await clock.advance(60_000);
  await untilSent(agent, sent, 5);
  expect(sent.slice(3)).toEqual(["samples 5001-10000", "samples 12001-15000"]);
});
