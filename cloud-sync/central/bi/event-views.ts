import {
  dayColumn,
  gatewayColumn,
  logPlace,
  numberColumn,
  textColumn,
  timeColumn,
  wholeColumn,
} from "./columns.ts";
import type { BiView } from "./view.ts";

const said = (key: string) => `t.body->>'${key}'`;

/** A number of an event's body; null whatever else a gateway may have put there. */
const figure = (path: string) =>
  `CASE WHEN jsonb_typeof(t.body#>'{${path}}') = 'number' THEN (t.body#>>'{${path}}')::float8 END`;

/** Milliseconds since 1970 as a time; beyond what PostgreSQL can name it is null. */
const moment = (path: string) =>
  `CASE WHEN abs(${figure(path)}) < 8e15 THEN to_timestamp(${figure(path)} / 1000) END`;

const alarmEvents: BiView = {
  name: "alarm_events",
  en: "Each step of each alarm: raised, acknowledged, returned, shelved",
  zh: "报警的每次状态变化：产生、确认、恢复、搁置",
  from: "event t WHERE t.kind = 'alarm'",
  columns: [
    gatewayColumn,
    timeColumn("event_at", "t.at", "When it happened", "发生时间"),
    dayColumn("t.at"),
    textColumn("rule", said("rule"), "Rule", "规则"),
    textColumn("alarm_id", said("alarm"), "Alarm: the rule and which time it was", "报警编号"),
    textColumn("state_from", said("from"), "State before", "之前状态"),
    textColumn("state_to", said("to"), "State after", "之后状态"),
    textColumn("priority", said("priority"), "Priority", "优先级"),
    textColumn("message", said("message"), "What it said", "内容"),
    textColumn("point", said("point"), "Point, as device/point", "测点（设备/测点）"),
    textColumn("reading_text", said("value"), "Value that it was raised at", "触发值"),
    textColumn("acted_by", said("by"), "Who acknowledged or shelved it", "操作人"),
    textColumn("remark", said("comment"), "What the person wrote", "备注"),
    ...logPlace,
  ],
  key: ["gateway", "epoch_number", "log_seq"],
  timeColumn: "event_at",
};

const excursion = (key: string) => `t.body#>>'{excursion,${key}}'`;

/** The newest word on each excursion; one that was withdrawn is gone. */
const newestExcursions = `(SELECT DISTINCT ON (gateway, body#>>'{excursion,id}') *
  FROM event WHERE kind = 'excursion' AND body#>>'{excursion,id}' IS NOT NULL
  ORDER BY gateway, body#>>'{excursion,id}', epoch_number DESC, seq DESC) t
  WHERE t.body->>'do' IS DISTINCT FROM 'withdrawn'`;

const excursions: BiView = {
  name: "excursions",
  en: "Each time that a location was out of its range, with how long and how far",
  zh: "每次超限：时长、最大偏离与处置",
  from: newestExcursions,
  columns: [
    gatewayColumn,
    textColumn("excursion_id", excursion("id"), "Excursion", "超限编号"),
    textColumn("rule", excursion("rule"), "Rule", "规则"),
    textColumn("point", excursion("point"), "Point, as device/point", "测点（设备/测点）"),
    textColumn("location", excursion("affected,location"), "Location", "位置"),
    textColumn("profile", excursion("profile,id"), "Storage profile", "储存条件"),
    textColumn("state", excursion("state"), "open or closed", "状态：open 进行中、closed 已结束"),
    timeColumn("started_at", moment("excursion,start"), "When the limit was crossed", "开始时间"),
    timeColumn("ended_at", moment("excursion,end"), "When the value was back", "结束时间"),
    numberColumn(
      "outside_minutes",
      `${figure("excursion,outsideMs")} / 60000`,
      "Minutes beyond the limit",
      "超限分钟数",
    ),
    numberColumn(
      "unknown_minutes",
      `${figure("excursion,gapMs")} / 60000`,
      "Minutes without a good value",
      "无有效数据分钟数",
    ),
    numberColumn(
      "peak_reading",
      figure("excursion,peak,value"),
      "Value farthest out",
      "最大偏离值",
    ),
    numberColumn(
      "mkt_celsius",
      figure("excursion,mkt,celsius"),
      "Mean kinetic temperature, °C",
      "平均动力学温度（°C）",
    ),
    textColumn(
      "disposition",
      "t.body#>>'{excursion,dispositions,-1,to}'",
      "What was decided of the goods",
      "处置结论",
    ),
    textColumn(
      "decided_by",
      "t.body#>>'{excursion,dispositions,-1,by}'",
      "Who decided it",
      "处置人",
    ),
  ],
  key: ["gateway", "excursion_id"],
  timeColumn: "started_at",
};

const gaps: BiView = {
  name: "data_gaps",
  en: "Rows that central will never have, and why",
  zh: "中心永远不会收到的数据及原因",
  from: `gap t JOIN epoch e ON e.gateway = t.gateway AND e.epoch_number = t.epoch_number`,
  columns: [
    gatewayColumn,
    textColumn("lane", "t.lane", "events or samples", "通道：events 事件、samples 采样"),
    wholeColumn("epoch_number", "t.epoch_number", "Epoch of the gateway's log", "网关日志纪元"),
    wholeColumn("first_seq", "t.first_seq", "First missing number", "起始序号"),
    wholeColumn("last_seq", "t.last_seq", "Last missing number", "结束序号"),
    wholeColumn(
      "missing_rows",
      "coalesce(t.missing, t.last_seq - t.first_seq + 1)",
      "How many rows are missing",
      "缺失行数",
    ),
    textColumn("reason", "t.reason", "Why", "原因"),
    timeColumn("declared_at", "t.declared_at", "When central heard of it", "登记时间"),
  ],
  key: ["gateway", "epoch_number", "lane", "first_seq"],
  timeColumn: "declared_at",
};

export const eventViews: readonly BiView[] = [alarmEvents, excursions, gaps];
