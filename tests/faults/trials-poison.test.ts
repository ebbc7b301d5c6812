import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, trialSite } from "../support/trials/trial-site.ts";

const before = 300;
const after = 300;

/** The agent suspects a batch after some failures in a row, and finds the row by halves: each takes a second and more. */
const timeoutMs = 100_000;

test("a row that central cannot store and one that it fails over: both are set aside with their reason, all others arrive", async ({
  skip,
}) => {
  await using site = await trialSite(skip);
  using log = numberedLog({ dir: site.dataDir, gatewayId, clock: systemClock });
  const { store } = log;
  log.take(before, 1);
  const at = systemClock.now();
  // A time that no calendar has.
  store.commit({
    clock: { boot: "boot-1", offsetMs: at - systemClock.monotonicMs(), quality: "synchronized" },
    samples: [{ point: "room-0/temperature", sampledAt: 9e15, quality: "good", value: 1 }],
    events: [],
    state: new Map(),
  });
  const strange = store.outbox.head("samples");
  log.take(after, 1);
  const poison = strange + after / 2;
  const samples = store.outbox.head("samples");
  // Whatever it is in a row that a central of some version fails over: this one fails over one value.
  await site.database.query(`ALTER TABLE sample ADD CONSTRAINT poison CHECK (value <> ${poison})`);
  await site.startCentral();
  const began = performance.now();
  await site.startAgent();
  await site.arrived("samples", samples, timeoutMs);
  await site.arrived("events", store.outbox.head("events"), timeoutMs);
  const arrivedMs = performance.now() - began;
  // The lane goes on.
  log.take(100, 1);
  await site.arrived("samples", samples + 100, timeoutMs);
  const found = await rowsAtCentral(site.database);
  const [rejects, gaps] = [await site.records("rejects"), await site.records("gaps")];
  tell("poison record", { ...found, arrivedMs: Math.round(arrivedMs), rejects, gaps });
  expect(rejects).toMatchObject([{ lane: "samples", seq: strange, reason: "time out of range" }]);
  expect(gaps).toMatchObject([
    { lane: "samples", firstSeq: poison, lastSeq: poison, missing: 1, reason: "refused" },
  ]);
  expect(found).toMatchObject({
    samples: samples + 100 - 2,
    doubledSamples: 0,
    wrongSamples: 0,
    events: store.outbox.head("events"),
    doubledEvents: 0,
  });
}, 240_000);
