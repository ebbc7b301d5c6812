import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CursorFile, cursorFileName } from "../gateway/store/cursor-file.ts";
import { readSyncStatus } from "../gateway/store/sync-status.ts";
import {
  agentRig,
  fresh,
  old,
  refusal,
  settle,
  signal,
  waitsOf,
} from "../tests/support/agent-rig.ts";
import { someEvents } from "../tests/support/memory-outbox.ts";
import { slowMs } from "./backoff.ts";
import type { Ack } from "./protocol.ts";

const agents = agentRig();

test("the gateway reads cursor, contact and problem from the agent's file", async () => {
  const { agent, outbox, clock, state } = agents.rig();
  outbox.addSamples(fresh(3));
  await settle(agent);
  using cursors = new CursorFile(agents.dir);
  expect(cursors.read("samples", outbox.epoch)).toBe(3);
  expect(readSyncStatus(agents.dir)).toMatchObject({ lastContactAt: clock.now() });
  state.greet = refusal("sync/unauthorized");
  await clock.advance(61_000);
  await agent.step(signal);
  expect(readSyncStatus(agents.dir)?.problem).toEqual({
    code: "sync/unauthorized",
    message: "sync/unauthorized",
    where: "central",
    todo: "do it",
    since: clock.now(),
  });
});

test("the end of a problem is a contact, and whoever reads the file sees both at once", async () => {
  const { agent, outbox, clock, state } = agents.rig();
  outbox.addSamples(fresh(3));
  await settle(agent);
  state.greet = refusal("sync/unreachable");
  await clock.advance(61_000);
  await agent.step(signal);
  expect(readSyncStatus(agents.dir)?.problem).toBeDefined();
  state.greet = undefined;
  await clock.advance(5_000);
  await agent.step(signal);
  expect(readSyncStatus(agents.dir)).toMatchObject({ lastContactAt: clock.now() });
  expect(readSyncStatus(agents.dir)?.problem).toBeUndefined();
});

test("a problem is logged once, not each retry, and so is its end", async () => {
  let broken = true;
  const { agent, outbox, entries } = agents.rig(() =>
    broken ? refusal("sync/unreachable") : undefined,
  );
  outbox.addSamples(fresh(3));
  for (let step = 0; step < 10; step += 1) await agent.step(signal);
  broken = false;
  await settle(agent);
  expect(entries.map(({ event }) => event)).toEqual(["sync problem", "central answers again"]);
});

test("the agent's figures are in its file for whoever shows them", async () => {
  let turn = 0;
  const { agent, outbox, clock, state } = agents.rig(() => {
    turn += 1;
    return turn === 2 ? refusal("sync/busy") : undefined;
  });
  state.tookMs = 4_000;
  outbox.addSamples(old(30_000));
  outbox.addEvents(someEvents(1));
  await settle(agent, 20);
  await clock.advance(60_000);
  await agent.step(signal);
  const { figures } = readSyncStatus(agents.dir) ?? {};
  expect(figures).toMatchObject({
    schemaVersion: 2,
    helloAt: clock.now(),
    rows: { events: 1 },
    failures: { "sync/busy": 1 },
    requestMs: 4_000,
  });
  expect(figures?.rowsPerSecond).toBeGreaterThan(0);
  expect(figures?.etaMs).toBeGreaterThan(0);
  expect(figures?.behindMs).toBeGreaterThan(86_400_000);
  expect((figures?.rows.samples ?? 0) + (figures?.backlog.samples ?? 0)).toBe(30_000);
});

test("while the gateway has no database the agent says so and waits", async () => {
  const { agent, outbox } = agents.rig();
  outbox.epoch = "";
  expect(await agent.step(signal)).toBeGreaterThanOrEqual(1_000);
  expect(readSyncStatus(agents.dir)?.problem).toMatchObject({ code: "store/io" });
});

