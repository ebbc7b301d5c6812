import { expect, test } from "vitest";
import type { Booking } from "../../panel/stock-api.ts";
import { BookingKeys, bookingKeysMax } from "./booking-keys.ts";

const issue: Booking = { kind: "issue", item: "bolt", location: "a1", quantity: 5, key: "tap-1" };

test("the same booking under the same key is known, also after a restart", () => {
  const keys = new BookingKeys(new Map());
  expect(keys.find(issue, "li")).toBeUndefined();
  const saved = keys.keep(issue, "li", ["m1"], 1_000);
  expect(keys.find({ ...issue }, "li")).toEqual(["m1"]);
  const again = new BookingKeys(new Map([...saved].map(([key, value]) => [key, copy(value)])));
  expect(again.find(issue, "li")).toEqual(["m1"]);
});

test("another content, or another person, under a known key is refused", () => {
  const keys = new BookingKeys(new Map());
  keys.keep(issue, "li", ["m1"], 1_000);
  const refused = expect.objectContaining({ code: "stock/refused" });
  expect(() => keys.find({ ...issue, quantity: 6 }, "li")).toThrow(refused);
  expect(() => keys.find(issue, "wang")).toThrow(refused);
});

test("without a key nothing is remembered", () => {
  const keys = new BookingKeys(new Map());
  const { key: _, ...plain } = issue;
  expect(keys.keep(plain, "li", ["m1"], 1).size).toBe(0);
  expect(keys.find(plain, "li")).toBeUndefined();
});

test("at the limit the oldest key is forgotten, on the disk too", () => {
  const keys = new BookingKeys(new Map());
  let last: ReadonlyMap<string, unknown> = new Map();
  for (let index = 0; index <= bookingKeysMax; index += 1) {
    last = keys.keep({ ...issue, key: `tap-${index}` }, "li", [], index);
  }
  expect(last.get("booked/tap-0")).toBeUndefined();
  expect(last.has("booked/tap-0")).toBe(true);
  expect(keys.find({ ...issue, key: "tap-0" }, "li")).toBeUndefined();
  expect(keys.find({ ...issue, key: "tap-1" }, "li")).toEqual([]);
});

function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
