import {
  dayColumn,
  gatewayColumn,
  logPlace,
  numberColumn,
  pointColumn,
  pointNotes,
  textColumn,
  timeColumn,
  withPoint,
} from "./columns.ts";
import type { BiView } from "./view.ts";

const quality = `CASE t.quality WHEN 0 THEN 'good' WHEN 1 THEN 'uncertain' ELSE 'bad' END`;

/** A switch is true or false in words; a bad sample is null in both columns. */
const reading = [
  numberColumn("reading", "CASE WHEN t.kind = 'n' THEN t.value END", "Value, if a number", "数值"),
  textColumn(
    "reading_text",
    "CASE t.kind WHEN 't' THEN t.text_value WHEN 'b' THEN CASE WHEN t.value = 0 THEN 'false' ELSE 'true' END END",
    "Value, if a text or a switch",
    "文本或开关量",
  ),
  textColumn("quality", quality, "good, uncertain or bad", "质量：good 好、uncertain 可疑、bad 坏"),
  textColumn("reason", "t.reason", "Why the quality is not good", "质量不好的原因"),
];

const samples: BiView = {
  name: "samples",
  en: "Every sample, as it was measured. Ask for a period: there are very many",
  zh: "全部原始采样。数据量很大，请限定时间段",
  from: `sample t ${withPoint}`,
  columns: [
    gatewayColumn,
    pointColumn,
    timeColumn("sampled_at", "t.sampled_at", "When it was measured", "采样时间"),
    dayColumn("t.sampled_at"),
    ...reading,
    ...pointNotes,
    ...logPlace,
  ],
  key: ["gateway", "point", "sampled_at", "epoch_number", "log_seq"],
  timeColumn: "sampled_at",
};

const latest: BiView = {
  name: "latest_readings",
  en: "The newest sample of each point",
  zh: "每个测点的最新采样",
  from: `latest t ${withPoint}`,
  columns: [
    gatewayColumn,
    pointColumn,
    timeColumn("sampled_at", "t.sampled_at", "When it was measured", "采样时间"),
    ...reading,
    ...pointNotes,
  ],
  key: ["gateway", "point"],
};

export const readingViews: readonly BiView[] = [samples, latest];
