import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { beforeEach, expect, test } from "vitest";
import { CursorFile, cursorFileName } from "../../gateway/store/cursor-file.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { type Lane, lanes } from "../../gateway/store/store.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";
import { eventually } from "../support/spine.ts";
import { CommitGate } from "../support/spine-commit-gate.ts";
import { complaintsOf, holdingOfCentral, holdingOfGateway } from "../support/spine-judge.ts";
import { patienceMs, SpineSite } from "../support/spine-site.ts";
import { storedEvents } from "../support/store-events.ts";

/** Each kill happens at a moment that is made to last until the process is dead: no chance is in it. */
const timeoutMs = 900_000;

beforeEach(({ skip }) => needPostgres(skip));

const openSite = (link?: (central: string) => Promise<string>) =>
  SpineSite.open({ postgres: postgresPrograms(), ...(link === undefined ? {} : { link }) });

function cursorOf({ dataDir }: SpineSite, lane: Lane): number {
  using outbox = openOutbox(dataDir);
  using cursors = new CursorFile(dataDir);
  return cursors.read(lane, outbox.epoch);
}

/** A lamp that is lit and out again, so that both lanes have rows to send. */
async function blink({ device }: SpineSite): Promise<void> {
  for (const isHigh of [true, false]) {
    device.setHigh(0, isHigh);
    await eventually(
      () => device.isLit(0),
      (isLit) => isLit === isHigh,
      patienceMs,
    );
  }
}

/** Resolves when the agent knows that central is as far as that. */
function arrived(site: SpineSite, lane: Lane, mark: number): Promise<number> {
  return eventually(
    () => cursorOf(site, lane),
    (cursor) => cursor >= mark,
    patienceMs,
  );
}

async function expectEachRowOnce(site: SpineSite): Promise<void> {
  await site.drain();
  expect(site.victims.flatMap(({ deaths }) => deaths)).toEqual([]);
  await using database = await site.openDatabase();
  const { epoch, samples, events, repeatedReadings } = holdingOfGateway(site.dataDir);
  expect(samples.rows).toBeGreaterThan(0);
  expect([...samples.breaks, ...events.breaks, repeatedReadings]).toEqual([0]);
  expect(await holdingOfCentral(database)).toEqual({ epoch, samples, events });
  expect(await complaintsOf(database)).toEqual([]);
}

test(
  "central killed between its commit and its reply, in each lane: the agent sends the rows again and none is there twice",
  async () => {
    await using site = await openSite();
    await site.begin();
    await using gate = await CommitGate.open(site.databaseUrl);
    for (const lane of lanes) {
      const held = gate.hold(lane);
      await blink(site);
      await held;
      site.central.freeze();
      const mark = await gate.release(lane);
      expect(cursorOf(site, lane)).toBeLessThan(mark);
      await site.central.kill();
      site.central.start();
      await arrived(site, lane, mark);
    }
    await expectEachRowOnce(site);
  },
  timeoutMs,
);

test(
  "central killed after it asked for the commit, which PostgreSQL does when the next one runs already: no row twice",
  async () => {
    await using site = await openSite();
    await site.begin();
    await using gate = await CommitGate.open(site.databaseUrl);
    for (const lane of lanes) {
      const held = gate.hold(lane);
      await blink(site);
      await held;
      await site.central.kill();
      site.central.start();
      await site.ready();
      await arrived(site, lane, await gate.release(lane));
    }
    await expectEachRowOnce(site);
  },
  timeoutMs,
);

test(
  "the agent killed between central's reply and its cursor, three times: it goes on behind what central has",
  async () => {
    let proxy: CuttingProxy | undefined;
    await using site = await openSite(async (central) => {
      proxy = await cuttingProxy(
        () => central,
        () => "pass",
      );
      return proxy.address;
    });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => proxy?.close());
    await site.begin();
    for (let round = 0; round < 3; round += 1) {
      const file = new Sqlite(join(site.dataDir, cursorFileName), { timeout: 10_000 });
      file.exec("BEGIN IMMEDIATE");
      const before = proxy?.answered ?? 0;
      await blink(site);
      // The reply has arrived, and the file does not take what it said.
      await eventually(
        () => proxy?.answered ?? 0,
        (answered) => answered > before,
        patienceMs,
      );
      await site.agent.kill();
      file.close();
      site.agent.start();
      await site.ready();
    }
    await expectEachRowOnce(site);
  },
  timeoutMs,
);

test(
  "the gateway killed between its commit and its lamp: the alarm is on record, and the lamp is lit by the next start",
  async () => {
    await using site = await openSite();
    await site.begin();
    const { device } = site;
    const killed = new Promise<void>((resolve) => {
      device.loseOrder(1, () => resolve(site.gateway.kill()));
    });
    device.setHigh(1, true);
    await killed;
    expect(device.isLit(1)).toBe(false);
    const raised = storedEvents(site.dataDir).filter(
      ({ kind, body }) => kind === "alarm" && body["rule"] === "high1",
    );
    expect(raised.map(({ body }) => body["to"])).toEqual(["unacknowledged"]);
    site.gateway.start();
    await eventually(
      () => device.isLit(1),
      (isLit) => isLit,
      patienceMs,
    );
    await site.ready();
    device.setHigh(1, false);
    await eventually(
      () => device.isLit(1),
      (isLit) => !isLit,
      patienceMs,
    );
    await expectEachRowOnce(site);
  },
  timeoutMs,
);
