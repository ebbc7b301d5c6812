import { expect, test } from "vitest";
import { alarmRows, fleetOf, gatewayOf, gatewayPageOf, latestRows, stockRows } from "./rows.ts";

const gateway = {
  id: "g",
  marks: { events: 1, samples: 2 },
  activeAlarms: 0,
  points: 3,
  records: {},
};

test("rows of central are taken, anything else is left out", () => {
  const page = { found: 90, gateways: [gateway, null, "x", { id: 1 }] };
  expect(gatewayPageOf(page)).toEqual({ found: 90, rows: [gateway] });
  for (const none of ["<html>", [gateway], { gateways: [gateway] }, null]) {
    expect(gatewayPageOf(none)).toBeUndefined();
    expect(gatewayOf(none)).toBeUndefined();
    expect(fleetOf(none)).toBeUndefined();
  }
  expect(gatewayOf(gateway)).toEqual(gateway);
  const fleet = { gateways: 1, unacknowledged: 0, states: {}, alarms: {} };
  expect(fleetOf(fleet)).toEqual(fleet);
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
