import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noise } from "../support/noise.ts";
import { ShelfSite } from "../support/shelf-site.ts";

/** `RACKWATCH_KILLS=100 RACKWATCH_SEED=7 npx vitest run --project faults stock-kill`; fewer when nobody asks. */
const kills = Number(process.env["RACKWATCH_KILLS"] ?? 20);
const seed = Number(process.env["RACKWATCH_SEED"] ?? 2_026);

const shelves = 3;

/** A pick lasts for 150 ms of hand, 200 ms of settling and 300 ms of waiting whether it is undone. */
const lifeMsMax = 1_400;

test(`${kills} kills while shelves are picked from and people book: the ledger equals the shelves (seed ${seed})`, async () => {
  await using site = await ShelfSite.open({
    shelves,
    locations: "  store: { kind: room }",
    items: "  boxes: { location: store }",
  });
  const random = noise(seed);
  for (let shelf = 1; shelf <= shelves; shelf += 1) await site.handle(shelf, 40, 0);
  await site.begin();
  for (let shelf = 1; shelf <= shelves; shelf += 1) await site.settled(shelf);
  let killed = 0;
  let handled = 0;
  const picking = async (shelf: number) => {
    while (killed < kills) {
      const there = site.pieces(shelf);
      const isPut = there < 15 || (there < 80 && random() < 0.5);
      const count = 1 + Math.floor(random() * 9);
      await site.handle(shelf, isPut ? count : -count, random() * 300);
      handled += 1;
      await sleep(random() * 1_500);
    }
  };
  const answered: string[] = [];
  let repeated = 0;
  const booking = async () => {
    while (killed < kills) {
      const key = `key-${answered.length}`;
      const body = { kind: "receipt", item: "boxes", location: "store", quantity: 1, key } as const;
      const booked = await site.book(body);
      if (booked.repeated) repeated += 1;
      answered.push(key);
    }
  };
  const killing = async () => {
    while (killed < kills) {
      // On a busy machine a start lasts longer than most lives, and nobody would ever be answered.
      if (killed % 3 === 0) await site.answers();
      await sleep(random() * lifeMsMax);
      await site.kill();
      killed += 1;
      // Every fourth start is killed again within the same pick, before or just behind its start.
      if (killed % 4 === 0 && killed < kills) {
        site.spawnGateway().stdout?.resume();
        await sleep(random() * 1_000);
        await site.kill();
        killed += 1;
      }
      await site.start();
    }
  };
  await Promise.all([picking(1), picking(2), picking(3), booking(), killing()]);
  for (let shelf = 1; shelf <= shelves; shelf += 1) await site.settled(shelf);
  const { stock } = await site.get<{ stock: { item: string; quantity: number }[] }>("/api/stock");
  expect(stock.find(({ item }) => item === "boxes")?.quantity).toBe(answered.length);
  const movements = await site.movements();
  expect(new Set(movements.map(({ id }) => id)).size).toBe(movements.length);
  for (let shelf = 1; shelf <= shelves; shelf += 1) {
    // One count opened the shelf; no later start may count it again.
    const own = movements.filter(({ location }) => location === `s${shelf}`);
    expect(own.filter(({ kind }) => kind === "count")).toHaveLength(1);
    expect(own.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(site.pieces(shelf));
  }
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: true, differences: [] });
  console.log(
    JSON.stringify({
      kills,
      seed,
      handled,
      booked: answered.length,
      repeated,
      movements: movements.length,
    }),
  );
}, 600_000);
