import type { Booking, StockView } from "../../stock-api.ts";

/** What a person fills in before something is booked; text as it was typed. */
export interface BookingForm {
  readonly kind: "receipt" | "issue" | "transfer" | "adjust";
  readonly item: string;
  readonly location: string;
  readonly quantity: string;
  readonly lot: string;
  readonly expires: string;
  readonly to: string;
  readonly direction: "less" | "more";
  readonly reason: NonNullable<Booking["reason"]> | "";
  readonly document: string;
  readonly note: string;
}

export const bookingKinds = ["receipt", "issue", "transfer", "adjust"] as const;

/** What cannot be booked is said before it is sent. */
export type BookingProblem =
  | "number"
  | "zero"
  | "whole"
  | "tooMuch"
  | "to"
  | "samePlace"
  | "reason"
  | "item"
  | "location";

export interface PlannedChange {
  readonly location: string;
  readonly before: number;
  readonly after: number;
}

type Reason = NonNullable<Booking["reason"]>;

/** Which way a correction for this reason goes. */
const directions: Readonly<Record<Reason, BookingForm["direction"] | "either">> = {
  damaged: "less",
  expired: "less",
  lost: "less",
  found: "more",
  theft: "less",
  sample: "less",
  correction: "either",
};

/** Undefined: a person has to say. */
export function directionOf(reason: BookingForm["reason"]): BookingForm["direction"] | undefined {
  const direction = reason === "" ? "either" : directions[reason];
  return direction === "either" ? undefined : direction;
}

export const bookingReasons: readonly Reason[] = [
  "damaged",
  "expired",
  "lost",
  "found",
  "theft",
  "sample",
  "correction",
];

export function isOutward({ kind, direction }: Pick<BookingForm, "kind" | "direction">): boolean {
  return kind === "issue" || kind === "transfer" || (kind === "adjust" && direction === "less");
}

/** What was typed as a number; a comma is taken for a decimal point, as keypads of some countries have none. */
export function quantityOf(text: string): number {
  const plain = text.trim().normalize("NFKC").replace(",", ".");
  return /^\d+(\.\d*)?$|^\.\d+$/.test(plain) ? Number(plain) : Number.NaN;
}

/** A quantity after a press of a large step: never below zero, and without the rounding of sums. */
export function stepped(text: string, by: number): string {
  const now = quantityOf(text);
  const next = Math.max(0, (Number.isNaN(now) ? 0 : now) + by);
  return String(Number(next.toFixed(3)));
}

/** Digits that a quantity may have: more than any shelf holds. */
const digitsMax = 9;

/** A quantity after a press on the keypad. @param key a digit, `.`, or `back`. */
export function typed(text: string, key: string): string {
  if (key === "back") return text.slice(0, -1);
  if (key === "." && (text.includes(".") || text === "")) return text === "" ? "0." : text;
  if (text.replace(".", "").length >= digitsMax) return text;
  return text === "0" && key !== "." ? key : text + key;
}

/** How much of it is at a place: of the lot, or of all lots. */
export function thereOf(stock: readonly StockView[], location: string, lot: string): number {
  const view = stock.find((it) => it.location === location);
  if (view === undefined) return 0;
  if (lot === "") return view.quantity;
  return view.lots.find((it) => it.lot === lot)?.quantity ?? 0;
}

/** What is wrong with it as it stands; undefined: nothing that could be known here. */
export function problemOf(
  form: BookingForm,
  stock: readonly StockView[],
): BookingProblem | undefined {
  if (form.item === "") return "item";
  if (form.location === "") return "location";
  const quantity = quantityOf(form.quantity);
  if (Number.isNaN(quantity)) return "number";
  if (quantity === 0) return "zero";
  const unit = stock[0]?.unit ?? "pcs";
  if (unit === "pcs" && !Number.isInteger(quantity)) return "whole";
  if (form.kind === "transfer" && form.to === "") return "to";
  if (form.kind === "transfer" && form.to === form.location) return "samePlace";
  if (form.kind === "adjust" && form.reason === "") return "reason";
  if (isOutward(form) && quantity > thereOf(stock, form.location, form.lot)) return "tooMuch";
  return undefined;
}

/** What the booking will make of the stock, place by place; empty while no quantity is known. */
export function plannedChanges(
  form: BookingForm,
  stock: readonly StockView[],
): readonly PlannedChange[] {
  const quantity = quantityOf(form.quantity);
  if (Number.isNaN(quantity) || quantity === 0 || form.location === "") return [];
  const change = (location: string, by: number): PlannedChange => {
    const before = thereOf(stock, location, "");
    return { location, before, after: Number((before + by).toFixed(6)) };
  };
  const here = change(form.location, isOutward(form) ? -quantity : quantity);
  if (form.kind !== "transfer" || form.to === "" || form.to === form.location) return [here];
  return [here, change(form.to, quantity)];
}

/** What the gateway is asked for. */
export function bookingOf(form: BookingForm, key: string): Booking {
  const { kind, item, location, direction, reason } = form;
  const amount = quantityOf(form.quantity);
  const isReceipt = kind === "receipt" || (kind === "adjust" && direction === "more");
  const lot = form.lot.trim();
  const said = (text: string) => text.trim() !== "";
  return {
    kind,
    item,
    location,
    quantity: kind === "adjust" && direction === "less" ? -amount : amount,
    ...(lot !== "" && { lot }),
    ...(isReceipt && lot !== "" && form.expires !== "" && { expires: form.expires }),
    ...(kind === "transfer" && { to: form.to }),
    ...(kind === "adjust" && reason !== "" && { reason }),
    ...(said(form.document) && { document: form.document.trim() }),
    ...(said(form.note) && { note: form.note.trim() }),
    key,
  };
}

/**
 * A name that no other booking has: a double tap or a retry under it books once. Not `randomUUID`, which browsers
 * give to pages with a certificate only, and a gateway on a LAN has none.
 */
export function bookingKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
