/**
 * Labelled failures that are found, and false alarms, in real temperature series of the Numenta Anomaly Benchmark; beside
 * a windowed Gaussian as the benchmark has it. One setting for all series. Prints a table.
 *
 * --data: a folder with NAB's files (`timestamp,value`) and a JSON file of their labelled windows.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  type SeriesWatchState,
  seriesWatchDefaults,
  seriesWatchStep,
} from "../gateway/stock/anomaly/series-watch.ts";
import { normalTail } from "../gateway/stock/forecast/normal.ts";
import { type LabelledWindow, nabScore, normalised } from "../tests/support/nab-score.ts";

interface Series {
  readonly name: string;
  readonly values: readonly number[];
  readonly windows: readonly LabelledWindow[];
}

const labelsSchema = z.record(
  z.string(),
  z.object({ windows: z.array(z.tuple([z.string(), z.string()])) }),
);

function seriesIn(folder: string): readonly Series[] {
  const files = readdirSync(folder);
  const labels = files.filter((file) => file.endsWith(".json"));
  return labels.flatMap((file) => {
    const known = labelsSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    return Object.entries(known).flatMap(([path, { windows }]): Series[] => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const found = files.find((each) => each.endsWith(name));
      return found === undefined ? [] : [seriesOf(name, join(folder, found), windows)];
    });
  });
}

function seriesOf(
  name: string,
  path: string,
  windows: readonly (readonly [string, string])[],
): Series {
  const rows = readFileSync(path, "utf8").trim().split("\n").slice(1);
  const cells = rows.map((row) => row.trim().split(","));
  const times = cells.map(([time = ""]) => Date.parse(`${time.replace(" ", "T")}Z`));
  const timeOf = (time: string) => Date.parse(`${time.slice(0, 19).replace(" ", "T")}Z`);
  return {
    name,
    values: cells.map(([, value]) => Number(value)),
    windows: windows.map(([from, to]) => [
      times.findIndex((time) => time >= timeOf(from)),
      times.findLastIndex((time) => time <= timeOf(to)),
    ]),
  };
}

type Detector = (values: readonly number[]) => readonly number[];

const ours: Detector = (values) => {
  const alarms: number[] = [];
  let state: SeriesWatchState | undefined;
  for (const [row, value] of values.entries()) {
    const step = seriesWatchStep(seriesWatchDefaults, state, value);
    state = step.state;
    if (step.anomaly !== undefined) alarms.push(row);
  }
  return alarms;
};

const window = { rows: 6_400, step: 100 } as const;

/** Scores 1 - tail by mean and deviation of the last 6,400 rows, renewed every hundred; alarms at `limit`. */
function windowedGaussian(limit: number, refractory: number): Detector {
  return (values) => {
    const alarms: number[] = [];
    let seen = { mean: 0, sd: 0 };
    let end = 0;
    for (const [row, value] of values.entries()) {
      const tail = normalTail(Math.abs(value - seen.mean) / Math.max(seen.sd, 1e-6));
      const isQuiet = row - (alarms.at(-1) ?? Number.NEGATIVE_INFINITY) < refractory;
      if (row > 0 && 1 - tail >= limit && !isQuiet) alarms.push(row);
      if (row < window.rows || row + 1 - end >= window.step) {
        end = row + 1;
        seen = moments(values.slice(Math.max(0, end - window.rows), end));
      }
    }
    return alarms;
  };
}

function moments(values: readonly number[]): { readonly mean: number; readonly sd: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / values.length;
  return { mean, sd: Math.sqrt(variance) };
}

const { values: given } = parseArgs({ options: { data: { type: "string" } } });
if (given.data === undefined) throw new Error("give the folder: --data DIR");
const all = seriesIn(given.data);
const threeDeviations = 1 - normalTail(3);
const detectors: readonly (readonly [string, Detector])[] = [
  ["series watch", ours],
  ["windowed Gaussian, 3 sd", windowedGaussian(threeDeviations, 0)],
  ["windowed Gaussian, 3 sd, once in 200 rows", windowedGaussian(threeDeviations, 200)],
  ["windowed Gaussian, NAB's limit", windowedGaussian(1, 0)],
];
const table = detectors.flatMap(([detector, run]) => {
  let points = 0;
  let labelled = 0;
  const lines = all.map(({ name, values, windows }) => {
    const startMs = performance.now();
    const alarms = run(values);
    const micros = ((performance.now() - startMs) * 1_000) / values.length;
    const score = nabScore(alarms, windows, values.length);
    points += score.points;
    labelled += windows.length;
    const falsePer1000 = (1_000 * score.falseAlarms) / values.length;
    return {
      detector,
      series: name.replace(".csv", ""),
      windows: `${score.hits} of ${windows.length}`,
      "false / 1000": falsePer1000.toFixed(2),
      score: normalised(score.points, windows.length).toFixed(1),
      "us / row": micros.toFixed(2),
    };
  });
  const together = normalised(points, labelled).toFixed(1);
  return [...lines, { detector, series: "all", score: together }];
});
console.table(table);
