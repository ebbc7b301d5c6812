import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Language } from "../../config/language/language.ts";
import { digestMessage, floodMessage, historicMessage, testMessage } from "./digest-message.ts";
import {
  alarmMessage,
  type MessageWorld,
  type Occasion,
  type Subject,
  Wording,
  withLink,
} from "./message.ts";
import { cut, shortLine, shortUnitsMax } from "./short-line.ts";

const raisedAt = Date.UTC(2026, 11, 1, 6, 5);
const minute = 60_000;
let clockSet = true;

const world: MessageWorld = {
  gateway: "wh1",
  site: "Depot",
  timezone: "Asia/Shanghai",
  rule: (id) =>
    id === "warm"
      ? {
          id,
          when: { is: "above", point: "cold-1/t", limit: 8, inclusive: false, deadband: 0.5 },
          onDelayMs: 0,
          offDelayMs: 0,
          priority: "critical",
          message: "too warm",
          outputs: [],
          cause: "Door open",
          consequence: "Goods spoil",
        }
      : undefined,
  point: (key) => (key === "cold-1/t" ? { name: "Air", unit: "Cel" } : undefined),
  locationName: (id) => (id === "cold-1" ? "冷库1" : undefined),
  clockSet: () => clockSet,
};
const en: Subject = {
  id: "warm#3",
  rule: "warm",
  priority: "critical",
  message: "too warm",
  advise: "Close the door",
  location: "cold-1",
  point: "cold-1/t",
  value: 8.6,
  raisedAt,
};
const zh: Subject = { ...en, message: "超温" };
const words: Readonly<Record<Language, Wording>> = {
  en: new Wording("en", world.timezone),
  zh: new Wording("zh", world.timezone),
};

const titles: readonly [Occasion, string, string, string, string][] = [
  [
    { kind: "raised", again: false },
    "CRITICAL: 冷库1 too warm",
    "冷库1 too warm 8.6°C CRITICAL 14:05",
    "紧急：冷库1 超温",
    "冷库1 超温 8.6℃ 紧急 14:05",
  ],
  [
    { kind: "escalated", forMs: 10 * minute, returned: false },
    "CRITICAL NOT ACKNOWLEDGED: 冷库1 too warm",
    "NOT ACKNOWLEDGED 冷库1 too warm 8.6°C 10 min CRITICAL 14:05",
    "紧急 未确认：冷库1 超温",
    "未确认 冷库1 超温 8.6℃ 10 分钟 紧急 14:05",
  ],
  [
    { kind: "reminder", forMs: 125 * minute, acknowledgedBy: "alice" },
    "CRITICAL STILL: 冷库1 too warm",
    "STILL 冷库1 too warm 8.6°C 2 h 5 min CRITICAL 14:05",
    "紧急 仍未恢复：冷库1 超温",
    "仍未恢复 冷库1 超温 8.6℃ 2 小时 5 分钟 紧急 14:05",
  ],
  [
    { kind: "returned", forMs: 90_000, peak: 9.04, waits: true },
    "OK: 冷库1 too warm",
    "OK 冷库1 too warm 1 min 30 s peak 9.04°C 14:05",
    "恢复：冷库1 超温",
    "恢复 冷库1 超温 1 分钟 30 秒 峰值9.04℃ 14:05",
  ],
  [
    { kind: "ended", forMs: 2 * 86_400_000 },
    "ENDED: 冷库1 too warm",
    "ENDED 冷库1 too warm 2 d 14:05",
    "结束：冷库1 超温",
    "结束 冷库1 超温 2 天 14:05",
  ],
];

describe.each(titles)("%o", (occasion, enTitle, enShort, zhTitle, zhShort) => {
  test("has its title and its line in both languages", () => {
    const inEnglish = alarmMessage(en, occasion, world, words.en);
    const inChinese = alarmMessage(zh, occasion, world, words.zh);
    expect([inEnglish.title, inEnglish.short]).toEqual([enTitle, enShort]);
    expect([inChinese.title, inChinese.short]).toEqual([zhTitle, zhShort]);
  });
});

test("the text says where, what, how much against which limit, since when by the local clock, and what to do", () => {
  const occasion = { kind: "raised", again: false } as const;
  const inEnglish = alarmMessage(en, occasion, world, words.en);
  expect(withLink(inEnglish, "https://x/l", words.en).text.split("\n")).toEqual([
    "冷库1 too warm",
    "Site: Depot",
    "Location: 冷库1",
    "Point: Air",
    "Value: 8.6 °C",
    "Limit: > 8.0 °C",
    "Since: Tue 1 Dec 14:05",
    "Priority: CRITICAL",
    "What to do: Close the door",
    "Usual cause: Door open",
    "If nobody acts: Goods spoil",
    "Alarm: warm#3",
    "Acknowledge: https://x/l",
  ]);
  expect(alarmMessage(zh, occasion, world, words.zh).text.split("\n")).toEqual([
    "冷库1 超温",
    "站点：Depot",
    "位置：冷库1",
    "测点：Air",
    "数值：8.6 ℃",
    "限值：> 8.0 ℃",
    `开始：${words.zh.time(raisedAt)}`,
    "级别：紧急",
    "处理：Close the door",
    "常见原因：Door open",
    "不处理的后果：Goods spoil",
    "报警编号：warm#3",
  ]);
});

