/**
 * The ledger with 10,000 items of 3 lots and 100,000 movements, the store on disk with as many as asked for
 * (`node bench/ledger.ts [movements]`): time a booking, restore, memory, bytes a movement. Prints one JSON line.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calendarOf } from "../gateway/stock/ledger/calendar.ts";
import { Ledger } from "../gateway/stock/ledger/ledger.ts";
import type { MovementDraft } from "../gateway/stock/movement.ts";
import { openStore } from "../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { noise } from "./slow-sensors.ts";

const items = 10_000;
const lotsOfItem = 3;
const movements = Number(process.argv[2] ?? 100_000);
const movementsPerCommit = 500;

const dir = mkdtempSync(join(tmpdir(), "rackwatch-ledger-"));
const clock = new ManualClock();
const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
using store = openStore({ dir, gatewayId: "bench", clock, log: memoryLog().log, limits }).store;
const mark = { boot: "bench", offsetMs: 0, quality: "synchronized" } as const;
const random = noise(7);
const start = clock.now();
const calendar = calendarOf("Asia/Shanghai", () => true);
const parts = { items: [], calendar, keepForMs: 1e11 };
const instant = { at: start, mono: 0 };
const known = (id: string) => store.hasMovement(id);

function draftOf(index: number): MovementDraft {
  const first = index < items * lotsOfItem;
  const item = first ? index % items : Math.floor(random() * items);
  const lot = first ? { lot: `L${Math.floor(index / items)}` } : {};
  return {
    kind: first ? "receipt" : "pick",
    item: `item-${item}`,
    location: `shelf-${item % 500}`,
    ...lot,
    quantity: first ? 1_000 : -1 - Math.floor(random() * 5),
    unit: "pcs",
    at: start + index,
    clock: "synchronized",
    evidence: { by: "weight", weightBefore: 12.3456, weightAfter: 11.9876, residual: 0.0012 },
  };
}

const ledger = new Ledger({ ...parts, saved: new Map() });
let bookMs = 0;
let commitMs = 0;
let worstMs = 0;
for (let index = 0; index < movements; index += movementsPerCommit) {
  const state = new Map<string, unknown>();
  const booked = [];
  for (let one = index; one < Math.min(movements, index + movementsPerCommit); one += 1) {
    const draft = draftOf(one);
    const fromMs = performance.now();
    const result = ledger.book([draft], { instant, known });
    const tookMs = performance.now() - fromMs;
    bookMs += tookMs;
    worstMs = Math.max(worstMs, tookMs);
    booked.push(...result.movements);
    for (const [key, value] of result.state) state.set(key, value);
  }
  const fromMs = performance.now();
  store.commit({ clock: mark, samples: [], events: [], state, movements: booked });
  commitMs += performance.now() - fromMs;
}

const usedBefore = used();
const restoreMs = performance.now();
const saved = new Map(
  ["stock/", "lot/", "hold/", "order/", "delivery/"].flatMap((it) => [...store.readState(it)]),
);
const restored = new Ledger({ ...parts, saved });
const restoredMs = performance.now() - restoreMs;
saved.clear();
const heldMb = (used() - usedBefore) / 1e6;
const factsMs = performance.now();
let onHand = 0;
for (const key of restored.keys()) onHand += restored.facts(key, { at: start }).onHand;
const allFactsMs = performance.now() - factsMs;
const pageMs = performance.now();
store.movements({ item: "item-77", limit: 100 });
const pagedMs = performance.now() - pageMs;
const sumMs = performance.now();
const sums = store.movementSums().reduce((sum, { quantity }) => sum + quantity, 0);
const summedMs = performance.now() - sumMs;
console.log(
  JSON.stringify({
    bench: "ledger",
    ...{ items, lotsOfItem, movements },
    bookingUs: Math.round((bookMs / movements) * 1e3),
    longestBookingMs: rounded(worstMs),
    commitUs: Math.round((commitMs / movements) * 1e3),
    restoreMs: rounded(restoredMs),
    ledgerMb: rounded(heldMb),
    allFactsMs: rounded(allFactsMs),
    pageOfAnItemMs: rounded(pagedMs),
    sumsMs: rounded(summedMs),
    bytesAMovement: Math.round(store.size() / movements),
    equal: sums === onHand,
  }),
);
rmSync(dir, { recursive: true });

function used(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
