import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { pieceKg, ShelfSite } from "../support/shelf-site.ts";
import { eventually } from "../support/spine.ts";

async function filled(): Promise<ShelfSite> {
  const site = await ShelfSite.open({ shelves: 1 });
  await site.handle(1, 40, 0);
  await site.begin();
  await site.settled(1);
  return site;
}

function scaleOf(site: ShelfSite) {
  const [simulator] = site.scales;
  if (simulator === undefined) throw new Error("no scale");
  return simulator.scale;
}

const moved = async (site: ShelfSite) =>
  (await site.movements()).filter(({ kind }) => kind !== "count").map(({ quantity }) => quantity);

/** Long enough for a movement that must not be. */
const quietMs = 3_000;

test.concurrent("a scale that tells overload and errors in the middle of a pick: no code becomes a piece, and the pick counts once when it weighs again", async () => {
  await using site = await filled();
  const scale = scaleOf(site);
  scale.set({ moving: true });
  for (const status of ["overload", "underload", "error", "not-ready"] as const) {
    scale.set({ status });
    await sleep(quietMs / 4);
  }
  expect(await moved(site)).toEqual([]);
  scale.set({ status: "ok", moving: false, weight: 33 * pieceKg });
  expect(await site.settled(1)).toMatchObject({ quantity: 33 });
  expect(await moved(site)).toEqual([-7]);
});

test.concurrent("a scale that is set to pounds says the same weight: nothing moved", async () => {
  await using site = await filled();
  const scale = scaleOf(site);
  scale.set({ unit: "lb", weight: Number(((40 * pieceKg) / 0.453_592_37).toFixed(4)) });
  await sleep(quietMs);
  expect(await moved(site)).toEqual([]);
  scale.set({ weight: Number(((30 * pieceKg) / 0.453_592_37).toFixed(4)) });
  await eventually(
    () => site.stock(1),
    (view) => view?.quantity === 30,
    60_000,
  );
  expect(await moved(site)).toEqual([-10]);
});

test.concurrent("a scale that comes back with another zero takes nothing from the ledger", async () => {
  await using site = await filled();
  const scale = scaleOf(site);
  await site.kill();
  // It was switched off and on with the goods on it: it shows 0 with 40 pieces there.
  scale.set({ weight: 0 });
  await site.start();
  await site.answers();
  await sleep(quietMs);
  const { quantity } = (await site.stock(1)) ?? {};
  const all = await moved(site);
  expect(all.reduce((sum, one) => sum + one, 40)).toBe(quantity);
  // An emptied shelf weighs the same: what cannot be told apart is said to be of a time that nobody watched.
  for (const movement of await site.movements("&kind=pick")) expect(movement.since).toBeDefined();
  scale.set({ weight: -40 * pieceKg });
  await sleep(quietMs);
  expect((await site.stock(1))?.quantity).toBeGreaterThanOrEqual(0);
});

test.concurrent("a weight that is frozen to the gram moves nothing, and a flood of readings makes one pick of one", async () => {
  await using site = await filled();
  await sleep(quietMs);
  const scale = scaleOf(site);
  const flood = setInterval(() => scale.set({ moving: true, weight: Math.random() }), 5);
  await sleep(quietMs);
  clearInterval(flood);
  expect(await moved(site)).toEqual([]);
  scale.set({ moving: false, weight: Number((36 * pieceKg).toFixed(6)) });
  expect(await site.settled(1)).toMatchObject({ quantity: 36 });
  expect(await moved(site)).toEqual([-4]);
});
