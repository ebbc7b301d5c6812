import type { Priority } from "../schema/rule.ts";
import type { Texts } from "./language.ts";

/** Words for an amount with its unit, a duration or a name that stand ready. */
type Said = string;
type Names = readonly string[];

const listEn = (words: Names, word = "and") =>
  words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} ${word} ${words[words.length - 1]}`;
const listZh = (words: Names) => words.join("、");

const en = {
  duration: (amount: number, unit: string) => `${amount} ${unit}`,
  difference: (a: Said, b: Said) => `${a} minus ${b}`,
  ratio: (a: Said, b: Said) => `${a} divided by ${b}`,
  above: (p: Said, limit: Said) => `${p} is above ${limit}`,
  atOrAbove: (p: Said, limit: Said) => `${p} is at or above ${limit}`,
  below: (p: Said, limit: Said) => `${p} is below ${limit}`,
  atOrBelow: (p: Said, limit: Said) => `${p} is at or below ${limit}`,
  equal: (p: Said, value: Said) => `${p} is ${value}`,
  on: "on",
  off: "off",
  text: (value: string) => `"${value}"`,
  stale: (p: Said, time: Said) => `${p} has had no good value for ${time}`,
  frozen: (p: Said, time: Said) => `${p} has delivered the same value for ${time}`,
  fault: (p: Said) => `${p} delivers bad samples`,
  risingFaster: (p: Said, rate: Said, trend: Said) =>
    `${p} rises by more than ${rate} an hour (${trend})`,
  fallingFaster: (p: Said, rate: Said, trend: Said) =>
    `${p} falls by more than ${rate} an hour (${trend})`,
  willReach: (p: Said, limit: Said, ahead: Said, trend: Said) =>
    `${p} is on its way to reach ${limit} within ${ahead} (${trend})`,
  line: (samples: number) => `line through the last ${samples} readings`,
  ends: (samples: number) => `from the first to the last of ${samples} readings`,
  risenBy: (p: Said, by: Said, within: Said) =>
    `${p} has risen by more than ${by} within ${within}`,
  fallenBy: (p: Said, by: Said, within: Said) =>
    `${p} has fallen by more than ${by} within ${within}`,
  during: (schedule: string) => `it is a time of the schedule ${schedule}`,
  not: (part: Said) => `it is not so that ${part}`,
  all: (parts: Names) => listEn(parts),
  any: (parts: Names) => listEn(parts, "or"),
  group: (part: Said) => `(${part})`,
  total: (part: Said, total: Said, within: Said | undefined) =>
    within === undefined
      ? `${part} for ${total} in all`
      : `${part} for ${total} in all within ${within}`,
  main: (p: {
    when: Said;
    lasting: Said | undefined;
    priority: Priority;
    over: Said;
    overFor: Said | undefined;
  }) =>
    `when ${p.when}${p.lasting === undefined ? "" : ` for ${p.lasting}`}, a ${p.priority} alarm comes; ` +
    `it is over when ${p.over}${p.overFor === undefined ? "" : ` for ${p.overFor}`}.`,
  overElse: "that is no longer so",
  overFault: (p: Said) => `${p} delivers good samples again`,
  overStale: (p: Said) => `a good value of ${p} comes`,
  profile: (profile: string, name: Said) => `By storage profile ${profile} (${name}).`,
  notExcursion: "It warns before the limit and opens no excursion.",
  latch: "It stays until somebody has acknowledged and reset it.",
  autoAcknowledge: "Once it is over it counts as acknowledged.",
  reason: "Who acknowledges it must say what was found or done.",
  reAlarm: (time: Said, times: number | undefined) =>
    `Acknowledged and still active, it calls again every ${time}${
      times === undefined ? "" : `, ${times} times at most`
    }.`,
  raise: (time: Said, to: Priority) => `After ${time} it becomes ${to}.`,
  suppress: (when: Said, most: Said) => `No alarm while ${when}, for ${most} at most.`,
  inhibited: (rules: Names) => `Nobody is told while ${listEn(rules, "or")} is active.`,
  outputs: (outputs: Names) => `lights ${listEn(outputs)}`,
  annunciators: (names: Names) => `shows on ${listEn(names)}`,
  told: (steps: Names) => `tells ${steps.join(", ")}`,
  step: (p: { names: Names; after: Said | undefined; always: boolean }) =>
    `${listEn(p.names)} ${p.after === undefined ? "at once" : `after ${p.after}`}${
      p.after === undefined ? "" : p.always ? " in any case" : " unless acknowledged"
    }`,
  remind: (time: Said) => `reminds them every ${time} while it is acknowledged and still active`,
  it: (parts: Names) => `It ${parts.join("; it ")}.`,
  nobody: "It only shows on the panel: no output, no message.",
  advise: (text: string) => `Do: ${text}`,
  whole: (sentences: Names) => sentences.join(" "),
};

const unitsZh: Readonly<Record<string, string>> = {
  ms: "毫秒",
  s: "秒",
  min: "分钟",
  h: "小时",
  d: "天",
};
export const priorityZh: Readonly<Record<Priority, string>> = {
  low: "低",
  medium: "中",
  high: "高",
  critical: "紧急",
};

const zh: typeof en = {
  duration: (amount, unit) => `${amount} ${unitsZh[unit] ?? unit}`,
  difference: (a, b) => `${a} 减 ${b}`,
  ratio: (a, b) => `${a} 除以 ${b}`,
  above: (p, limit) => `${p} 高于 ${limit}`,
  atOrAbove: (p, limit) => `${p} 达到或高于 ${limit}`,
  below: (p, limit) => `${p} 低于 ${limit}`,
  atOrBelow: (p, limit) => `${p} 达到或低于 ${limit}`,
  equal: (p, value) => `${p} 为${value}`,
  on: "开",
  off: "关",
  text: (value) => `“${value}”`,
  stale: (p, time) => `${p} ${time}没有有效数值`,
  frozen: (p, time) => `${p} ${time}内数值没有任何变化`,
  fault: (p) => `${p} 送来坏数据`,
  risingFaster: (p, rate, trend) => `${p} 每小时上升超过 ${rate}（${trend}）`,
  fallingFaster: (p, rate, trend) => `${p} 每小时下降超过 ${rate}（${trend}）`,
  willReach: (p, limit, ahead, trend) => `${p} 按趋势将在 ${ahead}内达到 ${limit}（${trend}）`,
  line: (samples) => `最近 ${samples} 个读数的拟合直线`,
  ends: (samples) => `${samples} 个读数中从第一个到最后一个`,
  risenBy: (p, by, within) => `${p} 在 ${within}内上升超过 ${by}`,
  fallenBy: (p, by, within) => `${p} 在 ${within}内下降超过 ${by}`,
  during: (schedule) => `处于时间表 ${schedule} 之内`,
  not: (part) => `并非（${part}）`,
  all: (parts) => parts.join(" 且 "),
  any: (parts) => parts.join(" 或 "),
  group: (part) => `（${part}）`,
  total: (part, total, within) =>
    within === undefined ? `${part} 累计达 ${total}` : `${part} 在 ${within}内累计达 ${total}`,
  main: (p) =>
    `当 ${p.when}${p.lasting === undefined ? "" : ` 持续 ${p.lasting}`}时，发出优先级为“${
      priorityZh[p.priority]
    }”的报警；${p.over}${p.overFor === undefined ? "" : ` 持续 ${p.overFor}`}后报警结束。`,
  overElse: "上述情况不再成立",
  overFault: (p) => `${p} 恢复送来有效数据`,
  overStale: (p) => `${p} 送来有效数值`,
  profile: (profile, name) => `依据储存规范 ${profile}（${name}）。`,
  notExcursion: "这是越限前的预警，不构成超标。",
  latch: "报警会一直保持，直到有人确认并复位。",
  autoAcknowledge: "恢复正常即视为已确认。",
  reason: "确认时必须说明发现了什么或做了什么。",
  reAlarm: (time, times) =>
    `确认后仍未恢复的，每 ${time}再次呼叫${times === undefined ? "" : `，最多 ${times} 次`}。`,
  raise: (time, to) => `${time}后优先级升为“${priorityZh[to]}”。`,
  suppress: (when, most) => `${when} 期间不报警，最长 ${most}。`,
  inhibited: (rules) => `${listZh(rules)} 报警期间不通知任何人。`,
  outputs: (outputs) => `点亮 ${listZh(outputs)}`,
  annunciators: (names) => `在 ${listZh(names)} 上显示`,
  told: (steps) => steps.join("，"),
  step: (p) =>
    p.after === undefined
      ? `立即通知 ${listZh(p.names)}`
      : `${p.after}后${p.always ? "一律" : "若无人确认则"}通知 ${listZh(p.names)}`,
  remind: (time) => `确认后仍未恢复的每 ${time}提醒一次`,
  it: (parts) => `${parts.join("；")}。`,
  nobody: "只在面板上显示：没有输出，也没有消息。",
  advise: (text) => `处理：${text}`,
  whole: (sentences) => sentences.join(""),
};

/** How `rackwatch check --explain` says a rule. */
export const explainText: Texts<typeof en> = { en, zh };
export type ExplainText = typeof en;
