import type { StockPage, StockState, StockView } from "../../stock-api.ts";
import { isRecord } from "../merge.ts";
import { hashOf } from "../view.ts";
import { stateLooks } from "./stock-look.ts";

/** Lines in one picture; a larger one is neither read nor drawn quickly. */
export const pictureLinesMax = 300;

/** Lines of one page of the list. */
export const listLinesMax = 100;

/** What a person looks for; it stands in the address, so that a look at one item does not lose it. */
export interface StockAsked {
  readonly search: string;
  /** `warned`: whatever has a warning. */
  readonly state: StockState | "warned" | "";
  /** Location with all that lies within it. */
  readonly place: string;
  readonly view: "picture" | "list";
}

/** From the address: `?search=bolt&state=out`. */
export function askedOf(part: string): StockAsked {
  const given = new URLSearchParams(part);
  const state = given.get("state") ?? "";
  return {
    search: (given.get("search") ?? "").slice(0, 64),
    state: state === "warned" || isState(state) ? state : "",
    place: given.get("place") ?? "",
    view: given.get("view") === "list" ? "list" : "picture",
  };
}

/** What everybody sees who has asked for nothing is not named. */
export function hashOfAsked({ search, state, place, view }: StockAsked): string {
  const entries = Object.entries({ search, state, place, view: view === "list" ? view : "" });
  const given = new URLSearchParams(entries.filter(([, value]) => value !== ""));
  return given.size === 0 ? hashOf("stock") : hashOf("stock", `?${given}`);
}

export function isFiltered({ search, state, place }: StockAsked): boolean {
  return search !== "" || state !== "" || place !== "";
}

/** The gateway's name for it. */
export function stockPath(
  { search, state, place }: Omit<StockAsked, "view">,
  limit: number,
  after?: string,
): string {
  const entries = Object.entries({
    search,
    within: place,
    ...(state === "warned" ? { show: state } : { state }),
    after: after ?? "",
  });
  const query = new URLSearchParams(entries.filter(([, value]) => value !== ""));
  query.set("limit", String(limit));
  return `/api/stock?${query}`;
}

/** A page of stock; lines that have not its form are left out. */
export function stockPageOf(body: unknown): StockPage {
  if (!isRecord(body) || !Array.isArray(body["stock"])) return { stock: [], total: 0 };
  const stock: StockView[] = body["stock"].filter(isLine);
  const { total, next } = body;
  return {
    stock,
    total: typeof total === "number" ? total : stock.length,
    ...(typeof next === "string" && { next }),
  };
}

function isState(text: string): text is StockState {
  return Object.hasOwn(stateLooks, text);
}

export function isLine(value: unknown): value is StockView {
  if (!isRecord(value)) return false;
  const { item, location, quantity, interval, warnings, lots, state } = value;
  return (
    typeof item === "string" &&
    typeof location === "string" &&
    typeof quantity === "number" &&
    Array.isArray(interval) &&
    Array.isArray(warnings) &&
    Array.isArray(lots) &&
    typeof state === "string" &&
    isState(state)
  );
}
