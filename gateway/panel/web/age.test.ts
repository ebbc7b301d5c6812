import { expect, test } from "vitest";
import { panelText } from "../../../config/language/panel.ts";
import { agoText, oldText } from "./age.ts";

const { en, zh } = panelText;

test("an age is told in the largest unit that still says something", () => {
  const ages = [0, 4_999, 5_000, 59_999, 60_000, 3_599_999, 3_600_000, 172_799_999, 172_800_000];
  expect(ages.map((ms) => agoText(ms, en.age))).toEqual([
    "now",
    "now",
    "5 s ago",
    "59 s ago",
    "1 min ago",
    "59 min ago",
    "1 h ago",
    "47 h ago",
    "2 days ago",
  ]);
  expect(agoText(125_000, zh.age)).toBe("2 分钟前");
});

test("a time in the future and no time at all count as now, never as a negative age", () => {
  expect(agoText(-60_000, en.age)).toBe("now");
  expect(agoText(Number.NaN, en.age)).toBe("now");
  expect(oldText(-1, en.age)).toBe("0 s old");
});

test("a value that is too old says how old it is", () => {
  expect(oldText(45_000, en.age)).toBe("45 s old");
  expect(oldText(120_000, en.age)).toBe("2 min old");
  expect(oldText(7_200_000, en.age)).toBe("2 h old");
  expect(oldText(3 * 86_400_000, en.age)).toBe("3 days old");
  expect(oldText(120_000, zh.age)).toBe("2 分钟前的值");
});
