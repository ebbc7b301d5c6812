import {
  dayColumn,
  gatewayColumn,
  logPlace,
  textColumn,
  timeColumn,
  wholeColumn,
} from "./columns.ts";
import type { BiColumn, BiView } from "./view.ts";

const quantity: BiColumn = {
  name: "quantity",
  type: "number",
  // A table program turns a number of unbounded size into text.
  sql: "t.quantity::numeric(18, 6)",
  en: "Quantity",
  zh: "数量",
};
const item = textColumn("item", "t.item", "Item", "物料");
const location = textColumn("location", "t.location", "Location", "位置");
const unit = textColumn("unit", "t.unit", "Unit", "单位");

const stock: BiView = {
  name: "stock_levels",
  en: "Stock now, by location, item and lot",
  zh: "当前库存，按位置、物料、批次",
  from: "stock t",
  columns: [
    gatewayColumn,
    location,
    item,
    textColumn("lot", "t.lot", "Lot; empty where it is not known", "批次，未知为空"),
    textColumn("item_name", "t.name", "Name of the item", "物料名称"),
    quantity,
    unit,
    timeColumn("moved_at", "t.moved_at", "Last movement", "最近变动时间"),
  ],
  key: ["gateway", "location", "item", "lot"],
};

const movements: BiView = {
  name: "stock_movements",
  en: "Every movement of stock",
  zh: "全部库存变动",
  from: "movement t",
  columns: [
    gatewayColumn,
    textColumn("movement_id", "t.id", "Movement", "变动编号"),
    timeColumn("moved_at", "t.at", "When", "时间"),
    dayColumn("t.at"),
    textColumn("movement_kind", "t.kind", "Kind: receipt, pick, count, ...", "类型"),
    location,
    item,
    textColumn("lot", "t.lot", "Lot", "批次"),
    quantity,
    unit,
    ...logPlace,
  ],
  key: ["gateway", "movement_id"],
  timeColumn: "moved_at",
};

const alarms: BiView = {
  name: "open_alarms",
  en: "Alarms that somebody must look at",
  zh: "未恢复或未确认的报警",
  from: "alarm t WHERE t.state <> 'normal'",
  columns: [
    gatewayColumn,
    textColumn("rule", "t.rule", "Rule", "规则"),
    textColumn("state", "t.state", "State", "状态"),
    textColumn("priority", "t.priority", "Priority", "优先级"),
    textColumn("message", "t.message", "What it says", "内容"),
    timeColumn("since", "t.since", "In this state since", "起始时间"),
    textColumn("point", "t.point", "Point, as device/point", "测点（设备/测点）"),
    textColumn("reading_text", "t.value #>> '{}'", "Value", "触发值"),
    textColumn("acted_by", "t.acknowledged_by", "Who acknowledged it", "确认人"),
    textColumn("remark", "t.comment", "What the person wrote", "备注"),
  ],
  key: ["gateway", "rule"],
};

const has = (rule: string) => `EXISTS (SELECT FROM central_alarm c
  WHERE c.gateway = t.gateway AND c.rule = '${rule}' AND c.ended_at IS NULL)`;
const count = (of: string) => `(SELECT count(*) FROM ${of} r WHERE r.gateway = t.gateway)`;

const health: BiView = {
  name: "gateway_health",
  en: "Each gateway: when it was heard last, and what it could not deliver",
  zh: "每个网关：最近联系时间与未送达数据",
  from: "gateway t",
  columns: [
    gatewayColumn,
    textColumn("gateway_name", "coalesce(t.name, t.reported_name)", "Name", "名称"),
    timeColumn("last_contact_at", "t.last_contact_at", "Last contact", "最近联系"),
    timeColumn("last_sample_at", "t.last_sample_at", "Time of its newest sample", "最新采样时间"),
    { name: "silent", type: "truth", sql: has("central/silent"), en: "Not heard of", zh: "失联" },
    {
      name: "stopped",
      type: "truth",
      sql: has("central/stopped"),
      en: "Its agent lives, the gateway does not",
      zh: "网关程序停止",
    },
    wholeColumn(
      "backlog_rows",
      "t.backlog",
      "Rows that central had not at the last hello",
      "积压行数",
    ),
    wholeColumn("rejected_rows", count("reject"), "Rows that central refused", "被拒绝行数"),
    wholeColumn("gap_count", count("gap"), "Gaps", "缺口数"),
    wholeColumn("conflict_count", count("conflict"), "Conflicts", "冲突数"),
  ],
  key: ["gateway"],
};

export const stateViews: readonly BiView[] = [stock, movements, alarms, health];
