import { gtin14 } from "../../../drivers/epc/check-digit.ts";
import { type Element, parseElementString } from "../../../drivers/epc/element-string.ts";
import type { ItemLookup } from "./item-book.ts";

/** What a scanned or typed code says of goods. */
export interface Scanned {
  readonly ok: true;
  readonly item: string;
  readonly gtin14?: string;
  /** AI (10). */
  readonly lot?: string;
  /** AI (17), yyyy-mm-dd: the last day of use. */
  readonly expires?: string;
  /** AI (21). */
  readonly serial?: string;
  /** Pieces by AI (30) or (37), kg by AI (310n) for what is counted in kg; absent: the code names none. */
  readonly quantity?: number;
}

export type NotScanned =
  /** No GS1 element string, GTIN or item; `detail` is English, for the record. */
  | { readonly ok: false; readonly reason: "unreadable"; readonly detail: string }
  /** A code without a trade item, such as a pallet's (00). */
  | { readonly ok: false; readonly reason: "no-item" }
  /** Two trade items or two lots in one code. */
  | { readonly ok: false; readonly reason: "contradictory"; readonly ai: string }
  | { readonly ok: false; readonly reason: "unknown-item"; readonly gtin14: string };

/**
 * GS1 element string (as a reader sends it, or with brackets), bare GTIN, or item id -> what it is.
 *
 * @param today yyyy-mm-dd: settles the century of dates.
 */
export function scanned(text: string, today: string, items: ItemLookup): Scanned | NotScanned {
  const code = text.trim();
  const named = items.get(code);
  if (named !== undefined) return { ok: true, item: named.id, ...gtinPart(named.gtin14) };
  const bare = gtin14(code);
  if (bare !== undefined) return found(bare, [], items);
  const parsed = parseElementString(code, Number(today.slice(0, 4)));
  if (!parsed.ok) {
    const where = parsed.ai === undefined ? `at ${parsed.position}` : `(${parsed.ai})`;
    return { ok: false, reason: "unreadable", detail: `${where}: ${parsed.reason}` };
  }
  const { elements } = parsed;
  const twice = elements.find(({ ai, value }) =>
    elements.some((other) => other.ai === ai && other.value !== value),
  );
  if (twice !== undefined) return { ok: false, reason: "contradictory", ai: twice.ai };
  // (02) says what is in a box, (01) what the thing itself is: both at once cannot be.
  const content = textOf(elements, "02");
  const own = textOf(elements, "01");
  if (content !== undefined && own !== undefined) {
    return { ok: false, reason: "contradictory", ai: "02" };
  }
  const gtin = own ?? content;
  return gtin === undefined ? { ok: false, reason: "no-item" } : found(gtin, elements, items);
}

function found(
  gtin: string,
  elements: readonly Element[],
  items: ItemLookup,
): Scanned | NotScanned {
  const item = items.byGtin(gtin);
  if (item === undefined) return { ok: false, reason: "unknown-item", gtin14: gtin };
  const lot = textOf(elements, "10");
  const expires = elements.find(({ ai }) => ai === "17")?.date;
  const serial = textOf(elements, "21");
  const quantity = elements.find(({ ai }) =>
    item.unit === "kg" ? /^310\d$/.test(ai) : ai === "30" || ai === "37",
  )?.number;
  return {
    ok: true,
    item: item.id,
    gtin14: gtin,
    ...(lot === undefined ? {} : { lot }),
    ...(expires === undefined ? {} : { expires }),
    ...(serial === undefined ? {} : { serial }),
    ...(quantity === undefined ? {} : { quantity }),
  };
}

function textOf(elements: readonly Element[], wanted: string): string | undefined {
  return elements.find(({ ai }) => ai === wanted)?.value;
}

function gtinPart(gtin: string | undefined): Pick<Scanned, "gtin14"> {
  return gtin === undefined ? {} : { gtin14: gtin };
}
