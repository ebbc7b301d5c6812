import type { EpochMs } from "../../../drivers/contract.ts";
import type { GatewayEvent } from "../../store/store.ts";
import type { ItemBook } from "../items/item-book.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** JSON bytes of the balances in one event: half of what the store keeps of a body, so that the rest of it always fits. */
const balancesBytesMax = 32_768;

/** So much of an item's name is told with it. */
const nameUnitsMax = 100;

/**
 * What the gateway has, lot by lot, said once at each start: central adds to it what moves, and is right again however
 * much it missed before. Nothing of a gateway that keeps no items.
 */
export function balanceEvents(
  { ledger, items }: { readonly ledger: Ledger; readonly items: ItemBook },
  at: EpochMs,
): readonly Pick<GatewayEvent, "kind" | "body">[] {
  const parts: object[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const balance of balances(ledger, items, at)) {
    const size = Buffer.byteLength(JSON.stringify(balance)) + 1;
    if (bytes + size > balancesBytesMax) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(balance);
    bytes += size;
  }
  if (parts.length === 0 && items.size > 0) parts.push([]);
  return parts.map((part, index) => ({
    kind: "stock",
    body: { do: "balances", part: index + 1, parts: parts.length, balances: part },
  }));
}

function* balances(ledger: Ledger, items: ItemBook, at: EpochMs) {
  for (const key of ledger.keys()) {
    const [location = "", id = ""] = key.split("/");
    const { lots, movedAt } = ledger.facts(key, { at });
    const item = items.get(id);
    const name = item?.name?.slice(0, nameUnitsMax);
    // Where all is gone, that is said too.
    for (const { lot, quantity } of lots.length === 0 ? [{ lot: undefined, quantity: 0 }] : lots) {
      yield {
        ...{ location, item: id, quantity, unit: item?.unit ?? "pcs" },
        ...(lot === undefined ? {} : { lot }),
        ...(name === undefined ? {} : { name }),
        ...(movedAt === undefined ? {} : { movedAt }),
      };
    }
  }
}
