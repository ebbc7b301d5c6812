import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayMs, itemOf, judgedAt, lineOf, noon } from "../../../tests/support/stock-lines.ts";
import type { StockLine } from "../line.ts";
import { judge } from "./judge.ts";
import { levelKinds, nothingStands, type Standing } from "./standing.ts";

const now = judgedAt(noon);
const isEnabled = () => true;

/** What each line in turn says, as `+out` and `-out`; kinds that are not asked for are left out. */
function told(lines: readonly StockLine[], only: readonly string[] = levelKinds, when = now) {
  let standing: Standing = nothingStands;
  return lines.map((line) => {
    const { findings, after } = judge(line, standing, { now: when, isEnabled });
    standing = after;
    return findings
      .filter(({ kind }) => only.includes(kind))
      .map(({ kind, to }) => `${to === "raised" ? "+" : "-"}${kind}`)
      .join(" ");
  });
}

describe("out of stock", () => {
  const item = itemOf("insulin", { unitWeight: "84.2 g" });

  test("the last piece raises it, the first piece that is sure ends it", () => {
    const lines = [2, 1, 0, 0].map((quantity) => lineOf(item, quantity));
    const unsure = lineOf(item, 1, { interval: [0, 2] });
    const sure = lineOf(item, 2, { interval: [1, 3] });
    expect(told([...lines, unsure, sure])).toEqual(["", "", "+out", "", "", "-out"]);
  });

  test("stock that is locked is no stock, and the figures say so", () => {
    const line = lineOf(item, 30, { available: 0 });
    const { findings } = judge(line, nothingStands, { now, isEnabled });
    expect(findings).toMatchObject([
      { kind: "out", figures: { quantity: 30, available: 0, lockedQuantity: 30 } },
    ]);
  });

  test("the rounding of sums of weights is not a stock", () => {
    const flour = itemOf("flour", { unit: "kg" });
    expect(told([lineOf(flour, 0.1 + 0.2 - 0.3)])).toEqual(["+out"]);
  });

  test("of what nobody has ever counted nothing is said", () => {
    const { movedAt: _m, takenAt: _t, ...never } = lineOf(itemOf("new", { min: 5 }), 0);
    expect(told([never])).toEqual([""]);
  });
});

describe("below the minimum", () => {
  const item = itemOf("insulin", { min: 20 });
  const only = ["below-minimum"];

  test("is raised under the limit and over at the limit and one piece", () => {
    const quantities = [21, 20, 19, 20, 19, 20, 21, 20, 19];
    expect(
      told(
        quantities.map((quantity) => lineOf(item, quantity)),
        only,
      ),
    ).toEqual([...["", "", "+below-minimum", "", "", "", "-below-minimum", "", "+below-minimum"]]);
  });

  test("counts what is there at least, as far as the scale can tell", () => {
    const line = lineOf(item, 21, { interval: [19, 23] });
    expect(told([line], only)).toEqual(["+below-minimum"]);
  });

  test("of what is weighed in kg is over 5 % above", () => {
    const flour = itemOf("flour", { unit: "kg", min: 10 });
    const lines = [9.9, 10.4, 10.5].map((quantity) => lineOf(flour, quantity));
    expect(told(lines, only)).toEqual(["+below-minimum", "", "-below-minimum"]);
  });

  test("with a maximum inside its band is over at the maximum", () => {
    const tight = itemOf("bolt", { min: 100, max: 102 });
    const lines = [99, 101, 102].map((quantity) => lineOf(tight, quantity));
    expect(told(lines)).toEqual(["+below-minimum", "", "-below-minimum"]);
  });
});

describe("the reorder point", () => {
  const item = itemOf("bolt", { leadTime: "5d" });
  const reorderPoint = { value: 100, by: "person" } as const;
  const only = ["below-reorder"];

  test("warns once at the point, and again only after more than the band above it", () => {
    // 5 % of 100 is 5.
    const positions = [101, 100, 60, 104, 105, 99, 105.5, 101, 100];
    const lines = positions.map((quantity) => lineOf(item, quantity, { reorderPoint }));
    expect(told(lines, only)).toEqual([
      ...["", "+below-reorder", "", "", "", "", "-below-reorder", "", "+below-reorder"],
    ]);
  });

  test("looks at the position: what is ordered counts, what is reserved does not", () => {
    const lines = [
      lineOf(item, 90, { reorderPoint, onOrder: 50 }),
      lineOf(item, 90, { reorderPoint, onOrder: 50, reserved: 45 }),
    ];
    expect(told(lines, only)).toEqual(["", "+below-reorder"]);
  });

  test("that the forecast has set is silent once nobody takes the item any more", () => {
    const forecast = { value: 10, by: "forecast" } as const;
    const low = lineOf(item, 5, { reorderPoint: forecast, perDay: 2 });
    const dead = { ...low, takenAt: noon - 200 * dayMs };
    expect(told([low, dead], [...only, "short-cover"])).toEqual([
      ...["+below-reorder +short-cover", "-below-reorder -short-cover"],
    ]);
  });

  test("that a person has set holds for a dead item too", () => {
    const dead = lineOf(item, 5, { reorderPoint, takenAt: noon - 200 * dayMs });
    expect(told([dead], only)).toEqual(["+below-reorder"]);
  });

  test("of zero from the forecast proposes nothing, of zero from a person it does", () => {
    const by = (who: "person" | "forecast") =>
      told([lineOf(item, 0, { reorderPoint: { value: 0, by: who } })], only);
    expect([by("forecast"), by("person")]).toEqual([[""], ["+below-reorder"]]);
  });
});

