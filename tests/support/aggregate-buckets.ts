import type { Sample } from "../../drivers/contract.ts";

/** Buckets of samples as central must have them, made another way, of numbers whose sums are exact. */
export function bucketsOf(rows: readonly Sample[], stepMs: number) {
  const groups = Map.groupBy(
    [...rows].sort((a, b) => a.sampledAt - b.sampledAt),
    ({ sampledAt }) => Math.floor(sampledAt / stepMs) * stepMs,
  );
  return [...groups].map(([from, list]) => {
    const count = (quality: string) => list.filter((it) => it.quality === quality).length;
    const values = list.flatMap((it) => (it.quality === "bad" ? [] : [it.value]));
    const numbers = values.flatMap((it) => (typeof it === "string" ? [] : [Number(it)]));
    const text = values.findLast((it) => typeof it === "string");
    const sum = numbers.reduce((all, it) => all + it, 0);
    return {
      ...{ from, good: count("good"), uncertain: count("uncertain"), bad: count("bad") },
      ...(numbers.length > 0 && {
        ...{
          min: Math.min(...numbers),
          max: Math.max(...numbers),
          sum,
          mean: sum / numbers.length,
        },
        ...{ first: numbers[0], last: numbers.at(-1) },
      }),
      ...(text !== undefined && { lastText: text }),
    };
  });
}