test("an escalation says for how long nobody acknowledged, or who did, and whether it is back to normal", () => {
  const forMs = 10 * minute;
  const text = (more: object) =>
    alarmMessage(en, { kind: "escalated", forMs, returned: false, ...more }, world, words.en).text;
  expect(text({})).toContain("Nobody has acknowledged this for 10 min");
  expect(text({ returned: true })).toContain("back to normal, but nobody has acknowledged");
  expect(text({ acknowledgedBy: "alice" })).toContain("Acknowledged by alice");
});

test("a recovery says how long it lasted, its peak, and whether an acknowledgement is still wanted", () => {
  const occasion = { kind: "returned", forMs: 90 * minute, peak: 9.4 } as const;
  const { text, fields } = alarmMessage(en, { ...occasion, waits: true }, world, words.en);
  expect(text).toContain("Lasted: 1 h 30 min\nPeak: 9.4 °C\nIt is back to normal; please");
  expect(fields).toMatchObject({
    lastedMs: 90 * minute,
    peak: 9.4,
    value: 8.6,
    unit: "Cel",
    limit: 8,
  });
  expect(alarmMessage(en, { ...occasion, waits: false }, world, words.en).text).not.toContain(
    "please",
  );
});

test("no time is told while the clock is not set, and no unit, place or limit where there is none", () => {
  clockSet = false;
  const bare: Subject = {
    id: "x#1",
    rule: "x",
    priority: "low",
    message: "door",
    value: true,
    raisedAt,
  };
  const { text, short, fields } = alarmMessage(
    bare,
    { kind: "raised", again: false },
    world,
    words.en,
  );
  clockSet = true;
  expect(text).toBe("door\nSite: Depot\nValue: on\nPriority: LOW\nAlarm: x#1");
  expect(short).toBe("door on LOW");
  expect(fields).not.toHaveProperty("raisedAt");
});

test("a digest names the count, the highest priority and the most urgent ones", () => {
  const items = Array.from({ length: 14 }, (_, index) => ({
    subject: { ...en, id: `r${index}#1`, priority: index === 12 ? "high" : "low" } as const,
    raised: index === 13 ? 0 : 1,
    over: index === 13,
  }));
  const { title, text, short } = digestMessage(items, world, words.en);
  expect(title).toBe("13 alarms, highest priority HIGH; 1 alarm is back to normal");
  expect(text.split("\n")[3]).toBe("- HIGH 冷库1 too warm 8.6°C 14:05");
  expect(text).toContain("and 4 more");
  expect(short.length).toBeLessThanOrEqual(shortUnitsMax);
  expect(digestMessage(items, world, words.zh).title).toBe(
    "13 条报警，最高级别重要；1 条报警已恢复正常",
  );
});

test("floods, tests and late findings have their own words", () => {
  const flood = { count: 11, everyMs: 300_000 };
  expect(floodMessage(flood, world, words.en).text).toContain("one message every 5 min");
  expect(floodMessage(flood, world, words.zh).short).toBe("报警泛滥：10 分钟内新增 11 条 Depot");
  expect(floodMessage(undefined, world, words.en).title).toBe("The alarm flood is over");
  expect(testMessage("alice", world, words.en, raisedAt).title).toBe("TEST from Depot");
  expect(testMessage("alice", world, words.zh, raisedAt).text).toContain("无需处理");
  const period = { from: raisedAt, until: raisedAt + 60 * minute };
  const { title, text } = historicMessage({ ...en, value: 9 }, period, world, words.en);
  expect(title).toBe("EARLIER: too warm");
  expect(text).toContain("not happening now");
  expect(text).toContain("Peak: 9.0 °C\nSince: Tue 1 Dec 14:05\nUntil: Tue 1 Dec 15:05");
});

test("whatever a rule is called, its line fits one SMS and no character is cut in two", () => {
  const part = fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("🧊👨‍👩‍👧"));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const message = parts.join("");
      for (const each of [words.en, words.zh]) {
        const occasion = { kind: "escalated", forMs: 1e9, returned: false } as const;
        const { short } = alarmMessage({ ...en, message }, occasion, world, each);
        expect(short.length).toBeLessThanOrEqual(shortUnitsMax);
        expect(short.isWellFormed() || !message.isWellFormed()).toBe(true);
      }
    }),
  );
});

test("a text is cut between characters, and what is most important comes first in a line", () => {
  expect(cut("abcdef", 6)).toBe("abcdef");
  expect(cut("abcdefg", 6)).toBe("abcde…");
  expect(cut("abc👨‍👩‍👧", 6)).toBe("abc…");
  expect(shortLine(["a".repeat(40), undefined, "b".repeat(40)], " ")).toBe(
    `${"a".repeat(40)} ${"b".repeat(28)}…`,
  );
  expect(shortLine(["a".repeat(65), "bbbbbbb"], " ")).toBe("a".repeat(65));
});