test("an agent file that is not a database is begun anew, and central says where it stands", async () => {
  const { agent, outbox, sent } = agents.rig();
  outbox.addSamples(fresh(5));
  await settle(agent);
  agents.close();
  const file = join(agents.dir, cursorFileName);
  expect(dirname(file)).not.toBe(agents.dir);
  writeFileSync(file, "this is no database".repeat(1_000));
  expect(agents.progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(sent).toHaveLength(1);
});

test("the hello says where the lanes stand, which machine it is and when the gateway last wrote", async () => {
  const { agent, outbox, clock, hellos } = agents.rig();
  outbox.addSamples(fresh(7));
  outbox.renew("epoch-2");
  outbox.fingerprint = "machine-1";
  outbox.wroteAt = 123;
  agents.progress.moveCursor("samples", "epoch-2", 3, 0);
  await agent.step(signal);
  expect(hellos).toEqual([
    {
      schemaVersions: [1, 2],
      gateway: "gw-1",
      epoch: "epoch-2",
      ancestors: [{ epoch: "epoch-1", events: 0, samples: 7 }],
      machine: "machine-1",
      lanes: {
        events: { first: 1, last: 0, cursor: 0 },
        samples: { first: 1, last: 7, cursor: 3 },
      },
      sentAt: clock.now(),
      aliveAt: 123,
    },
  ]);
});

test("a heartbeat goes each minute, up to a fifth earlier, idle or busy, and a new epoch is greeted at once", async () => {
  const { agent, outbox, clock, hellos, state } = agents.rig();
  await settle(agent);
  await clock.advance(53_000);
  await agent.step(signal);
  expect(hellos).toHaveLength(1);
  await clock.advance(1_000);
  await agent.step(signal);
  expect(hellos).toHaveLength(2);
  state.tookMs = 9_000;
  for (let batch = 0; batch < 9; batch += 1) {
    outbox.addSamples(fresh(10));
    await settle(agent);
  }
  expect(hellos).toHaveLength(3);
  outbox.reborn("epoch-2");
  await agent.step(signal);
  expect(hellos.at(-1)?.epoch).toBe("epoch-2");
});

test("after any failure central is greeted first, and what it has meanwhile is not sent again", async () => {
  let lost = true;
  const world = agents.rig(() => (lost ? refusal("sync/unreachable") : undefined));
  const { agent, outbox, sent, hellos, marks } = world;
  outbox.addSamples(fresh(10));
  await agent.step(signal);
  await agent.step(signal);
  lost = false;
  // The reply was lost, not the batch.
  marks.samples = 10;
  outbox.addSamples(fresh(2));
  await settle(agent);
  expect(hellos).toHaveLength(2);
  expect(sent).toEqual(["samples 11-12"]);
});

test("a restored central that asks for a hello gets one at once", async () => {
  const { agent, outbox, sent, hellos } = agents.rig((_, turn) =>
    turn === 1 ? refusal("sync/refused", { status: 409, refusal: "unknown-epoch" }) : undefined,
  );
  outbox.addSamples(fresh(10));
  const waits: number[] = [];
  for (let step = 0; step < 4; step += 1) waits.push(await agent.step(signal));
  expect(waits).toEqual([0, 0, 0, 0]);
  expect(hellos).toHaveLength(2);
  expect(sent).toEqual(["samples 1-10"]);
});

test("another generation of central's database is asked for its marks at once", async () => {
  const { agent, outbox, state, hellos } = agents.rig();
  outbox.addSamples(fresh(1));
  await settle(agent);
  state.generation = "h";
  outbox.addSamples(fresh(1));
  await settle(agent);
  expect(hellos).toHaveLength(2);
});

test("a hello's reply about another epoch changes nothing", async () => {
  const { agent, outbox, state } = agents.rig();
  outbox.addSamples(fresh(100));
  state.welcome = (it) => ({ ...it, epoch: "epoch-0", marks: { events: 0, samples: 90 } });
  await waitsOf(agent, 1);
  expect(agents.progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(readSyncStatus(agents.dir)?.problem?.code).toBe("sync/not-central");
});

test("replies to another request change nothing, and central is asked where it stands", async () => {
  const strays: ((ack: Ack) => Ack)[] = [
    (it) => ({ ...it, lane: "events" }),
    (it) => ({ ...it, epoch: "epoch-0" }),
    (it) => ({ ...it, mark: 1_101 }),
    (it) => ({ ...it, mark: 50 }),
  ];
  for (const stray of strays) {
    const { agent, outbox, state, hellos } = agents.rig();
    const epoch = `epoch-${strays.indexOf(stray) + 10}`;
    outbox.epoch = epoch;
    outbox.addSamples(fresh(100));
    await settle(agent);
    outbox.addSamples(fresh(1_000));
    state.ack = (ack) => {
      state.ack = (it) => it;
      return stray(ack);
    };
    await agent.step(signal);
    expect(agents.progress.cursor("samples", epoch)).toBe(100);
    await settle(agent);
    expect(agents.progress.cursor("samples", epoch)).toBe(1_100);
    expect(hellos).toHaveLength(2);
  }
});

test("an older central that knows no hello is asked for its marks, and gets version 1", async () => {
  const { agent, outbox, sent, gaps, snapshots, versions, state } = agents.rig();
  state.greet = refusal("sync/not-central", { status: 404 });
  outbox.addSamples(old(10));
  outbox.thin(1, 4);
  outbox.addSamples(old(3));
  await settle(agent);
  expect([...versions]).toEqual([1]);
  expect(sent).toEqual(["samples 1-1", "samples 5-5", "samples 9-9", "samples 11-13"]);
  expect(gaps.map((it) => `${it.firstSeq}-${it.lastSeq} ${it.reason}`)).toEqual([
    "2-4 not-in-store",
    "6-8 not-in-store",
    "10-10 not-in-store",
  ]);
  expect(snapshots).toEqual([]);
});

test("a central that has more than was ever written here is a conflict, and the cursor stays", async () => {
  const { agent, outbox, marks } = agents.rig();
  outbox.addSamples(fresh(5));
  marks.samples = 9;
  expect(await agent.step(signal)).toBe(slowMs(0.5));
  expect(agents.progress.cursor("samples", outbox.epoch)).toBe(0);
  expect(readSyncStatus(agents.dir)?.problem?.code).toBe("sync/conflict");
});

test("central restored from a backup gets again what is still there, the rest is declared as a gap", async () => {
  const { agent, outbox, clock, sent, gaps, marks } = agents.rig();
  for (let chunk = 0; chunk < 4; chunk += 1) outbox.addSamples(fresh(10));
  await settle(agent);
  outbox.prune("samples", 20);
  marks.samples = 5;
  await clock.advance(61_000);
  await agent.step(signal);
  await settle(agent);
  expect(gaps).toEqual([{ firstSeq: 6, lastSeq: 20, reason: "not-in-store" }]);
  expect(sent.at(-1)).toBe("samples 21-40");
});
