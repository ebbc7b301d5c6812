import { describe, expect, test } from "vitest";
import { languageSchema } from "../../../config/language/language.ts";
import { warningsText } from "../../../config/language/warnings.ts";
import { stockSchema, warningKinds } from "../../../config/schema/item.ts";
import {
  dayMs,
  itemOf,
  judgedAt,
  lineOf,
  lotOf,
  noon,
} from "../../../tests/support/stock-lines.ts";
import { shortUnitsMax } from "../../push/short-line.ts";
import { type Finding, findingKey } from "./finding.ts";
import { judge } from "./judge.ts";
import { nothingStands } from "./standing.ts";
import { changeOf, ruleOf, ruleOfId, type WarningWorld } from "./warning-rule.ts";

const insulin = itemOf("insulin", { name: "胰岛素注射液", min: 20, leadTime: "5d" });
type Given = Partial<Omit<WarningWorld, "stock">> & { readonly stock?: object };
function worldOf({ stock = {}, ...given }: Given = {}): WarningWorld {
  const place = { annunciate: ["lamp"], notify: ["quality"] };
  return {
    stock: stockSchema.parse(stock),
    language: "en",
    item: (id) => (id === "insulin" ? insulin : undefined),
    location: (id) => (id === "shelf-1" ? place : undefined),
    ...given,
  };
}
const at = { location: "shelf-1", item: "insulin" } as const;
const aboutOf = (kind: (typeof warningKinds)[number]) => ({
  kind,
  ...at,
  ...(kind === "near-expiry" ? { tierDays: 7 } : {}),
});

/** A warning of each kind that a line decides, as it was found. */
function found(): ReadonlyMap<string, Finding> {
  const lots = [
    lotOf("A2301", "2026-11-30", 12, { at: noon }),
    lotOf("A2302", "2026-11-20", 3, { at: noon }),
  ];
  const line = lineOf(insulin, 15, {
    available: 12,
    perDay: 4,
    reorderPoint: { value: 26, by: "forecast" },
    stockOutAt: noon + 3 * dayMs,
    stockOutProbability: 0.834,
    lots,
  });
  const judging = { now: judgedAt(noon), isEnabled: () => true };
  const { findings } = judge(line, nothingStands, judging);
  return new Map(findings.map((finding) => [finding.kind, finding]));
}

describe("the message", () => {
  test.each([
    ["below-minimum", "胰岛素注射液 below minimum: 12 pcs, minimum 20 pcs"],
    ["below-reorder", "胰岛素注射液 to be ordered: 12 pcs with orders, reorder point 26 pcs"],
    ["short-cover", "胰岛素注射液 runs short: lasts 3 d, a delivery takes 6 d"],
    ["stock-out-ahead", "胰岛素注射液 will run out: on 2026-11-26, probability 83 %"],
    ["near-expiry", "胰岛素注射液 lot A2301 expires soon: in 7 d (2026-11-30), 12 pcs"],
    ["expired", "胰岛素注射液 lot A2302 has expired: 3 pcs, last day was 2026-11-20"],
  ])("of %s says the numbers", (kind, message) => {
    const finding = found().get(kind);
    if (finding === undefined) throw new Error(`${kind} was not found`);
    expect(ruleOf(finding, worldOf(), finding.figures).message).toBe(message);
  });

  test.each([
    ["below-minimum", "胰岛素注射液低于下限：12 件，下限 20 件"],
    ["stock-out-ahead", "胰岛素注射液即将缺货：预计 2026-11-26，概率 83 %"],
    ["near-expiry", "胰岛素注射液 批次 A2301 临近有效期：剩 7 天（2026-11-30），12 件"],
  ])("of %s in Chinese says the numbers", (kind, message) => {
    const finding = found().get(kind);
    if (finding === undefined) throw new Error(`${kind} was not found`);
    const rule = ruleOf(finding, worldOf({ language: "zh" }), finding.figures);
    expect(rule.message).toBe(message);
  });

  test("says what is wrong where the numbers are not known any more", () => {
    expect(ruleOf(aboutOf("below-minimum"), worldOf()).message).toBe("胰岛素注射液 below minimum");
  });

  test.each(languageSchema.options)(
    "of each kind fits one SMS line with a long name, %s",
    (language) => {
      const long = { ...insulin, name: "A very long name of an article that nobody has ever read" };
      const world = worldOf({ language, item: () => long });
      for (const kind of warningKinds) {
        const text = warningsText[language].kinds[kind];
        const { message, advise } = ruleOf(aboutOf(kind), world);
        expect(message.length, message).toBeLessThanOrEqual(shortUnitsMax);
        expect([text.title, advise].every((said) => said !== undefined && said.length > 1)).toBe(
          true,
        );
      }
    },
  );
});

