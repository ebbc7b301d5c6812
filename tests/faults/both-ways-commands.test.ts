import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noise } from "../support/noise.ts";
import { Office } from "../support/office.ts";
import { patienceMs, SpineSite } from "../support/spine-site.ts";
import { storedEvents } from "../support/store-events.ts";

const kills = Number(process.env["RACKWATCH_KILLS"] ?? 8);
const seed = Number(process.env["RACKWATCH_SEED"] ?? 2_027);
const patience = { timeout: patienceMs, interval: 300 };

test(`commands under ${kills} kills of agent and gateway: each carried out once, each with one outcome at central (seed ${seed})`, async () => {
  await using site = await SpineSite.open({ postgres: undefined });
  const office = await Office.open(site);
  const random = noise(seed);
  await site.begin();
  site.device.setHigh(0, true);
  await expect.poll(() => site.device.isLit(0), patience).toBe(true);
  const actions = [
    { action: "restart-channel", target: "rack" },
    { action: "silence" },
    { action: "acknowledge", target: "high0" },
    { action: "test", target: "rack/lamp1" },
  ];
  for (let round = 0; round < kills; round += 1) {
    const command = { id: `c${round}`, expiresInMs: 3_600_000, ...actions[round % actions.length] };
    const answer = await office.ask("POST", "commands", command);
    expect(answer.status, await answer.text()).toBeLessThan(300);
    await sleep(random() * 1_200);
    const victim = random() < 0.5 ? site.gateway : site.agent;
    await victim.kill();
    victim.start();
    // The same again, as a person who heard nothing does.
    if (round % 5 === 0) await office.ask("POST", "commands", command);
    if (round % 3 === 0) await site.ready();
  }
  const ended = ({ state }: { readonly state: string }) =>
    state !== "waiting" && state !== "fetched";
  await expect
    .poll(async () => (await office.commands()).filter(ended).length, patience)
    .toBe(kills);
  const shown = await office.commands();
  const acts = storedEvents(site.dataDir).filter(({ kind }) => kind === "command");
  const outcomes = acts.map(({ body }) => `${body["id"]} ${body["outcome"]}`);
  expect(outcomes.toSorted()).toEqual(shown.map(({ id, state }) => `${id} ${state}`).toSorted());
  const byState = Map.groupBy(shown, ({ state }) => state);
  console.log(
    JSON.stringify({ seed, states: [...byState].map(([state, all]) => [state, all.length]) }),
  );
  expect(byState.get("done")?.length ?? 0).toBeGreaterThan(kills / 2);
  expect(site.device.isLit(0)).toBe(true);
  expect(site.victims.flatMap(({ deaths }) => deaths)).toEqual([]);
}, 900_000);
