import { expect, test } from "vitest";
import type { Point } from "./point-book.ts";
import { pointNotesBytesMax, startEvents } from "./start-events.ts";
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
    },
  ]);
  expect(startEvents(boot, undefined, [])).toEqual([
    { kind: "boot", body: { ...boot, points: [] } },
  ]);
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
