import { checkDigit, gtin14 } from "../drivers/epc/check-digit.ts";
import type { ItemConfig } from "./schema/item.ts";

/** The GTIN of an item with 14 digits: what it says, or its name where that is one; undefined where neither is. */
export function gtinOf(id: string, { gtin }: Pick<ItemConfig, "gtin">): string | undefined {
  return gtin14(gtin ?? id);
}

/** The same digits with the check digit that belongs to them. */
export function withCheckDigit(digits: string): string {
  const first = digits.slice(0, -1);
  return first + checkDigit(first);
}
