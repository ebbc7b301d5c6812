import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const n = z.number();
const list = z.array(n);
const marks = z.array(z.tuple([n, n]));
const rows = <T extends z.ZodType>(row: T) => z.array(row).min(30);
const start = z.object({ croston: n, sba: n, sbj: n, tsb: n });
const season = z.object({ ahead: list, squares: n });

const schema = z.object({
  stock: z.object({
    safety: rows(z.tuple([n, n, n, n, n, n, n, n])),
    orderUpTo: rows(z.tuple([n, n, n, n, n, n, n])),
    fill: rows(z.tuple([n, n, n, n])),
    z: rows(z.tuple([n, n])),
    loss: rows(z.tuple([n, n])),
    tails: rows(z.tuple([n, n])),
    eoq: rows(z.tuple([n, n, n, n, n])),
  }),
  counts: z.object({
    poisson: rows(z.tuple([n, n, n, n, marks])),
    negbin: rows(z.tuple([n, n, n, n, n, marks])),
    compound: rows(z.tuple([n, z.array(z.tuple([n, n])), n, n, n, marks])),
  }),
  policies: z.object({
    levels: rows(z.tuple([n, n, n, n, n, n, n, n])),
    rules: rows(z.tuple([n, n, n, n, n, n, n, n])),
  }),
  forecasts: z.object({
    sparse: rows(
      z.object({
        series: list,
        weights: z.tuple([n, n]),
        first: start,
        mean: start,
        adida: n,
        imapa: n,
      }),
    ),
    dense: rows(z.object({ series: list, weights: z.tuple([n, n]), ses: n, holt: list })),
    seasonal: rows(
      z.object({
        series: list,
        periods: n,
        weights: z.tuple([n, n, n]),
        additive: season,
        multiplicative: season,
      }),
    ),
    theta: rows(z.object({ series: list, weight: n, drift: n, ahead: list, squares: n })),
  }),
  anomalies: rows(
    z.object({
      values: list,
      ewma: z.object({ weight: n, width: n, levels: list, limits: z.tuple([n, n]) }),
      cusum: z.object({ slack: n, limit: n, sums: z.tuple([n, n]), first: n.nullable() }),
      modifiedZ: list,
      pageHinkley: z.object({ threshold: n, found: list }),
    }),
  ),
  weighing: rows(z.tuple([n, n, n, n, n, n, n, n])),
  gs1: z.object({
    tags: rows(
      z.object({ hex: z.string(), tag: z.string(), gtin: z.string(), serial: z.string() }),
    ),
    elements: rows(
      z.tuple([z.string(), z.string(), z.string(), z.string(), z.string().nullable()]),
    ),
    events: rows(
      z.object({ event: z.record(z.string(), z.unknown()), text: z.string(), id: z.string() }),
    ),
  }),
});

/** Figures that a program in another language reckoned from the publications: `tests/fixtures/stock/reckon.py`. */
export function stockNumbers() {
  const file = join(import.meta.dirname, "../fixtures/stock/numbers.json");
  return schema.parse(JSON.parse(readFileSync(file, "utf8")));
}
