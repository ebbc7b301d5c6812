import { expect, test } from "vitest";
import { stockSchema } from "../../config/schema/item.ts";
import { itemOf } from "../../tests/support/stock-lines.ts";
import type { StockView } from "../panel/stock-api.ts";
import type { Movement } from "../stock/movement.ts";
import { policyOf, type Stocked, type StockedKey } from "../stock/stocked.ts";
import {
  lotsOnTopicMax,
  movementsWaitingMax,
  stockAgainMs,
  stockMessagesPerStepMax,
  tagsOnTopicMax,
} from "./limits.ts";
import { type Message, movementMessage, stockMessage } from "./messages.ts";
import { StockFeed } from "./stock-feed.ts";

const viewOf = (item: string, quantity: number): StockView => ({
  ...{ item, location: "a", unit: "pcs", quantity, available: quantity },
  ...{ interval: [quantity, quantity], onOrder: 0, reserved: 0, position: quantity },
  ...{ state: "ok", warnings: [], lots: [] },
});

const movementOf = (n: number): Movement => ({
  ...{ id: `ni:///sha-256;${n}`, kind: "pick", item: "i0", location: "a", quantity: -1 },
  ...{ unit: "pcs", at: n, clock: "synchronized", evidence: { by: "weight" } },
});

class Outlet {
  readonly stock: Message[] = [];
  readonly movements: Message[] = [];
  publishStock = (message: Message) => void this.stock.push(message);
  publishMovement = (message: Message) => void this.movements.push(message);
}

function world(lines: number) {
  const quantities = new Map(Array.from({ length: lines }, (_, n) => [`i${n}`, 10]));
  const stocked = (): Stocked[] =>
    [...quantities.keys()].map((id) => {
      const item = itemOf(id);
      return { item, location: "a", policy: policyOf(item, "a", stockSchema.parse({})) };
    });
  const feed = new StockFeed({
    gatewayId: "wh1",
    stocked,
    view: (_, item) => {
      const quantity = quantities.get(item);
      return quantity === undefined ? undefined : viewOf(item, quantity);
    },
  });
  const keys = (...items: string[]): StockedKey[] => items.map((item): StockedKey => `a/${item}`);
  return { quantities, feed, keys };
}

test("a broker that opens is told all stock, no more in one step than the limit", () => {
  const { feed } = world(120);
  const outlet = new Outlet();
  feed.step(outlet, 0);
  expect(outlet.stock).toHaveLength(stockMessagesPerStepMax);
  for (let step = 1; step < 10; step += 1) feed.step(outlet, step);
  expect(outlet.stock).toHaveLength(120);
  expect(new Set(outlet.stock.map(({ topic }) => topic)).size).toBe(120);
  expect(outlet.stock[0]?.topic).toBe("rackwatch/wh1/stock/a/i0");
});

test("while the round over all lines goes on, what changed is told first, and only when it says something else", () => {
  const { feed, quantities, keys } = world(200);
  const outlet = new Outlet();
  feed.step(outlet, 0);
  quantities.set("i150", 3);
  feed.changed(keys("i150", "i3"), [movementOf(1)]);
  const before = outlet.stock.length;
  feed.step(outlet, 1);
  expect(outlet.movements).toHaveLength(1);
  const [first, second] = outlet.stock.slice(before);
  expect(first?.topic).toBe("rackwatch/wh1/stock/a/i150");
  expect(JSON.parse(first?.payload ?? "")).toMatchObject({ quantity: 3 });
  // i3 says what it said before: the round goes on instead.
  expect(second?.topic).toBe("rackwatch/wh1/stock/a/i50");
  for (let step = 2; step < 10; step += 1) feed.step(outlet, step);
  expect(outlet.stock).toHaveLength(200);
});

test("without a broker nothing waits, and a second broker is told everything anew", () => {
  const { feed, keys } = world(3);
  feed.changed(keys("i0"), [movementOf(1)]);
  const first = new Outlet();
  feed.step(first, 0);
  expect(first.movements).toEqual([]);
  feed.step(undefined, 1);
  const second = new Outlet();
  feed.step(second, 2);
  expect(second.stock).toHaveLength(3);
});

test("movements are told in their order and once, and a flood of them says how many were left out", () => {
  const { feed } = world(0);
  const outlet = new Outlet();
  feed.step(outlet, 0);
  const all = Array.from({ length: movementsWaitingMax + 7 }, (_, n) => movementOf(n));
  feed.changed([], all);
  for (let step = 1; step <= movementsWaitingMax / stockMessagesPerStepMax; step += 1) {
    feed.step(outlet, step);
  }
  const [left, ...told] = outlet.movements.map(({ payload }) => JSON.parse(payload));
  expect(left).toEqual({ leftOut: 7 });
  expect(told.map(({ at }) => at)).toEqual(all.slice(7).map(({ at }) => at));
  feed.step(outlet, 1_000);
  expect(outlet.movements).toHaveLength(1 + movementsWaitingMax);
});

test("an hour later all is looked at again: what changed with time is told, what is kept no more is cleared", () => {
  const { feed, quantities } = world(3);
  const outlet = new Outlet();
  for (const mono of [0, 1]) feed.step(outlet, mono);
  quantities.delete("i2");
  quantities.set("i1", 9);
  feed.step(outlet, stockAgainMs - 1);
  expect(outlet.stock).toHaveLength(3);
  for (const later of [0, 1]) feed.step(outlet, stockAgainMs + later);
  expect(outlet.stock.slice(3).map(({ topic, payload }) => [topic, payload === ""])).toEqual([
    ["rackwatch/wh1/stock/a/i1", false],
    ["rackwatch/wh1/stock/a/i2", true],
  ]);
});

test("many lots and many tags are counted, not listed", () => {
  const lots = Array.from({ length: lotsOnTopicMax + 1 }, (_, n) => ({
    ...{ lot: `L${n}`, quantity: 1, state: "good" as const },
  }));
  const few = JSON.parse(stockMessage("wh1", { ...viewOf("i", 1), lots: lots.slice(1) }).payload);
  expect(few.lots).toHaveLength(lotsOnTopicMax);
  const many = JSON.parse(stockMessage("wh1", { ...viewOf("i", 1), lots }).payload);
  expect(many).toMatchObject({ lotsLeftOut: lotsOnTopicMax + 1 });
  expect(many).not.toHaveProperty("lots");
  const tags = Array.from({ length: tagsOnTopicMax + 1 }, () => "E2801160600002054CC1B6A3");
  const told = (count: number) =>
    JSON.parse(
      movementMessage("wh1", {
        ...movementOf(1),
        evidence: { by: "tags", tags: tags.slice(0, count) },
      }).payload,
    ).evidence;
  expect(told(tagsOnTopicMax).tags).toHaveLength(tagsOnTopicMax);
  expect(told(tagsOnTopicMax + 1)).toEqual({ by: "tags", tagsLeftOut: tagsOnTopicMax + 1 });
});
