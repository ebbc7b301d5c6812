import { setTimeout as sleep } from "node:timers/promises";
import { test } from "vitest";
import { pushHouse } from "../support/push-house.ts";
import { told } from "../support/push-inbox.ts";
import { eventually, type Running } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

const kills = 8;
/** A day of a room in moments: how long it is warm or cold before the next kill, at most. */
const betweenMs = 700;

/** Numbers from 0 to 1, the same for the same seed (Numerical Recipes' generator). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.concurrent.for([20_261_122, 4_711])(
  "gateway and agent killed with -9 at any moment (seed %i): every alarm is told, repeated under the same key, and none that never was",
  { timeout: 180_000 },
  async (seed, { expect, onTestFinished }) => {
    const random = seeded(seed);
    const house = await pushHouse({
      sections: ({ url }) => `
rules:
  warm: { point: cold1/temperature, above: 8, priority: high, autoAcknowledge: true, notify: [shift] }
alarms: { floodBegins: 1000 }
notify: { shift: { language: en, webhook: { url: "${url}/shift" } } }
`,
    });
    onTestFinished(() => house[Symbol.asyncDispose]());
    const programs: Record<"gateway" | "agent", Running> = {
      gateway: await house.startGateway(),
      agent: await house.startAgent(),
    };
    const again = { gateway: house.startGateway, agent: house.startAgent };
    let isWarm = false;
    const turn = () => {
      isWarm = !isWarm;
      house.setTemperature(isWarm ? 8 + 5 * random() : 4);
    };
    for (let kill = 0; kill < kills; kill += 1) {
      turn();
      await sleep(betweenMs * random());
      const which = random() < 0.5 ? "gateway" : "agent";
      await programs[which].kill("SIGKILL");
      if (random() < 0.3) turn();
      programs[which] = await again[which]();
    }
    if (isWarm) turn();

    const stored = () =>
      storedEvents(house.rig.dataDir)
        .filter(({ kind, body }) => kind === "alarm" && body["rule"] === "warm")
        .map(
          ({ body }) => `${body["alarm"]} ${body["cause"] === "violated" ? "raised" : "returned"}`,
        );
    const arrived = () =>
      house.inbox
        .at("/shift")
        .map(({ raw }) => told(raw))
        .filter(({ kind }) => kind !== "notice");
    const names = () => new Set(arrived().map(({ alarm, kind }) => `${alarm} ${kind}`));
    await eventually(
      async () => ({
        active: (await house.alarms()).filter(({ active }) => active).length,
        missing: stored().filter((name) => !names().has(name)),
      }),
      ({ active, missing }) => active === 0 && missing.length === 0,
      60_000,
    );
    const happened = new Set(stored());
    expect(happened.size).toBeGreaterThan(2);
    expect([...names()].filter((name) => !happened.has(name))).toEqual([]);
    for (const name of happened) {
      const keys = arrived().filter(({ alarm, kind }) => `${alarm} ${kind}` === name);
      expect([name, new Set(keys.map(({ id }) => id)).size]).toEqual([name, 1]);
    }
    // A kill repeats what was under way, and no more.
    expect(arrived().length).toBeLessThanOrEqual(happened.size + kills);
    for (const { raw, headers } of house.inbox.at("/shift")) {
      expect(headers["idempotency-key"]).toBe(told(raw).id);
    }
  },
);
