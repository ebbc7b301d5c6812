import { expect, test } from "vitest";
import { stockSchema } from "../../../config/schema/item.ts";
import { itemOf, judgedAt, lineOf, lotOf, noon } from "../../../tests/support/stock-lines.ts";
import { createAlarmSystem } from "../../alarms/alarm-system.ts";
import { RuleBook } from "../../rules/rule-book.ts";
import type { StockLine } from "../line.ts";
import type { Fact } from "./fact.ts";
import { WarningBook } from "./warning-book.ts";
import { changeOf, ruleOf, ruleOfId, type WarningWorld } from "./warning-rule.ts";

const item = itemOf("insulin", { min: 20, leadTime: "5d" });
const world: WarningWorld = {
  stock: stockSchema.parse({}),
  language: "en",
  item: (id) => (id === "insulin" ? item : undefined),
  location: () => ({ annunciate: [], notify: [] }),
};

/** Warnings and alarms as the gateway joins them, with a disk that outlives a start. */
class Gateway {
  readonly #disk: Map<string, unknown>;
  readonly #rules: RuleBook;
  readonly alarms;
  readonly book: WarningBook;

  constructor(disk = new Map<string, unknown>()) {
    this.#disk = disk;
    const ids = [...disk.keys()].map((key) => key.slice("alarm/".length));
    this.#rules = new RuleBook(ids.flatMap((id) => ruleOfId(id, world) ?? []));
    this.alarms = createAlarmSystem({
      rules: this.#rules,
      saved: new Map(disk),
      instant: { at: noon, mono: 0 },
      boot: "b",
      clockSynchronized: () => true,
    });
    const active = this.alarms.list().filter((alarm) => alarm.active);
    this.book = new WarningBook(world.stock, active);
  }

  restarted(): Gateway {
    return new Gateway(this.#disk);
  }

  step(lines: readonly StockLine[], facts: readonly Fact[] = []) {
    const found = this.book.step({ lines, facts }, judgedAt(noon)).map((finding) => {
      const { to: _, figures, ...about } = finding;
      const rule = ruleOf(about, world, figures);
      this.#rules.put(rule);
      return changeOf(finding, rule);
    });
    return this.#kept(this.alarms.step([], { at: noon, mono: 1 }, found));
  }

  acknowledge(rule: string) {
    const action = { do: "acknowledge", by: "Li Na" } as const;
    return this.#kept(this.alarms.act(rule, action, { at: noon, mono: 2 }));
  }

  /** Live ones, with what is explained in brackets. */
  get live(): readonly string[] {
    return this.alarms
      .list()
      .filter(({ state }) => state !== "normal")
      .map(({ rule, inhibited }) => {
        const kind = rule.split(":")[1] ?? "";
        return inhibited === true ? `(${kind})` : kind;
      });
  }

  #kept(step: ReturnType<Gateway["alarms"]["step"]>) {
    for (const [key, json] of step.stateChanges) {
      if (json === undefined) this.#disk.delete(key);
      else this.#disk.set(key, JSON.parse(JSON.stringify(json)));
    }
    this.book.follow(step.transitions);
    return step;
  }
}

test("an empty shelf calls once: what follows from it is listed and told to nobody", () => {
  const gateway = new Gateway();
  const reorderPoint = { value: 40, by: "person" } as const;
  const line = lineOf(item, 0, { perDay: 4, reorderPoint, stockOutAt: noon });
  gateway.step([line]);
  expect([...gateway.live].sort()).toEqual([
    ...["(below-minimum)", "(below-reorder)", "(short-cover)", "(stock-out-ahead)", "out"],
  ]);
});

test("an alarm keeps the words and numbers of its trigger, over its return and over a restart", () => {
  const gateway = new Gateway();
  gateway.step([lineOf(item, 19)]);
  gateway.step([lineOf(item, 21)]);
  const message = "insulin below minimum: 19 pcs, minimum 20 pcs";
  const kept = { message, state: "returned-unacknowledged", figures: { available: 19, min: 20 } };
  expect(gateway.alarms.list()).toMatchObject([kept]);
  expect(gateway.restarted().alarms.list()).toMatchObject([kept]);
});

test("a tier that the next one supersedes needs nobody to acknowledge it", () => {
  const gateway = new Gateway();
  const at = (days: number) => {
    const expires = new Date(noon + days * 86_400_000).toISOString().slice(0, 10);
    return lineOf(item, 50, { lots: [lotOf("A1", expires, 5, { at: noon })] });
  };
  gateway.step([at(25)]);
  expect(gateway.live).toEqual(["near-expiry-30"]);
  gateway.step([at(5)]);
  expect(gateway.live).toEqual(["near-expiry-7"]);
});

test("a pick from a locked lot calls until a person has seen it, and the next pick calls again", () => {
  const pick: Fact = {
    ...{ kind: "locked-pick", location: "shelf-1", item: "insulin", lot: "A1", active: true },
    figures: { taken: 2, unit: "pcs", why: "held", cause: "exc-7" },
  };
  const gateway = new Gateway();
  const rule = "stock:locked-pick:shelf-1:insulin:A1";
  gateway.step([], [pick]);
  expect(gateway.alarms.list()).toMatchObject([
    { message: "insulin lot A1 taken though locked: 2 pcs, on hold (exc-7)", priority: "critical" },
  ]);
  gateway.step([], [pick]);
  expect(gateway.live).toEqual(["locked-pick"]);
  const after = gateway.restarted();
  expect(after.live).toEqual(["locked-pick"]);
  after.acknowledge(rule);
  after.step([]);
  expect(after.live).toEqual([]);
  after.step([], [pick]);
  expect(after.alarms.list()[0]).toMatchObject({ id: `${rule}#2`, state: "unacknowledged" });
});

test("one that was acknowledged just before a restart is over with the first step behind it", () => {
  const gateway = new Gateway();
  const figures = { missing: 3 };
  const loss: Fact = { kind: "unexplained-loss", location: "shelf-1", active: true, figures };
  gateway.step([], [loss]);
  gateway.acknowledge("stock:unexplained-loss:shelf-1:");
  const after = gateway.restarted();
  after.step([]);
  expect(after.live).toEqual([]);
});