describe("the rule", () => {
  test("is urgent by its kind, expiry by its tier, and as the configuration says", () => {
    const stock = { warnings: { "below-reorder": { priority: "critical" } } };
    const priority = (about: Parameters<typeof ruleOf>[0]) =>
      ruleOf(about, worldOf({ stock })).priority;
    const tier = (tierDays: number) => priority({ kind: "near-expiry", tierDays, ...at, lot: "A" });
    expect(priority(aboutOf("overload"))).toBe("critical");
    expect(priority(aboutOf("out"))).toBe("high");
    expect(priority(aboutOf("below-reorder"))).toBe("critical");
    expect([tier(90), tier(30), tier(7), priority(aboutOf("expired"))]).toEqual([
      ...["low", "low", "medium", "high"],
    ]);
  });

  test("tells those of the warning, else of the stock, else of the place", () => {
    const told = (stock: object) => ruleOf(aboutOf("out"), worldOf({ stock })).notify;
    const own = { out: { notify: ["boss"] } };
    expect(told({ notify: ["buyer"], warnings: own })).toEqual(["boss"]);
    expect(told({ notify: ["buyer"] })).toEqual(["buyer"]);
    expect(told({})).toEqual(["quality"]);
    expect(told({ notify: ["buyer"], warnings: { out: { notify: [] } } })).toEqual([]);
  });

  test("of a saved alarm is made anew, unless its item or place is gone or nobody is to be warned", () => {
    const id = findingKey({ kind: "near-expiry", tierDays: 30, ...at, lot: "A/1" });
    expect(ruleOfId(id, worldOf())).toMatchObject({ id, location: "shelf-1", priority: "low" });
    expect(ruleOfId(id, worldOf({ item: () => undefined }))).toBeUndefined();
    expect(ruleOfId(id, worldOf({ location: () => undefined }))).toBeUndefined();
    const stock = { warnings: { "near-expiry": { enabled: false } } };
    expect(ruleOfId(id, worldOf({ stock }))).toBeUndefined();
    expect(ruleOfId("cold-2-warm", worldOf())).toBeUndefined();
  });

  test("keeps the figures of the trigger: a return brings none", () => {
    const finding = { kind: "out", ...at, to: "raised", figures: { quantity: 0 } } as const;
    const rule = ruleOf(finding, worldOf());
    expect(changeOf(finding, rule)).toEqual({ rule, to: "violated", figures: { quantity: 0 } });
    expect(changeOf({ ...finding, to: "returned" }, rule)).toEqual({ rule, to: "returned" });
  });
});

describe("one cause", () => {
  const explained = (kind: (typeof warningKinds)[number]) =>
    ruleOf(aboutOf(kind), worldOf()).inhibitedBy;
  const id = (kind: (typeof warningKinds)[number]) => `stock:${kind}:shelf-1:insulin`;

  test("of a shortage is told once: what is worse explains the rest", () => {
    expect(explained("out")).toEqual([]);
    expect(explained("below-minimum")).toEqual([id("out")]);
    expect(explained("below-reorder")).toEqual([id("out"), id("below-minimum")]);
    expect(explained("stock-out-ahead")).toEqual([
      ...[id("out"), id("below-minimum"), id("below-reorder"), id("short-cover")],
    ]);
  });

  test("a loss explains that the counts differ", () => {
    expect(explained("count-mismatch")).toContain(id("unexplained-loss"));
    expect(explained("count-mismatch")).toContain("stock:unexplained-loss:shelf-1:");
  });
});
