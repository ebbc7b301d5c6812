import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { postgresPrograms } from "../support/postgres.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, trialSite } from "../support/trials/trial-site.ts";

const dayMs = 86_400_000;
const dayRows = 20_000;
const flushRows = 1_000;

/** How long the gateway keeps what central has. */
const graceMs = 12 * 3_600_000;

test("central restored from yesterday's backup: what the gateway kept comes again, each row once, and what it did not is a gap", async ({
  skip,
}) => {
  await using site = await trialSite(skip);
  let now = Date.now() - dayMs - 1;
  const clock = { ...systemClock, now: () => now, monotonicMs: () => now };
  using log = numberedLog({
    ...{ dir: site.dataDir, gatewayId, clock },
    limits: { keepForMs: graceMs, chunkRowsMax: flushRows },
  });
  const day = (rows: number) => {
    for (let at = 0; at < rows; at += flushRows) log.take(flushRows, 1);
  };
  day(dayRows);
  const first = await site.startCentral();
  const agent = await site.startAgent();
  await site.arrived("samples", dayRows);
  await site.arrived("events", dayRows / flushRows);
  await first.kill("SIGTERM");
  const { database } = site;
  const postgres = (program: string, ...args: readonly string[]) =>
    execFileSync(join(postgresPrograms() ?? "", program), args, { stdio: "pipe" });
  const backup = join(site.folder, "yesterday.dump");
  const { href } = site.postgres;
  postgres("pg_dump", "--format=custom", `--file=${backup}`, href);

  // Half of the day since is older than what the gateway keeps of what central has.
  day(dayRows / 2);
  now += dayMs;
  day(dayRows / 2);
  const second = await site.startCentral();
  await site.arrived("samples", 2 * dayRows);
  await site.arrived("events", (2 * dayRows) / flushRows);
  await agent.kill("SIGTERM");
  expect(log.store.prune(now).samples).toBeGreaterThan(0);
  const kept = log.store.outbox.first("samples");
  const keptEvents = log.store.outbox.first("events");
  await second.kill("SIGKILL");
  postgres("pg_restore", "--clean", "--if-exists", `--dbname=${href}`, backup);

  await site.startCentral();
  await site.startAgent();
  await site.arrived("samples", 2 * dayRows);
  await site.arrived("events", (2 * dayRows) / flushRows);
  const found = await rowsAtCentral(database);
  const gaps = await site.records("gaps");
  const missing = gaps.filter(({ lane }) => lane === "samples");
  tell("central restored from yesterday", {
    ...found,
    sentAgain: found.samples - dayRows,
    missing: missing.map((gap) => gap["missing"]),
  });
  const epoch = log.store.outbox.epoch;
  expect(kept).toBe(dayRows * 1.5 + 1);
  expect(missing).toMatchObject([
    {
      epoch,
      firstSeq: dayRows + 1,
      lastSeq: kept - 1,
      missing: dayRows / 2,
      reason: "not-in-store",
    },
  ]);
  const lostEvents = keptEvents - 1 - dayRows / flushRows;
  expect(found).toEqual({
    samples: dayRows * 1.5,
    doubledSamples: 0,
    wrongSamples: 0,
    events: (2 * dayRows) / flushRows - lostEvents,
    doubledEvents: 0,
    wrongEvents: 0,
    gaps: lostEvents > 0 ? 2 : 1,
  });
}, 180_000);
