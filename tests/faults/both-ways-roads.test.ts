import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type Mosquitto, mosquitto } from "../support/mosquitto.ts";
import { needPrograms } from "../support/need-program.ts";
import type { Running } from "../support/spine.ts";
import { commitTrap } from "../support/trials/commit-trap.ts";
import { link } from "../support/trials/link.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { digestAtCentral, digestOf } from "../support/trials/row-digest.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, trialSite, whole } from "../support/trials/trial-site.ts";

const cuts = 12;
const cutMs = 400;
const samplesAtOnce = 4_000;
const patienceMs = 300_000;

/** As long as one cut waits for a batch to be on the wire. */
const onWireMs = 10_000;

const roads = {
  http: (port: number) => `  central: "http://127.0.0.1:${port}"\n  credentials: !secret central`,
  mqtt: (port: number) =>
    `  uplinks: { road: { via: mqtt, broker: "mqtt://127.0.0.1:${port}", credentials: !secret central } }`,
  sparkplug: (port: number) =>
    `  uplinks: { road: { via: sparkplug, group: site, host: hq, central: true, broker: "mqtt://127.0.0.1:${port}", credentials: !secret central } }`,
} as const;

test.for(["http", "mqtt", "sparkplug"] as const)(
  "%s: twelve cuts of 0.4 s, the broker killed in a replay, central killed between commit and reply: each row once",
  { timeout: 600_000 },
  async (via, context) => {
    needPrograms(context, "mosquitto");
    await using site = await trialSite(context.skip);
    await using broker = via === "http" ? undefined : await mosquitto(site.folder);
    await broker?.start();
    using log = numberedLog({ dir: site.dataDir, gatewayId, clock: systemClock });
    for (let turn = 0; turn < 15; turn += 1) log.take(samplesAtOnce, 1);
    await using trap = await commitTrap(Number(site.postgres.port));
    const startCentral = centralOf(site, trap.port, broker);
    let central = await startCentral();
    const centralPort = Number(new URL(site.address).port);
    await using wire = await link(() => broker?.port ?? centralPort);
    const config = join(site.folder, "agent.yaml");
    const port = Number(new URL(wire.address).port);
    writeFileSync(
      config,
      `version: 1\ngateway: { id: ${gatewayId} }\nchannels: {}\nsync:\n${roads[via](port)}\n`,
    );
    const caught = trap.next();
    await site.startAgent({ config });
    await caught;
    await central.kill("SIGKILL");
    central = await startCentral();
    let hits = 0;
    for (let turn = 0; turn < cuts; turn += 1) {
      log.take(samplesAtOnce, 1);
      await onWire(() => wire.sent);
      if (await wire.cut(cutMs)) hits += 1;
      if (turn !== cuts / 2) continue;
      await onWire(() => wire.sent);
      await broker?.kill("SIGKILL");
      await broker?.start();
    }
    const { outbox } = log.store;
    const [samples, events] = [outbox.head("samples"), outbox.head("events")];
    await site.arrived("samples", samples, patienceMs);
    await site.arrived("events", events, patienceMs);
    const found = await rowsAtCentral(site.database);
    tell(`faults of ${via}`, { hits, ...found, lost: samples - found.samples });
    expect(found).toEqual(whole(samples, events));
    expect(await digestAtCentral(site.database)).toBe(digestOf(samples));
    expect(hits).toBeGreaterThan(0);
    await central.kill("SIGTERM");
  },
);

function centralOf(
  site: Awaited<ReturnType<typeof trialSite>>,
  trapPort: number,
  broker: Mosquitto | undefined,
): () => Promise<Running> {
  const throughTrap = new URL(site.postgres);
  throughTrap.port = `${trapPort}`;
  const url = `mqtt://127.0.0.1:${broker?.port}`;
  const more =
    broker === undefined
      ? []
      : ["--mqtt", url, "--sparkplug-group", "site", "--sparkplug-host", "hq"];
  return () => site.startCentral({ database: throughTrap.href, more });
}

/** Until more than a greeting is under way. */
async function onWire(sent: () => number): Promise<void> {
  const before = sent();
  for (const until = performance.now() + onWireMs; performance.now() < until; ) {
    await sleep(2);
    if (sent() > before + 2_000) return;
  }
}
