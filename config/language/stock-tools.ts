import type { Texts } from "./language.ts";

const en = {
  stock: ["location", "item", "lot", "quantity", "expires", "hold", "last moved"],
  movements: ["number", "time", "what", "location", "item", "lot", "quantity", "by", "document"],
  ok: (movements: number, balances: number) =>
    `Stock is what its movements come to: ${movements} movements, ${balances} balances`,
  balance: (where: string, stock: number, movements: number) =>
    `${where}: stock says ${stock}, its movements come to ${movements}`,
  altered: (seq: number) => `Movement ${seq} was changed: its identity does not fit what it says`,
  unreadable: (seq: number) => `Movement ${seq} cannot be read any more`,
  more: (count: number) => `${count} more differences are not named`,
  todo: "Keep the data folder as it is, and count what is there",
  notTime: (text: string) => `${text} is no time`,
  notTimeTodo: "write it as 2026-03-01 or 2026-03-01T08:00:00Z",
};

const zh: typeof en = {
  stock: ["库位", "货品", "批号", "数量", "有效期", "冻结", "最近变动"],
  movements: ["序号", "时间", "类型", "库位", "货品", "批号", "数量", "来源", "单据"],
  ok: (movements, balances) => `库存与流水一致：流水 ${movements} 条，结存 ${balances} 条`,
  balance: (where, stock, movements) => `${where}：库存为 ${stock}，流水合计为 ${movements}`,
  altered: (seq) => `第 ${seq} 条流水被修改：标识与内容不符`,
  unreadable: (seq) => `第 ${seq} 条流水已无法读取`,
  more: (count) => `另有 ${count} 处差异未列出`,
  todo: "请保持数据目录原样，并盘点实物",
  notTime: (text) => `${text} 不是时间`,
  notTimeTodo: "请写成 2026-03-01 或 2026-03-01T08:00:00Z",
};

/** What `rackwatch stock` says. */
export const stockToolsText: Texts<typeof en> = { en, zh };
