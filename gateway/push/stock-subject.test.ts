import { describe, expect, test } from "vitest";
import type { Language } from "../../config/language/language.ts";
import { warningKinds } from "../../config/schema/item.ts";
import { findingKey } from "../stock/warnings/finding.ts";
import { digestMessage } from "./digest-message.ts";
import { alarmMessage, type MessageWorld, type Subject, Wording } from "./message.ts";
import { shortUnitsMax } from "./short-line.ts";

const world: MessageWorld = {
  ...{ gateway: "wh1", site: "一号仓", timezone: "Asia/Shanghai" },
  rule: () => undefined,
  point: () => undefined,
  locationName: (id) => (id === "shelf-a1" ? "A1 货架" : undefined),
  item: (id) => (id === "06901234567892" ? { name: "胰岛素注射液", unit: "pcs" } : undefined),
  siteUrl: "http://rack.example:8080",
  clockSet: () => true,
};
const words: Readonly<Record<Language, Wording>> = {
  en: new Wording("en", world.timezone),
  zh: new Wording("zh", world.timezone),
};
const subjectOf = (more: Partial<Subject> = {}): Subject => {
  const rule = findingKey({
    ...{ kind: "below-minimum", location: "shelf-a1", item: "06901234567892" },
  });
  return {
    ...{ id: `${rule}#2`, rule, priority: "high", location: "shelf-a1", item: "06901234567892" },
    message: "胰岛素注射液低于最低库存：18 件，最低 20 件",
    advise: "补货",
    figures: { available: 18, min: 20, unit: "pcs", evidenceBy: "weight" },
    raisedAt: Date.UTC(2026, 10, 23, 6, 5),
    ...more,
  };
};
const raised = { kind: "raised", again: false } as const;

test("a stock alarm says item, place, numbers of the trigger, what to do and where to look, in the reader's language", () => {
  const en = alarmMessage(subjectOf(), raised, world, words.en);
  expect(en.title).toBe("HIGH: A1 货架 胰岛素注射液 below minimum: 18 pcs, minimum 20 pcs");
  expect(en.text.split("\n")).toEqual([
    "A1 货架 胰岛素注射液 below minimum: 18 pcs, minimum 20 pcs",
    "Site: 一号仓",
    "Location: A1 货架",
    "Item: 胰岛素注射液 (06901234567892)",
    expect.stringMatching(/^Since: .*14:05/),
    "Priority: HIGH",
    "What to do: Refill the shelf; check whether an order is on its way",
    "Alarm: stock:below-minimum:shelf-a1:06901234567892#2",
    "Look: http://rack.example:8080/#/stock/shelf-a1/06901234567892",
  ]);
  const zh = alarmMessage(subjectOf(), raised, world, words.zh);
  expect(zh.title).toContain("A1 货架 胰岛素注射液低于下限：18 件，下限 20 件");
  for (const part of [
    "位置：A1 货架",
    "物品：胰岛素注射液 (06901234567892)",
    "18",
    "20",
    "查看：",
  ]) {
    expect(zh.text).toContain(part);
  }
  expect(zh.text).not.toMatch(/, minimum|Refill/);
});

test("machines get item, lot and the figures as they were, and no figure hides what every alarm says", () => {
  const { fields } = alarmMessage(
    subjectOf({ lot: "A2301", figures: { available: 18, min: 20, location: "x", priority: 3 } }),
    raised,
    world,
    words.en,
  );
  expect(fields).toMatchObject({
    ...{ gateway: "wh1", location: "A1 货架", priority: "high", item: "06901234567892" },
    ...{ itemName: "胰岛素注射液", lot: "A2301", available: 18, min: 20 },
  });
});

describe.each(["en", "zh"] as const)("in %s", (language) => {
  test.each(warningKinds)("%s fits into one SMS and names the item", (kind) => {
    const about = {
      ...{ kind, location: "shelf-a1", item: "06901234567892" },
      ...(kind === "near-expiry" ? { tierDays: 7, lot: "A2301" } : {}),
    };
    const rule = findingKey(about);
    const subject = subjectOf({ rule, id: `${rule}#1` });
    const { short, title, text } = alarmMessage(subject, raised, world, words[language]);
    expect(short.length).toBeLessThanOrEqual(shortUnitsMax);
    expect(short.split("\n")).toHaveLength(1);
    if (kind !== "overload") for (const said of [short, title]) expect(said).toContain("胰岛素");
    expect(text).toContain(language === "en" ? "What to do: " : "处理：");
  });
});

test("a digest tells each stock alarm in the reader's language", () => {
  const items = [{ subject: subjectOf(), raised: 1, over: false }];
  expect(digestMessage(items, world, words.en).text).toContain(
    "- HIGH A1 货架 胰岛素注射液 below minimum: 18 pcs, minimum 20 pcs 14:05",
  );
});

test("without figures, or of an item that is no more, the alarm says what it said when it was raised", () => {
  const { figures: _, ...bare } = subjectOf();
  expect(alarmMessage(bare, raised, world, words.en).title).toContain("低于最低库存");
  const gone = { ...world, item: () => undefined };
  expect(alarmMessage(subjectOf(), raised, gone, words.en).title).toContain("06901234567892");
});
