import { expect, test } from "vitest";
import { placeText } from "./place.ts";
import type { LocationView } from "./reading.ts";

const places: readonly LocationView[] = [
  { id: "house", kind: "room", name: "House", points: [] },
  { id: "cold", kind: "room", within: "house", points: [] },
  { id: "a1", kind: "shelf", name: "Shelf A1", within: "cold", points: [] },
];

test("a place is said with the places around it, by name where it has one", () => {
  expect(placeText(places, "a1")).toBe("Shelf A1, cold, House");
  expect(placeText(places, "gone")).toBe("gone");
  expect(placeText(places, undefined)).toBeUndefined();
});

test("places that lie in each other end", () => {
  const ring: readonly LocationView[] = [
    { id: "a", kind: "room", within: "b", points: [] },
    { id: "b", kind: "room", within: "a", points: [] },
  ];
  expect(placeText(ring, "a")?.split(", ")).toHaveLength(10);
});
