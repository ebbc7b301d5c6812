import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { freePort } from "../support/spine.ts";
import { commitTrap } from "../support/trials/commit-trap.ts";
import { link } from "../support/trials/link.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, trialSite, whole } from "../support/trials/trial-site.ts";

const kills = 10;
/** The largest batch is 20,000 rows: ten and more of them. */
const samples = 300_000;
const samplesPerCommit = 4_000;

test("central killed with -9 between commit and reply, ten times: each row once", async ({
  skip,
}) => {
  await using site = await trialSite(skip);
  using log = numberedLog({ dir: site.dataDir, gatewayId, clock: systemClock });
  for (let at = 0; at < samples; at += samplesPerCommit) log.take(samplesPerCommit, 1);
  const events = log.store.outbox.head("events");
  await using trap = await commitTrap(Number(site.postgres.port));
  const throughTrap = new URL(site.postgres);
  throughTrap.port = `${trap.port}`;
  const startCentral = async () => {
    const port = await freePort();
    const listen = `127.0.0.1:${port}`;
    return { port, central: await site.startCentral({ listen, database: throughTrap.href }) };
  };
  let now = await startCentral();
  await using wire = await link(() => now.port);
  let caught = trap.next();
  await site.startAgent({ central: wire.address });
  const marks: number[] = [];
  for (let turn = 0; turn < kills; turn += 1) {
    // The next one starts while this one works: the agent is not to wait for it.
    const next = startCentral();
    await caught;
    await now.central.kill("SIGKILL");
    const [mark] = await site.database.query(
      "SELECT seq::int AS seq FROM mark WHERE lane = 'samples'",
    );
    marks.push(Number(mark?.["seq"]));
    now = await next;
    if (turn + 1 < kills) caught = trap.next();
  }
  await site.arrived("samples", samples);
  await site.arrived("events", events);
  const found = await rowsAtCentral(site.database);
  tell("kill -9 between commit and reply", { kills, ...found, lost: samples - found.samples });
  expect(found).toEqual(whole(samples, events));
  // Each time rows were there that nobody had heard of.
  expect(new Set(marks).size).toBe(kills);
}, 240_000);
