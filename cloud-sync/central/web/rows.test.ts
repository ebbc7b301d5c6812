import { expect, test } from "vitest";
import { alarmRows, gatewayRows, latestRows, stockRows } from "./rows.ts";

const gateway = {
  id: "g",
  marks: { events: 1, samples: 2 },
  activeAlarms: 0,
  points: 3,
  records: {},
};

test("rows of central are taken, anything else is left out", () => {
  expect(gatewayRows([gateway, null, "x", { id: 1 }])).toEqual([gateway]);
  expect(gatewayRows("<html>")).toEqual([]);
  expect(gatewayRows({ rows: [gateway] })).toEqual([]);
  expect(
    alarmRows([{ gateway: "g", alarm: "a#1", state: "normal", priority: "low" }, {}]),
  ).toHaveLength(1);
  expect(
    latestRows([{ point: "a/t", quality: "good", sampledAt: 0 }, { point: "a/t" }]),
  ).toHaveLength(1);
});

test("lines of stock that are none are left out, and a page that is none has no lines", () => {
  const line = { item: "bolt", location: "a", state: "out", quantity: 0, warnings: ["out"] };
  expect(stockRows({ stock: [line, { item: "bolt" }, 7] })).toEqual([line]);
  expect(stockRows([line])).toEqual([]);
  expect(stockRows("<html>")).toEqual([]);
});
