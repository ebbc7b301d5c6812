/**
 * Service reached by ways to forecast demand over a lead time, back-tested on car parts: months, a lead time of three,
 * origins 36, 39, ... 48 of every complete series. `node bench/car-parts.ts --data FILE`, a table of sku and months (CSV,
 * empty: not known). Prints one JSON line for each way and one for the product's own choice.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Demand } from "../gateway/stock/forecast/demand.ts";
import { candidatesOf } from "../gateway/stock/forecast/select/candidates.ts";
import { chooseModel, pinballLoss } from "../gateway/stock/forecast/select/choose.ts";
import { demandOver } from "../gateway/stock/forecast/select/demand-over.ts";

const { values } = parseArgs({ options: { data: { type: "string" } } });
if (values.data === undefined) throw new Error("--data FILE: a CSV of demand by month");

const periods = 3;
const origins = [36, 39, 42, 45, 48];
const services = [0.9, 0.95, 0.98, 0.99];
const levels = [0, 1, 2, 4, 8];
const binsCount = 10;

const rows = readFileSync(values.data, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").slice(1))
  .filter((cells) => cells.every((cell) => cell.trim() !== ""))
  .map((cells) => cells.map(Number));

interface Case {
  readonly past: readonly number[];
  readonly need: number;
}

const cases = rows.flatMap((series) =>
  origins.map((origin): Case => {
    const need = series.slice(origin, origin + periods).reduce((sum, demand) => sum + demand, 0);
    return { past: series.slice(0, origin), need };
  }),
);
/** The protocol counts what had at least two demands by then. */
const counted = cases.filter(({ past }) => past.filter((demand) => demand > 0).length >= 2);

type Way = (past: readonly number[], service: number) => Demand;

function measure(name: string, way: Way): void {
  const reached = services.map(() => 0);
  const stock = services.map(() => 0);
  let pinball95 = 0;
  let brier = 0;
  const bins = Array.from({ length: binsCount }, () => ({ said: 0, was: 0, count: 0 }));
  const before = process.cpuUsage();
  for (const { past, need } of counted) {
    for (const [index, service] of services.entries()) {
      const demand = way(past, service);
      const level = Math.max(0, demand.quantile(service));
      if (need <= level) reached[index] = (reached[index] ?? 0) + 1;
      stock[index] = (stock[index] ?? 0) + level;
      if (service !== 0.95) continue;
      pinball95 += pinballLoss(need, level, service);
      for (const there of levels) {
        const said = demand.tail(there);
        const was = Number(need > there);
        brier += (said - was) ** 2;
        const bin = bins[Math.min(binsCount - 1, Math.floor(said * binsCount))];
        if (bin === undefined) continue;
        bin.said += said;
        bin.was += was;
        bin.count += 1;
      }
    }
  }
  const { user, system } = process.cpuUsage(before);
  const count = counted.length;
  const asked = count * levels.length;
  const calibration = bins.reduce((sum, { said, was }) => sum + Math.abs(said - was), 0) / asked;
  console.log(
    JSON.stringify({
      bench: "car-parts",
      way: name,
      cases: count,
      reached: reached.map((hits) => Number((hits / count).toFixed(3))),
      level: stock.map((sum) => Number((sum / count).toFixed(2))),
      pinball95: Number((pinball95 / count).toFixed(4)),
      brier: Number((brier / asked).toFixed(4)),
      calibrationError: Number(calibration.toFixed(3)),
      msEach: Number(((user + system) / 1_000 / count / services.length).toFixed(3)),
    }),
  );
}

const monthDays = 30;
const waysOf = (past: readonly number[]) => {
  const { steady, sparse } = candidatesOf(past, periods, monthDays);
  return new Set([...sparse, ...steady]);
};
for (const { method } of waysOf([1])) {
  measure(method, (past) => {
    const candidate = waysOf(past)
      .values()
      .find((found) => found.method === method);
    if (candidate === undefined) throw new Error(method);
    return demandOver(candidate.fit(past.length), { periods });
  });
}

const chosen = new Map<string, number>();
measure("own choice", (past, service) => {
  const { model, method } = chooseModel(past, { periods, service, periodDays: monthDays });
  chosen.set(method, (chosen.get(method) ?? 0) + 1);
  return demandOver(model, { periods });
});
console.log(JSON.stringify({ bench: "car-parts", chosen: Object.fromEntries(chosen) }));