describe("above the maximum", () => {
  const item = itemOf("bolt", { max: 100, min: 10 });

  test("is over when it is the band below", () => {
    const lines = [100, 101, 98, 96, 95, 101].map((quantity) => lineOf(item, quantity));
    expect(told(lines)).toEqual(["", "+above-maximum", "", "", "-above-maximum", "+above-maximum"]);
  });

  test("counts what is locked and what is ordered", () => {
    const lines = [lineOf(item, 80, { available: 40, onOrder: 30 })];
    expect(told(lines)).toEqual(["+above-maximum"]);
  });
});

describe("cover", () => {
  const item = itemOf("insulin", { leadTime: "5d", review: "1d" });
  const only = ["short-cover"];

  test("is short below lead time and review, and well again a day above", () => {
    // 10 a day; 5 d + 1 d: 60 pieces, over at 70.
    const lines = [61, 60, 59, 65, 69, 70].map((quantity) =>
      lineOf(item, quantity, { perDay: 10 }),
    );
    expect(told(lines, only)).toEqual(["", "", "+short-cover", "", "", "-short-cover"]);
  });

  test("is that of the position: who has ordered is not told to order", () => {
    const lines = [lineOf(item, 20, { perDay: 10, onOrder: 100 })];
    expect(told(lines, only)).toEqual([""]);
  });

  test("that is not known keeps what is in force", () => {
    const short = lineOf(item, 20, { perDay: 10 });
    const { outlook: _o, coverDays: _c, ...unknown } = short;
    expect(told([unknown, short, unknown], only)).toEqual(["", "+short-cover", ""]);
  });
});

describe("a stock-out ahead", () => {
  const item = itemOf("insulin", { leadTime: "5d", review: "1d" });
  const only = ["stock-out-ahead"];
  const inDays = (days: number, more: object = {}) =>
    lineOf(item, 10 * days, { perDay: 10, stockOutAt: noon + days * dayMs, ...more });

  test("is warned of within twice lead time and review, and over a day above that", () => {
    const lines = [12.1, 11.9, 12.5, 13.1].map((days) => inDays(days));
    expect(told(lines, only)).toEqual(["", "+stock-out-ahead", "", "-stock-out-ahead"]);
  });

  test("is warned of within the whole horizon where no lead time is known", () => {
    const loose = itemOf("loose");
    const at = (days: number) => lineOf(loose, 99, { stockOutAt: noon + days * dayMs, perDay: 1 });
    expect(told([at(31), at(29)], only)).toEqual(["", "+stock-out-ahead"]);
  });

  test("needs a probability, and wavers without being told again", () => {
    const at = (stockOutProbability: number) => inDays(8, { stockOutProbability });
    expect(told([0.49, 0.5, 0.4, 0.36, 0.34, 0.49].map(at), only)).toEqual([
      ...["", "+stock-out-ahead", "", "", "-stock-out-ahead", ""],
    ]);
  });

  test("is averted by an order that comes in time, and not by one that comes too late", () => {
    const ordered = { onOrder: 200 };
    const late = { onOrder: 200, deliveryAt: noon + 9 * dayMs };
    const inTime = { onOrder: 200, deliveryAt: noon + 4 * dayMs };
    expect(told([inDays(8, ordered)], only)).toEqual([""]);
    expect(told([inDays(8, inTime)], only)).toEqual([""]);
    expect(told([inDays(8, late)], only)).toEqual(["+stock-out-ahead"]);
  });

  test("is a date: while the clock is not believed nothing begins and nothing ends", () => {
    const undated = judgedAt(noon, false);
    expect(told([inDays(8)], only, undated)).toEqual([""]);
    const { after } = judge(inDays(8), nothingStands, { now, isEnabled });
    expect(judge(inDays(40), after, { now: undated, isEnabled }).findings).toEqual([]);
  });
});

describe("a steady draw-down", () => {
  const draws = fc.record({
    perDay: fc.integer({ min: 1, max: 40 }),
    leadDays: fc.integer({ min: 1, max: 20 }),
    reviewDays: fc.integer({ min: 1, max: 7 }),
    start: fc.integer({ min: 50, max: 99 }),
  });

  test("warns before lead time and review is reached, and not twice as early", () => {
    fc.assert(
      fc.property(draws, ({ perDay, leadDays, reviewDays, start }) => {
        const needed = leadDays + reviewDays;
        const item = itemOf("x", { leadTime: `${leadDays}d`, review: `${reviewDays}d` });
        const lines: StockLine[] = [];
        for (let left = perDay * start; left >= 0; left -= perDay) {
          const stockOutAt = noon + (left / perDay) * dayMs;
          lines.push(lineOf(item, left, { perDay, stockOutAt }));
        }
        const said = told(lines);
        const first = said.findIndex((text) => text !== "");
        const firstDays = start - first;
        expect(firstDays).toBeGreaterThanOrEqual(needed);
        expect(firstDays).toBeLessThan(2 * needed);
        const again = said.join(" ").match(/\+[a-z-]+/g) ?? [];
        expect(new Set(again).size).toBe(again.length);
      }),
    );
  });
});

