import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const lineSchema = z.object({
  ...{ at: z.number(), heapLeastMb: z.number(), externalMb: z.number(), rssMb: z.number() },
  ...{ majorMs: z.number(), lateP99Ms: z.number(), lateMaxMs: z.number() },
});
type Line = z.infer<typeof lineSchema>;

const windowMs = 30_000;

/** Of the end of a run, by the least heap of each 30 s. */
const judgedMs = 300_000;

/** Gateways connect over their first minute; what they need then is no growth. */
const settledMs = 90_000;

/** Growth of less is called flat. */
const percentAMinuteMax = 1;

/** What `receiver-look.ts` wrote; nothing in the first second of a receiver. */
function readLines(file: string): readonly Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => lineSchema.parse(JSON.parse(line)));
}

const most = (lines: readonly Line[], of: (line: Line) => number) =>
  Math.round(Math.max(0, ...lines.map(of)));

/** Memory and loop since that time. */
export function lookAt(file: string, since: number) {
  const lines = readLines(file).filter(({ at }) => at > since);
  return {
    heapMb: Math.min(...lines.map(({ heapLeastMb }) => heapLeastMb)),
    externalMb: most(lines, ({ externalMb }) => externalMb),
    rssMb: most(lines, ({ rssMb }) => rssMb),
    loopLateP99Ms: most(lines, ({ lateP99Ms }) => lateP99Ms),
    loopLateMaxMs: most(lines, ({ lateMaxMs }) => lateMaxMs),
    fullCollectionsMs: Math.round(lines.reduce((sum, { majorMs }) => sum + majorMs, 0)),
  };
}

/**
 * Whether memory stayed as it was: a straight line through the least heap of each half minute, and one through the resident
 * memory, over the last five minutes, 90 s after the receiver's start at the earliest, rises by at most 1 % a minute.
 */
export function judgeFlat(file: string) {
  const lines = readLines(file);
  const [first, last] = [lines[0]?.at ?? 0, lines.at(-1)?.at ?? 0];
  const from = Math.max(first + settledMs, last - judgedMs);
  const windows: Line[][] = [];
  for (let at = from; at + windowMs <= last; at += windowMs) {
    windows.push(lines.filter((line) => line.at >= at && line.at < at + windowMs));
  }
  const heap = windows.map((of) => Math.min(...of.map(({ heapLeastMb }) => heapLeastMb)));
  const rss = windows.map((of) => Math.max(...of.map(({ rssMb }) => rssMb)));
  const heapPercentAMinute = slope(heap);
  const rssPercentAMinute = slope(rss);
  const isFlat =
    windows.length < 3
      ? "too short"
      : Math.max(heapPercentAMinute, rssPercentAMinute) <= percentAMinuteMax;
  return {
    overS: windows.length * (windowMs / 1_000),
    heapPercentAMinute,
    rssPercentAMinute,
    isFlat,
  };
}

/** Least squares, in percent of the mean a minute. */
function slope(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const middle = (values.length - 1) / 2;
  let [over, under] = [0, 0];
  for (const [index, value] of values.entries()) {
    over += (index - middle) * (value - mean);
    under += (index - middle) ** 2;
  }
  const aWindow = under === 0 ? 0 : over / under;
  return Number((((aWindow * 60_000) / windowMs / Math.max(1, mean)) * 100).toFixed(2));
}
