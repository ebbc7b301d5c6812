import type { RefusalFacts, StockRefusalKey } from "../../../config/language/stock-refusal.ts";
import type { MovementDraft } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { quantityMax } from "./quantity.ts";

const signs = {
  pick: -1,
  issue: -1,
  put: 1,
  receipt: 1,
  count: 0,
  adjust: 0,
  transfer: 0,
} as const;

/** @throws RackwatchError `stock/refused` when the draft says nothing that can be booked. */
export function checkDraft(draft: MovementDraft): void {
  const { kind, quantity, unit, partner, location, evidence, at } = draft;
  const isCount = kind === "count";
  const number = isCount ? (evidence.counted ?? Number.NaN) : quantity;
  if (Number.isNaN(new Date(at).getTime())) throw refused(draft, "time");
  if (!Number.isFinite(number) || Math.abs(number) > quantityMax) {
    throw refused(draft, "number");
  }
  if (unit === "pcs" && !Number.isInteger(number)) {
    throw refused(draft, "whole");
  }
  if (isCount && number < 0) throw refused(draft, "negativeCount");
  if (!isCount && number === 0) throw refused(draft, "nothing");
  const sign = signs[kind];
  if (sign !== 0 && Math.sign(quantity) !== sign) {
    throw refused(draft, "sign", { kind, quantity });
  }
  if (kind === "transfer" && (partner === undefined || partner === location)) {
    throw refused(draft, "sameplace");
  }
}

export function refused(
  { item, location }: MovementDraft,
  why: StockRefusalKey,
  facts?: RefusalFacts,
): StockRefusal {
  return new StockRefusal(why, facts, `${location}/${item}`);
}

export function tooMuch(draft: MovementDraft, quantity: number, there: number): StockRefusal {
  const { unit, lot } = draft;
  return lot === undefined
    ? refused(draft, "tooMuch", { quantity, there, unit })
    : refused(draft, "tooMuchOfLot", { quantity, there, unit, lot });
}

/** Somebody says so; what a scale or a reader saw has happened, whatever the ledger thought. */
export function isSaid({ evidence }: MovementDraft): boolean {
  return evidence.by !== "weight" && evidence.by !== "tags";
}
