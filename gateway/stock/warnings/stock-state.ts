import type { StockState } from "../../panel/stock-api.ts";
import type { StockLine } from "../line.ts";
import { type LevelKind, levelBit } from "./standing.ts";

/** The worst first. */
const named = [
  "out",
  "below-minimum",
  "below-reorder",
  "above-maximum",
] as const satisfies readonly (LevelKind & StockState)[];

/** What the warnings in force say of a line; `unknown`: nobody has counted or moved anything yet. */
export function stateOf({ movedAt }: Pick<StockLine, "movedAt">, levels: number): StockState {
  if (movedAt === undefined) return "unknown";
  return named.find((kind) => (levels & levelBit(kind)) !== 0) ?? "ok";
}
