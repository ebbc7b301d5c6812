import type { Priority } from "../schema/rule.ts";
import { priorityZh } from "./explain.ts";
import type { Texts } from "./language.ts";

/** Amounts with their units stand ready. */
type Said = string;
type Names = readonly string[];

const en = {
  scale: (p: { point: Said; tare: Said; division: Said; capacity: Said | undefined }) =>
    `weighs by ${p.point}, tare ${p.tare}, division ${p.division}${
      p.capacity === undefined ? "" : `, carries ${p.capacity}`
    }.`,
  reader: (point: Said) => `Counts what ${point} reads.`,
  booked: "Counts what is booked.",
  piece: (item: Said, weight: Said, exactUpTo: number) =>
    exactUpTo === 0
      ? `${item}: ${weight} a piece, whose count is never called exact.`
      : `${item}: ${weight} a piece, counted exactly up to ${exactUpTo}.`,
  bulk: (item: Said) => `${item}: in kg.`,
  other: (item: Said) => `${item}.`,
  limits: (parts: Names) => `Warns ${parts.join(", ")}.`,
  min: (value: Said) => `below ${value}`,
  max: (value: Said) => `above ${value}`,
  reorder: (value: Said) => `at a position of ${value}`,
  forecast: (time: Said, level: Said) =>
    `when what is there will not outlast a delivery in ${time} with ${level}`,
  noLeadTime: "No leadTime: nothing is said of cover against the delivery.",
  named: (id: string, name: string) => `${id} (${name})`,
  moreItems: (count: number) => `And ${count} more item${count === 1 ? "" : "s"}.`,
  more: (count: number) => `${count} more location${count === 1 ? "" : "s"} with items`,
  moreId: "...",
  warningsId: "stock.warnings",
  warnings: (kinds: readonly { kind: string; priority: Priority }[]) =>
    `${kinds.map(({ kind, priority }) => `${kind} (${priority})`).join(", ")}:`,
  tells: (names: Names) => `tells ${names.join(", ")}`,
  climbs: (ladder: string) => `climbs ${ladder}`,
  shows: (names: Names) => `shows on ${names.join(", ")}`,
  panel: "on the panel only",
  off: (kinds: Names) => `Off: ${kinds.join(", ")}.`,
  join: (parts: Names) => parts.join(" "),
  list: (parts: Names) => `${parts.join("; ")}.`,
};

const zh: typeof en = {
  scale: (p) =>
    `由 ${p.point} 称重，皮重 ${p.tare}，分度 ${p.division}${
      p.capacity === undefined ? "" : `，承重 ${p.capacity}`
    }。`,
  reader: (point) => `按 ${point} 读到的标签计数。`,
  booked: "按登记计数。",
  piece: (item, weight, exactUpTo) =>
    exactUpTo === 0
      ? `${item}：每件 ${weight}，件数不能算精确。`
      : `${item}：每件 ${weight}，${exactUpTo} 件以内计数精确。`,
  bulk: (item) => `${item}：按 kg 计。`,
  other: (item) => `${item}。`,
  limits: (parts) => `${parts.join("、")}时预警。`,
  min: (value) => `低于 ${value}`,
  max: (value) => `高于 ${value}`,
  reorder: (value) => `可用量降到 ${value}`,
  forecast: (time, level) => `现有量不能以 ${level} 的把握撑到 ${time}后的到货`,
  noLeadTime: "没有 leadTime：不判断能否撑到到货。",
  named: (id, name) => `${id}（${name}）`,
  moreItems: (count) => `另有 ${count} 个物品。`,
  more: (count) => `另有 ${count} 个存放物品的位置`,
  moreId: "...",
  warningsId: "stock.warnings",
  warnings: (kinds) =>
    `${kinds.map(({ kind, priority }) => `${kind}（${priorityZh[priority]}）`).join("、")}：`,
  tells: (names) => `通知 ${names.join("、")}`,
  climbs: (ladder) => `按 ${ladder} 升级`,
  shows: (names) => `在 ${names.join("、")} 上显示`,
  panel: "只在面板上显示",
  off: (kinds) => `已关闭：${kinds.join("、")}。`,
  join: (parts) => parts.join(""),
  list: (parts) => `${parts.join("；")}。`,
};

/** How `rackwatch check --explain` says what is weighed, counted and warned of. */
export const explainStockText: Texts<typeof en> = { en, zh };
export type ExplainStockText = typeof en;
