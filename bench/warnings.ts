/**
 * Warnings of 10,000 stocked items with two lots each; prints one JSON line. A whole recomputation with nothing new, one
 * in which every item begins to warn, the same after a restart from the alarms, and one line that is touched.
 * Goals: 1,000 ms for all of them, 1 ms for one. `node --expose-gc bench/warnings.ts` measures memory as well.
 */
import { itemSchema, stockSchema } from "../config/schema/item.ts";
import type { Outlook } from "../gateway/stock/forecast/outlook.ts";
import type { StockLine } from "../gateway/stock/line.ts";
import { policyOf } from "../gateway/stock/stocked.ts";
import { findingKey } from "../gateway/stock/warnings/finding.ts";
import type { JudgedAt } from "../gateway/stock/warnings/standing.ts";
import { WarningBook } from "../gateway/stock/warnings/warning-book.ts";
import { ruleOf } from "../gateway/stock/warnings/warning-rule.ts";

const itemsCount = 10_000;
const touchedCount = 20_000;
const roundsCount = 5;
const at = Date.UTC(2026, 10, 23, 12);
const dayMs = 86_400_000;
const stock = stockSchema.parse({});
const now: JudgedAt = {
  at,
  dated: true,
  dateOf: (when) => new Date(when).toISOString().slice(0, 10),
};

const items = Array.from({ length: itemsCount }, (_, index) => {
  const written = itemSchema.parse({
    min: 20,
    max: 400,
    leadTime: "5d",
    location: `shelf-${index % 200}`,
  });
  return { ...written, id: `item-${index}`, from: "import" as const };
});

const outlook: Outlook = {
  version: 1,
  class: "smooth",
  method: "ses",
  perDay: 8,
  model: { is: "poisson", mean: 8 },
  days: 60,
  reviewedAt: at,
};

/** @param part of a full shelf. */
function linesAt(part: number, daysLeft: number): readonly StockLine[] {
  return items.map((item): StockLine => {
    const [location = ""] = item.location;
    const onHand = Math.round(200 * part);
    const expires = new Date(at + daysLeft * dayMs).toISOString().slice(0, 10);
    return {
      stocked: { item, location, policy: policyOf(item, location, stock) },
      onHand,
      available: onHand,
      interval: [onHand, onHand],
      onOrder: 0,
      reserved: 0,
      position: onHand,
      lots: ["A", "B"].map((lot) => ({
        lot,
        quantity: onHand / 2,
        expires,
        daysLeft,
        state: "good",
      })),
      movedAt: at,
      takenAt: at,
      outlook,
      reorderPoint: { value: 60, by: "forecast" },
      coverDays: onHand / 8,
      stockOutAt: at + (onHand / 8) * dayMs,
      stockOutProbability: onHand < 100 ? 0.9 : 0.1,
    };
  });
}

/** Best of several runs, ms of processor time: other programs on the machine do not count. */
function measure(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < roundsCount; round += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return Number(best.toFixed(2));
}

/** NaN (null in JSON): nobody may ask for a collection, so that nothing can be said. */
function heapMb(): number {
  if (globalThis.gc === undefined) return Number.NaN;
  globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
}

const full = linesAt(1, 200);
const low = linesAt(0.05, 20);
const book = new WarningBook(stock, []);
const calmMs = measure(() => book.recompute(full, now));
let found = 0;
const allRaisedMs = measure(() => {
  found = new WarningBook(stock, []).recompute(low, now).length;
});

/** As the alarms would know them. In a function of its own: what a frame still holds is not collected. */
function activeOf(lines: readonly StockLine[]) {
  const findings = new WarningBook(stock, []).recompute(lines, now);
  return findings.map((finding) => ({ rule: findingKey(finding), acknowledged: false }));
}

const active = activeOf(low);
const heapBefore = heapMb();
const restored = new WarningBook(stock, active);
const bookMb = heapMb() - heapBefore;
const restartMs = measure(() => new WarningBook(stock, active).recompute(low, now));
const againFound = restored.recompute(low, now).length;

const touchMs = measure(() => {
  for (let index = 0; index < touchedCount; index += 1) {
    const line = (index % 2 === 0 ? low : full)[Math.floor(index / 2) % itemsCount];
    if (line !== undefined) book.step({ lines: [line] }, now);
  }
});
const byId = new Map(items.map((item) => [item.id, item]));
const world = {
  stock,
  language: "zh",
  item: (id: string) => byId.get(id),
  location: () => ({ annunciate: [], notify: [] }),
} as const;
const findings = new WarningBook(stock, []).recompute(low, now);
const rulesMs = measure(() => {
  for (const finding of findings) ruleOf(finding, world, finding.figures);
});

console.log(
  JSON.stringify({
    bench: "warnings",
    items: itemsCount,
    recomputeNothingNewMs: calmMs,
    recomputeAllRaisedMs: allRaisedMs,
    found,
    restartAndRecomputeMs: restartMs,
    foundAgainAfterRestart: againFound,
    touchedAllKindsToggleUs: Number(((touchMs / touchedCount) * 1_000).toFixed(2)),
    rulesOfAllMs: rulesMs,
    bookMb: Number(bookMb.toFixed(1)),
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  }),
);
