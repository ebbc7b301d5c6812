import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { link } from "../support/trials/link.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, trialSite, whole } from "../support/trials/trial-site.ts";

const cuts = 12;
const cutMs = 400;

/** As long as one cut waits for something to be on the wire; the agent is back a second after the last one. */
const onWireMs = 10_000;

const pointsPerSecond = 5_000;
const flushMs = 100;

test("twelve cuts of 0.4 s under 5,000 points a second: nothing lost, nothing doubled", async ({
  skip,
}) => {
  await using site = await trialSite(skip);
  using log = numberedLog({ dir: site.dataDir, gatewayId, clock: systemClock });
  await using wire = await link(() => Number(new URL(site.address).port));
  await site.startCentral();
  const began = performance.now();
  let flushes = 0;
  const feeding = setInterval(() => {
    // A machine that was busy is made up for: the rate is what counts.
    for (; flushes < (performance.now() - began) / flushMs; flushes += 1) {
      log.take((pointsPerSecond * flushMs) / 1_000, flushes % 10 === 0 ? 1 : 0);
    }
  }, flushMs);
  await using _feeding = { [Symbol.asyncDispose]: async () => clearInterval(feeding) };
  await site.startAgent({ central: wire.address });
  await site.arrived("samples", 1);
  let hits = 0;
  for (let turn = 0; turn < cuts; turn += 1) {
    const { sent } = wire;
    for (const until = performance.now() + onWireMs; performance.now() < until; ) {
      await sleep(2);
      // More than a hello: a batch is under way.
      if (wire.sent > sent + 2_000) break;
    }
    if (await wire.cut(cutMs)) hits += 1;
  }
  clearInterval(feeding);
  const { outbox } = log.store;
  const [samples, events] = [outbox.head("samples"), outbox.head("events")];
  await site.arrived("samples", samples);
  await site.arrived("events", events);
  const found = await rowsAtCentral(site.database);
  tell("12 cuts of 0.4 s", { hits, ...found, lost: samples - found.samples });
  expect(found).toEqual(whole(samples, events));
  expect(samples).toBeGreaterThan(20_000);
  expect(hits).toBeGreaterThan(0);
});
