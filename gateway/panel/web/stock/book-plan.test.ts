import { expect, test } from "vitest";
import type { StockView } from "../../stock-api.ts";
import {
  type BookingForm,
  bookingKey,
  bookingOf,
  directionOf,
  plannedChanges,
  problemOf,
  quantityOf,
  stepped,
  typed,
} from "./book-plan.ts";

const empty: BookingForm = {
  kind: "receipt",
  item: "gauze",
  location: "a1",
  quantity: "",
  lot: "",
  expires: "",
  to: "",
  direction: "less",
  reason: "",
  document: "",
  note: "",
};

function view(location: string, quantity: number, more: Partial<StockView> = {}): StockView {
  return {
    item: "gauze",
    location,
    unit: "pcs",
    quantity,
    available: quantity,
    interval: [quantity, quantity],
    onOrder: 0,
    reserved: 0,
    position: quantity,
    state: "ok",
    warnings: [],
    lots: [],
    ...more,
  };
}

const stock = [
  view("a1", 24, { lots: [{ lot: "A", quantity: 10, state: "good" }] }),
  view("a2", 2),
];

test("a booking says from what to what, at both sides of a transfer", () => {
  const six = { ...empty, quantity: "6" };
  expect(plannedChanges({ ...six, kind: "issue" }, stock)).toEqual([
    { location: "a1", before: 24, after: 18 },
  ]);
  expect(plannedChanges({ ...six, kind: "transfer", to: "a2" }, stock)).toEqual([
    { location: "a1", before: 24, after: 18 },
    { location: "a2", before: 2, after: 8 },
  ]);
  const more = { ...six, kind: "adjust", direction: "more" } as const;
  expect(plannedChanges(more, stock)).toEqual([{ location: "a1", before: 24, after: 30 }]);
  expect(plannedChanges(empty, stock)).toEqual([]);
});

test("what cannot be booked is known before it is sent", () => {
  const of = (change: Partial<BookingForm>) => problemOf({ ...empty, ...change }, stock);
  expect(of({})).toBe("number");
  expect(of({ quantity: "0" })).toBe("zero");
  expect(of({ quantity: "1.5" })).toBe("whole");
  expect(of({ quantity: "-3" })).toBe("number");
  expect(of({ quantity: "25", kind: "issue" })).toBe("tooMuch");
  expect(of({ quantity: "11", kind: "issue", lot: "A" })).toBe("tooMuch");
  expect(of({ quantity: "1", kind: "issue", lot: "gone" })).toBe("tooMuch");
  expect(of({ quantity: "10", kind: "issue", lot: "A" })).toBeUndefined();
  expect(of({ quantity: "1", kind: "transfer" })).toBe("to");
  expect(of({ quantity: "1", kind: "transfer", to: "a1" })).toBe("samePlace");
  expect(of({ quantity: "1", kind: "adjust" })).toBe("reason");
  expect(
    of({ quantity: "99", kind: "adjust", direction: "more", reason: "found" }),
  ).toBeUndefined();
  expect(of({ quantity: "1", item: "" })).toBe("item");
  expect(of({ quantity: "1", location: "" })).toBe("location");
});

test("the gateway is asked for what was filled in and nothing else", () => {
  const form = { ...empty, quantity: "3", note: "  " };
  expect(bookingOf({ ...form, lot: " B7 ", expires: "2027-06-30" }, "k")).toEqual({
    kind: "receipt",
    item: "gauze",
    location: "a1",
    quantity: 3,
    lot: "B7",
    expires: "2027-06-30",
    key: "k",
  });
  expect(bookingOf({ ...form, kind: "adjust", reason: "lost" }, "k")).toMatchObject({
    quantity: -3,
    reason: "lost",
  });
  expect(bookingOf({ ...form, kind: "issue", expires: "2027-06-30", to: "a2" }, "k")).toEqual({
    kind: "issue",
    item: "gauze",
    location: "a1",
    quantity: 3,
    key: "k",
  });
});

test("a reason says which way a correction goes, but for an error, which may go either way", () => {
  expect(directionOf("theft")).toBe("less");
  expect(directionOf("found")).toBe("more");
  expect(directionOf("correction")).toBeUndefined();
});

test("steps and keypad make numbers that people expect", () => {
  expect(stepped("", 10)).toBe("10");
  expect(stepped("3", -10)).toBe("0");
  expect(stepped("0.1", 0.2)).toBe("0.3");
  expect(["1", "2", "back", "5"].reduce(typed, "")).toBe("15");
  expect(["0", "7"].reduce(typed, "")).toBe("7");
  expect([".", "5", "."].reduce(typed, "")).toBe("0.5");
  expect(Array.from({ length: 20 }, () => "9").reduce(typed, "")).toHaveLength(9);
  expect(quantityOf("１２")).toBe(12);
  expect(quantityOf("1,5")).toBe(1.5);
  expect(quantityOf("1e3")).toBeNaN();
});

test("no two bookings have the same name", () => {
  const keys = new Set(Array.from({ length: 1_000 }, bookingKey));
  expect(keys.size).toBe(1_000);
  expect([...keys].every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
