import { expect, test } from "vitest";
import type { Point } from "./point-book.ts";
import { bootKey, pointNotesBytesMax, renamedEvents, startEvents } from "./start-events.ts";
import { eventBytesMax, storableEvent } from "./store/storable.ts";

const boot = { boot: "b1", config: "file", store: "opened" };

function point(index: number, more: Partial<Point> = {}): Point {
  return {
    key: `device-${index}/temperature`,
    kind: "number",
    access: "read",
    settings: {},
    staleAfterMs: 10_000,
    ...more,
  };
}

test("a boot says what the gateway and its points are called, and nothing that is not configured", () => {
  const points = [
    point(1, { unit: "Cel", name: "二号冷库", location: "cold-2", everyMs: 1_000 }),
    point(2, { kind: "boolean" }),
  ];
  expect(startEvents(boot, "Cold 2", points)).toEqual([
    {
      kind: "boot",
      body: {
        ...boot,
        number: 1,
        name: "Cold 2",
        points: [
          {
            key: "device-1/temperature",
            kind: "number",
            unit: "Cel",
            name: "二号冷库",
            location: "cold-2",
          },
          { key: "device-2/temperature", kind: "boolean" },
        ],
      },
      state: new Map([[bootKey, { boot: "b1", number: 1 }]]),
    },
  ]);
  expect(startEvents(boot, undefined, [])).toMatchObject([{ body: { ...boot, points: [] } }]);
});

test("boots are counted, so that they have an order although their clocks lie; a start in the same boot is none", () => {
  let known: ReadonlyMap<string, unknown> = new Map([[bootKey, "damaged"]]);
  const numberOf = (id: string) => {
    const [event] = startEvents({ ...boot, boot: id }, undefined, [], known);
    known = event?.state ?? known;
    return event?.body["number"];
  };
  expect(["b1", "b1", "b2", "b3", "b3"].map(numberOf)).toEqual([1, 1, 2, 3, 3]);
});

test("a change while it runs says the name when it is another, also when there is none any more", () => {
  const few = [point(1)];
  const told = (name: string | undefined, before: string | undefined, now = few) =>
    renamedEvents(name, now, { name: before, points: few }).map(({ kind, body }) => [
      kind,
      "name" in body ? body["name"] : "unsaid",
    ]);
  expect(told("Dock", "Dock")).toEqual([]);
  expect(told("Quay", "Dock")).toEqual([["config", "Quay"]]);
  expect(told(undefined, "Dock")).toEqual([["config", ""]]);
  expect(told("Dock", "Dock", [point(2)])).toEqual([["config", "unsaid"]]);
});

test("more points than fit one event follow in others: all of them once, none cut by the store", () => {
  const points = Array.from({ length: 2_000 }, (_, index) =>
    point(index, { unit: "Cel", name: "冷".repeat(120) }),
  );
  const events = startEvents(boot, "x".repeat(120), points);
  expect(events.length).toBeGreaterThan(10);
  expect(events.map(({ kind }) => kind)).toEqual([
    "boot",
    ...Array(events.length - 1).fill("config"),
  ]);
  const keys: unknown[] = [];
  for (const { kind, body } of events) {
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(eventBytesMax);
    const notes = storableEvent({ kind, at: 0, mono: 0, body }).body["points"];
    expect(Buffer.byteLength(JSON.stringify(notes))).toBeLessThanOrEqual(pointNotesBytesMax + 2);
    if (Array.isArray(notes)) keys.push(...notes.map(({ key }) => key));
  }
  expect(keys).toEqual(points.map(({ key }) => key));
});
