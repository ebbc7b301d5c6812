import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StockConfig, stockSchema } from "../../../config/schema/item.ts";
import {
  dayMs,
  itemOf,
  judgedAt,
  lineOf,
  lotOf,
  noon,
} from "../../../tests/support/stock-lines.ts";
import type { StockLine } from "../line.ts";
import { stockedKey } from "../stocked.ts";
import type { Fact } from "./fact.ts";
import { type Finding, findingKey } from "./finding.ts";
import { WarningBook } from "./warning-book.ts";

type Active = Map<string, { readonly rule: string; acknowledged: boolean }>;

/** Stands for the alarms: what is active there is what a restart knows. */
class Site {
  readonly #stock: StockConfig;
  readonly active: Active = new Map();
  readonly said: string[] = [];
  readonly lines = new Map<string, StockLine>();
  #book: WarningBook;

  constructor(stock: StockConfig = stockSchema.parse({})) {
    this.#stock = stock;
    this.#book = new WarningBook(stock, []);
  }

  get book(): WarningBook {
    return this.#book;
  }

  move(line: StockLine, at = noon): this {
    this.lines.set(stockedKey(line.stocked.location, line.stocked.item.id), line);
    return this.take(this.#book.step({ lines: [line] }, judgedAt(at)));
  }

  tell(...facts: readonly Fact[]): this {
    return this.take(this.#book.step({ lines: [], facts }, judgedAt(noon)));
  }

  acknowledge(rule: string): this {
    const alarm = this.active.get(rule);
    if (alarm !== undefined) alarm.acknowledged = true;
    this.#book.follow([{ rule, cause: "acknowledged" }]);
    return this;
  }

  tick(): this {
    return this.take(this.#book.step({ lines: [] }, judgedAt(noon)));
  }

  restart(at = noon, stock = this.#stock): this {
    this.#book = new WarningBook(stock, this.active.values());
    return this.recompute(at);
  }

  recompute(at = noon): this {
    return this.take(this.#book.recompute(this.lines.values(), judgedAt(at)));
  }

  take(findings: readonly Finding[]): this {
    for (const finding of findings) {
      const rule = findingKey(finding);
      const isRaised = finding.to === "raised";
      expect(this.active.has(rule), rule).toBe(!isRaised);
      if (isRaised) this.active.set(rule, { rule, acknowledged: false });
      else this.active.delete(rule);
      this.said.push(`${isRaised ? "+" : "-"}${rule.slice("stock:".length)}`);
    }
    return this;
  }
}

const bolt = itemOf("bolt", { min: 10, max: 90 });
const lossOf = (active = true): Fact => {
  return {
    kind: "unexplained-loss",
    location: "shelf-1",
    item: "bolt",
    active,
    figures: { lostKg: 2 },
  };
};
const overload = (active: boolean): Fact => {
  return { kind: "overload", location: "shelf-1", active, figures: { grossKg: 70 } };
};

describe("facts", () => {
  test("that last are in force until their end, however often they are told", () => {
    const site = new Site().tell(overload(true), overload(true)).tell(overload(false));
    site.tell(overload(false));
    expect(site.said).toEqual(["+overload:shelf-1:", "-overload:shelf-1:"]);
  });

  test("of a moment stay until a person has acknowledged them", () => {
    const rule = "stock:unexplained-loss:shelf-1:bolt";
    const site = new Site().tell(lossOf()).tell(lossOf()).tick();
    expect(site.book.waits).toBe(false);
    site.acknowledge(rule);
    expect(site.book.waits).toBe(true);
    site.tick().tick();
    expect(site.said).toEqual(["+unexplained-loss:shelf-1:bolt", "-unexplained-loss:shelf-1:bolt"]);
  });

  test("of a moment that come again with the acknowledgement are told again, in order", () => {
    const site = new Site().tell(lossOf()).acknowledge("stock:unexplained-loss:shelf-1:bolt");
    site.tell(lossOf());
    expect(site.said.map((text) => text[0])).toEqual(["+", "-", "+"]);
  });

  test("that last do not end because somebody has seen them", () => {
    const site = new Site().tell(overload(true)).acknowledge("stock:overload:shelf-1:").tick();
    expect(site.said).toEqual(["+overload:shelf-1:"]);
  });

  test("of a moment that were acknowledged just before the process ended are over behind the start", () => {
    const site = new Site().tell(lossOf()).acknowledge("stock:unexplained-loss:shelf-1:bolt");
    site.restart();
    expect(site.said.at(-1)).toBe("-unexplained-loss:shelf-1:bolt");
  });
});

describe("settings", () => {
  test("a warning that is not enabled is not raised, and the state of the stock is known all the same", () => {
    const stock = stockSchema.parse({ warnings: { "below-minimum": { enabled: false } } });
    const site = new Site(stock).move(lineOf(bolt, 5));
    expect(site.said).toEqual([]);
    expect(site.book.state(lineOf(bolt, 5))).toBe("below-minimum");
    expect(site.book.inForce("shelf-1", "bolt")).toEqual([]);
  });

  test("a warning that was switched off is over at the next start", () => {
    const stock = stockSchema.parse({ warnings: { "below-minimum": { enabled: false } } });
    const site = new Site().move(lineOf(bolt, 5)).restart(noon, stock);
    expect(site.said).toEqual(["+below-minimum:shelf-1:bolt", "-below-minimum:shelf-1:bolt"]);
  });
});

test("an item that is stocked no more takes its warnings with it", () => {
  const lots = [lotOf("A1", "2026-12-01", 5, { at: noon })];
  const site = new Site().move(lineOf(bolt, 5, { lots }));
  site.lines.clear();
  site.recompute();
  expect(site.active.size).toBe(0);
  expect(site.book.inForce("shelf-1", "bolt")).toEqual([]);
});

test("what is in force is named for screens, with what concerns the whole place", () => {
  const lots = [
    lotOf("A1", "2026-12-01", 3, { at: noon }),
    lotOf("A0", "2026-11-01", 2, { at: noon }),
  ];
  const site = new Site().move(lineOf(bolt, 5, { lots })).tell(overload(true), lossOf());
  const inForce = ["below-minimum", "near-expiry", "expired", "overload", "unexplained-loss"];
  expect(site.book.inForce("shelf-1", "bolt")).toEqual(inForce);
  expect(site.book.inForce("shelf-1", "nut")).toEqual(["overload"]);
  expect(site.book.inForce("shelf-2", "bolt")).toEqual([]);
});

test("two tiers of one lot that were both saved leave the later one", () => {
  const site = new Site();
  for (const rule of [
    "stock:near-expiry-90:shelf-1:bolt:A1",
    "stock:near-expiry-30:shelf-1:bolt:A1",
  ]) {
    site.active.set(rule, { rule, acknowledged: false });
  }
  site.lines.set("x", lineOf(bolt, 50, { lots: [lotOf("A1", "2026-12-10", 3, { at: noon })] }));
  site.restart();
  expect([...site.active.keys()]).toEqual(["stock:near-expiry-30:shelf-1:bolt:A1"]);
});

describe("a restart", () => {
  const nut = itemOf("nut", { min: 5, leadTime: "3d", location: ["shelf-2"] });
  interface Step {
    readonly what: "move" | "other" | "days" | "fact";
    readonly quantity: number;
  }
  const stepOf = (what: Step["what"], max: number): fc.Arbitrary<Step> =>
    fc.record({ what: fc.constant(what), quantity: fc.integer({ min: 0, max }) });
  const step = fc.oneof(
    ...[stepOf("move", 100), stepOf("other", 40), stepOf("days", 60), stepOf("fact", 3)],
  );

  function run(steps: readonly Step[], restarts: ReadonlySet<number>) {
    const site = new Site();
    let at = noon;
    let last = 50;
    const boltLine = () =>
      lineOf(bolt, last, { lots: [lotOf("A1", "2027-05-01", last, { at })], takenAt: at });
    steps.forEach(({ what, quantity }, index) => {
      if (restarts.has(index)) site.restart(at);
      if (what === "move") {
        last = quantity;
        site.move(boltLine(), at);
      } else if (what === "other") {
        const stockOutAt = at + (quantity / 4) * dayMs;
        site.move(lineOf(nut, quantity, { perDay: 4, takenAt: at, stockOutAt }), at);
      } else if (what === "days") {
        at += quantity * dayMs;
        site.lines.set("shelf-1/bolt", boltLine());
        site.recompute(at);
      } else if (quantity < 2) site.tell(overload(quantity === 0));
      else if (quantity === 2) site.tell(lossOf());
      else site.acknowledge("stock:unexplained-loss:shelf-1:bolt").tick();
    });
    site.restart(at);
    return site;
  }

  test("at any step raises nothing twice and misses nothing", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: 40 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), cuts, (steps, where) => {
        const cut = run(steps, new Set(where));
        const whole = run(steps, new Set());
        expect([...cut.active.keys()].sort()).toEqual([...whole.active.keys()].sort());
        expect([...cut.said].sort()).toEqual([...whole.said].sort());
      }),
      { numRuns: 50 },
    );
  });
});
