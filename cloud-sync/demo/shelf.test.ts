import { expect, test } from "vitest";
import { pieceGrams, shelfAt } from "./shelf.ts";

const seconds = Array.from({ length: 600 }, (_, second) => second);

test("the shelf runs low within a minute, and is filled up again", () => {
  const low = seconds.find((second) => shelfAt(second).pieces * pieceGrams < 1_000);
  expect(low).toBeLessThan(60);
  const full = seconds.find((second) => second > (low ?? 0) && shelfAt(second).pieces >= 40);
  expect(full).toBeLessThan(180);
});

test("one piece after the other is taken, each while the load moves, and it is never empty", () => {
  for (const second of seconds) {
    const { pieces, moving } = shelfAt(second);
    const next = shelfAt(second + 1).pieces;
    expect(pieces).toBeGreaterThan(0);
    if (next < pieces) expect({ taken: pieces - next, moving }).toEqual({ taken: 1, moving: true });
  }
});
