import { expect, test } from "vitest";
import { stockLine } from "../../../../tests/support/screens/stock-store.ts";
import type { LocationView } from "../reading.ts";
import { type Place, placesOf } from "./rack-tree.ts";

const at = (id: string, within?: string): LocationView => ({
  id,
  kind: "shelf",
  points: [],
  ...(within !== undefined && { within }),
});
const line = (location: string, item = "bolt") => stockLine(0, { location, item });

const drawn = (places: readonly Place[]): unknown =>
  places.map(({ location, lines, within }) => [location.id, lines.length, drawn(within)]);

test("shelves stand in their racks in the order of the configuration, empty places are left out", () => {
  const locations = [at("b", "rack"), at("room"), at("rack", "room"), at("a", "rack"), at("gate")];
  expect(
    drawn(placesOf(locations, [line("a"), line("b"), line("a", "nut"), line("room")])),
  ).toEqual([
    [
      "room",
      1,
      [
        [
          "rack",
          0,
          [
            ["b", 1, []],
            ["a", 2, []],
          ],
        ],
      ],
    ],
  ]);
});

test("what lies at a location that nobody knows is shown all the same, and a circle ends", () => {
  const locations = [at("x", "y"), at("y", "x"), at("z", "gone")];
  expect(drawn(placesOf(locations, [line("z"), line("lost"), line("x")]))).toEqual([
    ["z", 1, []],
    ["lost", 1, []],
    ["x", 1, []],
  ]);
});
