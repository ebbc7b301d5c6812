import type { BiColumn } from "./view.ts";

/** Columns that mean the same in every view. `t` is the table that the view is of. */
export const gatewayColumn: BiColumn = {
  name: "gateway",
  type: "text",
  sql: "t.gateway",
  en: "Gateway",
  zh: "网关",
};

export const pointColumn: BiColumn = {
  name: "point",
  type: "text",
  sql: "t.point",
  en: "Point, as device/point",
  zh: "测点（设备/测点）",
};

/** What the gateway says of the point, from a join with `point p`. */
export const pointNotes: readonly BiColumn[] = [
  { name: "point_name", type: "text", sql: "p.name", en: "Name of the point", zh: "测点名称" },
  { name: "location", type: "text", sql: "p.location", en: "Location", zh: "位置" },
  { name: "unit", type: "text", sql: "p.unit", en: "Unit", zh: "单位" },
];

export const withPoint = "LEFT JOIN point p ON p.gateway = t.gateway AND p.point = t.point";

/** Where a row stands in its gateway's log: with `gateway` it names the row for ever. */
export const logPlace: readonly BiColumn[] = [
  {
    name: "epoch_number",
    type: "whole",
    sql: "t.epoch_number",
    en: "Epoch of the gateway's log",
    zh: "网关日志纪元",
  },
  {
    name: "log_seq",
    type: "whole",
    sql: "t.seq",
    en: "Number in the gateway's log",
    zh: "网关日志序号",
  },
];

export function timeColumn(name: string, sql: string, en: string, zh: string): BiColumn {
  return { name, type: "time", sql, en, zh };
}

/** The day of a time in the time zone of whoever asks (`SET TIME ZONE`). */
export function dayColumn(sql: string): BiColumn {
  const [en, zh] = ["Day, in the reader's time zone", "日期（按查询时区）"];
  return { name: "local_date", type: "date", sql: `(${sql})::date`, en, zh };
}

export function textColumn(name: string, sql: string, en: string, zh: string): BiColumn {
  return { name, type: "text", sql, en, zh };
}

export function numberColumn(name: string, sql: string, en: string, zh: string): BiColumn {
  return { name, type: "number", sql: `(${sql})::float8`, en, zh };
}

export function wholeColumn(name: string, sql: string, en: string, zh: string): BiColumn {
  return { name, type: "whole", sql: `(${sql})::bigint`, en, zh };
}
