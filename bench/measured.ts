import { readFileSync } from "node:fs";
import { z } from "zod";

/** Milliseconds, rounded to a tenth; -1 of nothing. */
export function quantiles(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Number(
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? -1).toFixed(1),
    );
  return { n: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** The worst stop of the loop since then, from the file that `loop-delay.ts` writes. */
export function worstStopMs(delayFile: string, since: number): number {
  const lines = readFileSync(delayFile, "utf8").trim().split("\n");
  const delays = z
    .array(z.object({ at: z.number(), maxMs: z.number() }))
    .parse(lines.map((line): unknown => JSON.parse(line)));
  return Math.round(Math.max(0, ...delays.filter(({ at }) => at > since).map((it) => it.maxMs)));
}
