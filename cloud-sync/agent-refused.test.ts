import { expect, test } from "vitest";
import { readSyncStatus } from "../gateway/store/sync-status.ts";
import { agentRig, fresh, refusal, settle, waitsOf } from "../tests/support/agent-rig.ts";
import { someEvents } from "../tests/support/memory-outbox.ts";
import { backoffMs, backoffMsMax, backoffMsMin, busyMsMax, slowMs } from "./backoff.ts";

const agents = agentRig();

test("waits grow to five minutes, obey Retry-After, and are slow where only a person can help", async () => {
  let answer = refusal("sync/unreachable");
  const { agent, outbox } = agents.rig(() => answer);
  outbox.addSamples(fresh(3));
  const waits = await waitsOf(agent, 12);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBe(1_500);
  expect(waits.at(-1)).toBe(150_500);
  answer = refusal("sync/busy", { retryAfterMs: 600_000 });
  expect((await waitsOf(agent, 1))[0]).toBeGreaterThanOrEqual(600_000);
  answer = refusal("sync/unauthorized");
  expect(await waitsOf(agent, 1)).toEqual([slowMs(0.5)]);
});

test("a central that has too much to do, and says when to come again, never waits long for whom it has room", async () => {
  const { agent, outbox } = agents.rig(() => refusal("sync/busy", { retryAfterMs: 2_000 }));
  outbox.addSamples(fresh(3));
  const waits = await waitsOf(agent, 12);
  expect(waits[0]).toBe(3_500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(2_000 + busyMsMax);
});

test("back-off stays within its limits for every number of failures", () => {
  for (let failures = 1; failures < 2_000; failures += 1) {
    expect(backoffMs(failures, 0)).toBe(backoffMsMin);
    expect(backoffMs(failures, 0.999999)).toBeLessThanOrEqual(backoffMsMax);
  }
});

test("413 halves the batch until it passes, and it grows again", async () => {
  const { agent, outbox, sent } = agents.rig(({ firstSeq, lastSeq }) =>
    lastSeq - firstSeq >= 1_500 ? refusal("sync/too-large") : undefined,
  );
  outbox.addSamples(fresh(5_000));
  await settle(agent);
  expect(sent).toEqual([
    "samples 1-1250",
    "samples 1251-2500",
    "samples 2501-3750",
    "samples 3751-5000",
  ]);
});

test("a batch that the line does not carry in time is halved until it passes, and time is not wasted on it at each hello", async () => {
  let late = 0;
  const { agent, outbox, sent } = agents.rig(({ firstSeq, lastSeq }) => {
    if (lastSeq - firstSeq < 1_500) return undefined;
    late += 1;
    return refusal("sync/unreachable", { late: true });
  });
  outbox.addSamples(fresh(20_000));
  await settle(agent, 60);
  expect(sent.slice(0, 3)).toEqual(["samples 1-1250", "samples 1251-2500", "samples 2501-3750"]);
  expect(sent.at(-1)).toMatch(/-20000$/);
  expect(late).toBe(2);
});

test("a batch over the bytes that central takes is cut before it is sent", async () => {
  const { agent, outbox, sent, state } = agents.rig();
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, bytesMax: 3_000 } });
  outbox.addEvents(someEvents(64));
  await settle(agent);
  expect(sent[0]).toBe("events 1-32");
  expect(sent.at(-1)).toMatch(/-64$/);
});

test("one poisoned row is found by halving and set aside on record, the others arrive", async () => {
  const { agent, outbox, sent, gaps, entries } = agents.rig(({ firstSeq, lastSeq }) =>
    firstSeq <= 37 && lastSeq >= 37 ? refusal("sync/refused", { badRows: true }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 37, lastSeq: 37, reason: "refused" }]);
  expect(sent.at(0)).toMatch(/^samples 1-/);
  expect(sent.at(-1)).toMatch(/-100$/);
  expect(entries.map(({ event }) => event)).toContain("row set aside");
});

test("a central that refuses everything does not empty the lane: after ten rows the agent stops and shows it", async () => {
  const { agent, outbox, gaps } = agents.rig(() => refusal("sync/refused", { badRows: true }));
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toHaveLength(10);
  expect(readSyncStatus(agents.dir)?.problem?.code).toBe("sync/refused");
});

test("a batch over which central fails again and again is searched for the row, the others arrive", async () => {
  const { agent, outbox, sent, gaps } = agents.rig(({ lane, firstSeq, lastSeq }) =>
    lane === "samples" && firstSeq <= 37 && lastSeq >= 37
      ? refusal("sync/server-error", { status: 500, refusal: "internal" })
      : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toEqual([{ firstSeq: 37, lastSeq: 37, reason: "refused" }]);
  expect(sent.at(-1)).toMatch(/-100$/);
});

test("a central that fails over everything loses ten rows at most", async () => {
  const { agent, outbox, gaps } = agents.rig(() =>
    refusal("sync/server-error", { status: 500, refusal: "internal" }),
  );
  outbox.addSamples(fresh(20));
  await settle(agent, 400);
  expect(gaps).toHaveLength(10);
});

test("a failure of a proxy is none of the batch: nothing is cut", async () => {
  const { agent, outbox, gaps, sent } = agents.rig((_, turn) =>
    turn <= 30 ? refusal("sync/server-error", { status: 502 }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent, 300);
  expect(gaps).toEqual([]);
  expect(sent).toEqual(["samples 1-100"]);
});

test("a batch that arrives damaged is sent again as it was", async () => {
  const { agent, outbox, sent } = agents.rig((_, turn) =>
    turn <= 3 ? refusal("sync/unreachable", { status: 400, refusal: "bad-digest" }) : undefined,
  );
  outbox.addSamples(fresh(100));
  await settle(agent);
  expect(sent).toEqual(["samples 1-100"]);
});

test("a damaged chunk is set aside and declared, what is around it arrives", async () => {
  const { agent, outbox, sent, gaps, entries } = agents.rig();
  for (let chunk = 0; chunk < 3; chunk += 1) outbox.addSamples(fresh(10));
  outbox.damage("samples", 15);
  await settle(agent);
  expect(sent).toEqual(["samples 1-10", "samples 21-30"]);
  expect(gaps).toEqual([{ firstSeq: 11, lastSeq: 20, reason: "corrupt" }]);
  expect(entries.map(({ event }) => event)).toEqual(["gap declared", "chunk set aside"]);
});

test("thinned rows travel in one batch with their places, whatever its borders are", async () => {
  const { agent, outbox, sent, gaps, state } = agents.rig();
  outbox.addSamples(fresh(40));
  outbox.thin(1, 4);
  outbox.addSamples(fresh(10));
  state.welcome = (it) => ({ ...it, limits: { ...it.limits, rowsMax: 18 } });
  await settle(agent);
  expect(sent).toEqual(["samples 1-18", "samples 19-36", "samples 37-40", "samples 41-50"]);
  expect(gaps).toEqual([]);
});

test("numbers of which thinning left no row are a gap of that reason", async () => {
  const { agent, outbox, sent, gaps, marks } = agents.rig();
  outbox.addSamples(fresh(30));
  outbox.thin(1, 20);
  outbox.addSamples(fresh(2));
  marks.samples = 21;
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 22, lastSeq: 30, reason: "thinned" }]);
  expect(sent).toEqual(["samples 31-32"]);
});
