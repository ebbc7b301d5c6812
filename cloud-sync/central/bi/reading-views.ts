import {
  dayColumn,
  gatewayColumn,
  logPlace,
  numberColumn,
  pointColumn,
  pointNotes,
  textColumn,
  timeColumn,
  wholeColumn,
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

/** Rows that came after retention dropped a time stand in layers of their own: one row of the view is all of them. */
const merged = (
  table: string,
) => `(SELECT gateway, point, at, sum(good) AS good, sum(uncertain) AS uncertain,
    sum(bad) AS bad, sum(numbers) AS numbers, sum(sum) AS sum, min(min) AS min, max(max) AS max,
    (array_agg(last ORDER BY last_at DESC) FILTER (WHERE last IS NOT NULL))[1] AS last
  FROM ${table} GROUP BY gateway, point, at) t ${withPoint}`;

function readingsBy(span: "hour" | "minute", en: string, zh: string): BiView {
  return {
    name: span === "hour" ? "readings_hourly" : "readings_minutely",
    en: `Readings of each point by ${en}. The newest ones may still be on their way`,
    zh: `每个测点按${zh}汇总，最近的数据可能尚未计入`,
    from: merged(`sample_${span}`),
    columns: [
      gatewayColumn,
      pointColumn,
      timeColumn(`${span}_start`, "t.at", `Begin of the ${en}`, `${zh}起点`),
      dayColumn("t.at"),
      numberColumn("mean_reading", "t.sum / nullif(t.numbers, 0)", "Mean of the numbers", "平均值"),
      numberColumn("lowest_reading", "t.min", "Lowest", "最小值"),
      numberColumn("highest_reading", "t.max", "Highest", "最大值"),
      numberColumn("last_reading", "t.last", "Last", "末值"),
      wholeColumn("good_samples", "t.good", "Samples of good quality", "质量好的采样数"),
      wholeColumn(
        "uncertain_samples",
        "t.uncertain",
        "Samples of uncertain quality",
        "质量可疑的采样数",
      ),
      wholeColumn("bad_samples", "t.bad", "Samples without a value", "无有效值的采样数"),
      ...pointNotes,
    ],
    key: ["gateway", "point", `${span}_start`],
    timeColumn: `${span}_start`,
  };
}

export const readingViews: readonly BiView[] = [
  samples,
  latest,
  readingsBy("hour", "hour", "小时"),
  readingsBy("minute", "minute", "分钟"),
];
