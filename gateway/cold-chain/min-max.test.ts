import { expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { MinMaxBook, minMaxSavedEveryMs } from "./min-max.ts";

const point: PointKey = "cold-2/temperature";

function good(value: number, sampledAt: number): Sample {
  return { point, sampledAt, quality: "good", value };
}

function at(ms: number) {
  return { at: ms, mono: ms };
}

test("the lowest and highest good values stand with their times, others have none", () => {
  const book = new MinMaxBook(new Set([point]), new Map());
  book.step([good(5, 0), good(3, 1), good(7, 2), good(6, 3)], at(3));
  book.step([{ point, sampledAt: 4, quality: "bad", reason: "overload" }], at(4));
  book.step([{ point, sampledAt: 5, quality: "uncertain", value: 99 }], at(5));
  book.step([{ ...good(99, 6), point: "other/point" }], at(6));

  expect(book.get(point)).toEqual({
    min: { value: 3, at: 1 },
    max: { value: 7, at: 2 },
    since: 0,
  });
  expect(book.get("other/point")).toBeUndefined();
});

test("a drift is saved once a minute, nothing when nothing changed, and survives a restart", () => {
  const book = new MinMaxBook(new Set([point]), new Map());
  let saves = 0;
  let last: ReadonlyMap<string, unknown> = new Map();
  for (let second = 0; second <= 600; second += 1) {
    const { state } = book.step([good(second, second * 1_000)], at(second * 1_000));
    if (state.size > 0) {
      saves += 1;
      last = state;
    }
  }
  expect(saves).toBe(600_000 / minMaxSavedEveryMs);
  expect(book.step([good(5, 700_000)], at(700_000)).state.size).toBe(0);

  const again = new MinMaxBook(new Set([point]), new Map(JSON.parse(JSON.stringify([...last]))));
  expect(again.get(point)).toEqual(book.get(point));
});

test("a reset names who looked, keeps what was on record, and begins with the next value", () => {
  const book = new MinMaxBook(new Set([point]), new Map());
  book.step([good(2, 10), good(9, 20)], at(20));

  const follow = book.reset(point, "li", at(30));
  expect(follow.events).toEqual([
    {
      kind: "audit",
      body: {
        do: "min-max-reset",
        point,
        by: "li",
        min: { value: 2, at: 10 },
        max: { value: 9, at: 20 },
        since: 10,
      },
    },
  ]);
  expect([...follow.state]).toEqual([[`min-max/${point}`, undefined]]);

  book.step([good(5, 40)], at(40));
  expect(book.get(point)).toEqual({
    min: { value: 5, at: 40 },
    max: { value: 5, at: 40 },
    since: 30,
    resetBy: "li",
  });
});
