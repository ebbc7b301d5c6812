import { expect, test } from "vitest";
import { noise } from "../support/noise.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";
import {
  complaintsOf,
  type GatewayHolding,
  holdingOfCentral,
  holdingOfGateway,
} from "../support/spine-judge.ts";
import { killAtRandom } from "../support/spine-killer.ts";
import { SpineSite } from "../support/spine-site.ts";
import { type Seen, tell } from "../support/spine-stories.ts";

/** `RACKWATCH_KILLS=1000 RACKWATCH_SEED=7 npx vitest run --project faults spine-kill.test`; fewer when nobody asks. */
const kills = Number(process.env["RACKWATCH_KILLS"] ?? 20);
const seed = Number(process.env["RACKWATCH_SEED"] ?? 2_026);

/** A kill with the start that follows takes a second, and fifteen on a machine that is busy with thirty other programs. */
const timeoutMs = 300_000 + kills * 15_000;

/** Each lamp's way on and off is on record once, and whatever the panel showed. */
function expectAlarms({ raised, returned, transitions }: GatewayHolding, seen: Seen): void {
  expect(Object.fromEntries(raised)).toEqual(Object.fromEntries(seen.rounds));
  expect(Object.fromEntries(returned)).toEqual(Object.fromEntries(seen.rounds));
  expect([...seen.shown].filter((one) => !transitions.has(one))).toEqual([]);
}

async function killedSpine(postgres: string | undefined): Promise<void> {
  const beganAt = performance.now();
  await using site = await SpineSite.open({ postgres });
  await site.begin();
  let isOver = false;
  const killing = async () => {
    try {
      await killAtRandom(site, noise(seed), kills);
    } finally {
      isOver = true;
    }
  };
  const telling = tell(site, noise(seed + 1), () => isOver);
  const [seen] = await site.told(Promise.all([telling, killing()]));
  await site.told(site.drain());
  expect(site.victims.flatMap(({ deaths }) => deaths)).toEqual([]);
  const gateway = holdingOfGateway(site.dataDir);
  await using database = await site.openDatabase();
  const { epoch, samples, events } = gateway;
  expect({ samples: samples.breaks, events: events.breaks }).toEqual({ samples: [], events: [] });
  expect(gateway.repeatedReadings).toBe(0);
  expect(await holdingOfCentral(database)).toEqual({ epoch, samples, events });
  expect(await complaintsOf(database)).toEqual([]);
  expectAlarms(gateway, seen);
  const { device } = site;
  expect(device.lit).toEqual([]);
  const rounds = [...seen.rounds.values()].reduce((sum, one) => sum + one, 0);
  expect(device.turns.on).toBe(rounds);
  console.log(
    JSON.stringify({
      seed,
      database: database.kind,
      killed: Object.fromEntries(site.victims.map(({ name, killed }) => [name, killed])),
      seconds: Math.round((performance.now() - beganAt) / 1_000),
      samples: samples.rows,
      events: events.rows,
      rounds,
      lamps: device.turns,
    }),
  );
}

test(
  `${kills} kills -9 of gateway, agent and central under load: central has what the gateway committed, each row once, and no lamp was missed (seed ${seed})`,
  async (context) => {
    needPostgres(context.skip);
    await killedSpine(postgresPrograms());
  },
  timeoutMs,
);