describe("dead stock", () => {
  const item = itemOf("old", { deadAfter: "30d" });
  const idle = (days: number, onHand = 5) =>
    lineOf(item, onHand, { takenAt: noon - days * dayMs, movedAt: noon - 99 * dayMs });

  test("is what nobody took for so long, until somebody does or nothing is left", () => {
    expect(told([idle(29), idle(30), idle(29.5), idle(0)])).toEqual([
      ...["", "+dead-stock", "", "-dead-stock"],
    ]);
    expect(told([idle(40), idle(40, 0)])).toEqual(["+dead-stock", "+out -dead-stock"]);
  });

  test("that was never taken counts from its last movement", () => {
    const { takenAt: _, ...never } = idle(0);
    expect(told([never])).toEqual(["+dead-stock"]);
  });

  test("is a matter of dates", () => {
    expect(told([idle(99)], levelKinds, judgedAt(noon, false))).toEqual([""]);
  });
});

describe("bands", () => {
  const cases = fc.record({
    limit: fc.integer({ min: 2, max: 5_000 }),
    steps: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 60 }),
    unit: fc.constantFrom("pcs" as const, "kg" as const),
  });

  test("what dithers at a limit by less than the band is told once", () => {
    fc.assert(
      fc.property(cases, ({ limit, steps, unit }) => {
        const band = Math.max(unit === "pcs" ? 1 : 0, limit * 0.05);
        const item = itemOf("x", { min: limit, unit });
        const reorderPoint = { value: limit, by: "person" } as const;
        const up = steps.map((part) =>
          lineOf(item, limit - 0.01 + part * band * 0.99, { reorderPoint }),
        );
        const low = lineOf(item, limit - 0.01, { reorderPoint });
        expect(
          told([low, ...up], ["below-minimum"])
            .slice(1)
            .join(""),
        ).toBe("");
        expect(
          told([low, ...up], ["below-reorder"])
            .slice(1)
            .join(""),
        ).toBe("");
      }),
    );
  });

  test("each raise is followed by its return before it is raised again", () => {
    const walk = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 80 });
    const item = itemOf("x", { min: 10, max: 50, leadTime: "2d" });
    fc.assert(
      fc.property(walk, (quantities) => {
        const said = told(
          quantities.map((quantity) =>
            lineOf(item, quantity, {
              perDay: 4,
              reorderPoint: { value: 15, by: "forecast" },
              stockOutAt: noon + (quantity / 4) * dayMs,
            }),
          ),
        );
        const open = new Set<string>();
        for (const word of said.join(" ").split(" ").filter(Boolean)) {
          const kind = word.slice(1);
          expect(open.has(kind)).toBe(word.startsWith("-"));
          if (word.startsWith("+")) open.add(kind);
          else open.delete(kind);
        }
        expect(open.has("out")).toBe(quantities.at(-1) === 0);
      }),
    );
  });
});

test("a warning carries what was known when it was raised", () => {
  const item = itemOf("insulin", { min: 20, max: 120, leadTime: "5d", unitWeight: "84.2 g" });
  const line = lineOf(item, 18, {
    perDay: 4,
    interval: [17, 19],
    onOrder: 10,
    reserved: 3,
    reorderPoint: { value: 26, by: "forecast" },
    stockOutAt: noon + 3.75 * dayMs,
    stockOutProbability: 0.83,
  });
  const evidence = {
    by: "weight",
    weightBefore: 1.684,
    weightAfter: 1.5156,
    residual: 0.0001,
  } as const;
  const { findings } = judge(line, nothingStands, { now, isEnabled, evidence });
  const found = findings.find(({ kind }) => kind === "below-minimum");
  expect(found).toMatchObject({ location: "shelf-1", item: "insulin", to: "raised" });
  expect(found?.figures).toEqual({
    ...{ quantity: 18, quantityLow: 17, quantityHigh: 19, available: 18, unit: "pcs" },
    ...{ onOrder: 10, reserved: 3, position: 25, wholePosition: 25 },
    ...{ min: 20, max: 120, reorderPoint: 26, reorderPointBy: "forecast" },
    ...{ perDay: 4, demandClass: "smooth", forecastMethod: "mean", coverDays: 6.25 },
    ...{ leadTimeDays: 5, reviewDays: 1, neededDays: 6, aheadDays: 12, horizonDays: 30 },
    ...{ serviceLevel: 0.95, stockOutProbability: 0.83, stockOutDate: "2026-11-27" },
    ...{ idleDays: 0, deadAfterDays: 180 },
    ...{ evidenceBy: "weight", weightBeforeKg: 1.684, weightAfterKg: 1.5156, residualKg: 0.0001 },
  });
});
