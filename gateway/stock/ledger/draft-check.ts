import { RackwatchError } from "../../../drivers/errors.ts";
import type { MovementDraft } from "../movement.ts";
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
  if (Number.isNaN(new Date(at).getTime())) throw refused(draft, "its time is none");
  if (!Number.isFinite(number) || Math.abs(number) > quantityMax) {
    throw refused(draft, "the quantity is no number that can be booked");
  }
  if (unit === "pcs" && !Number.isInteger(number)) {
    throw refused(draft, "pieces are whole numbers");
  }
  if (isCount && number < 0) throw refused(draft, "a count is never below zero");
  if (!isCount && number === 0) throw refused(draft, "nothing is moved");
  const sign = signs[kind];
  if (sign !== 0 && Math.sign(quantity) !== sign) {
    throw refused(draft, `a ${kind} of ${quantity} has the wrong sign`);
  }
  if (kind === "transfer" && (partner === undefined || partner === location)) {
    throw refused(draft, "a transfer goes to another location");
  }
}

export function refused({ item, location }: MovementDraft, message: string, todo?: string) {
  const where = `${location}/${item}`;
  return new RackwatchError("stock/refused", message, {
    where,
    ...(todo !== undefined && { todo }),
  });
}

export function tooMuch(draft: MovementDraft, quantity: number, there: number): RackwatchError {
  const { unit, lot } = draft;
  const of = lot === undefined ? "" : ` of lot ${lot}`;
  return refused(
    draft,
    `${quantity} ${unit} are to go, but there are ${there} ${unit}${of}`,
    "count what is there, then book again",
  );
}

/** Somebody says so; what a scale or a reader saw has happened, whatever the ledger thought. */
export function isSaid({ evidence }: MovementDraft): boolean {
  return evidence.by !== "weight" && evidence.by !== "tags";
}
