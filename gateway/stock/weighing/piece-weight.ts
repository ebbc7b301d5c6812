import { z } from "zod";
import { RackwatchError } from "../../../drivers/errors.ts";
import { countSd, exactChance } from "./count-error.ts";
import type { PieceWeight, ShelfSettings } from "./weigh.ts";

/** What a known number of pieces weighed. */
export const knownWeightSchema = z.strictObject({
  /** Mean of one piece. */
  kg: z.number().positive(),
  pieces: z.int().positive(),
  /** The piece weight that was given then: another one makes it void. */
  given: z.number(),
});
export type KnownWeight = z.infer<typeof knownWeightSchema>;

/** A piece weight leaves the one that was given by no more than this share: beyond it something else is wrong. */
export const refinedShareMax = 0.05;

/** A count takes part by itself when it is this sure to be exact. */
const sureChance = 0.99;

/**
 * The given weight and that of a known number of pieces, each by how well it is known. The known pieces replace those of an
 * earlier count and never add up with them, for they may be the same pieces.
 */
export function refined(
  given: PieceWeight,
  known: KnownWeight | undefined,
  divisionKg: number,
): PieceWeight {
  if (known === undefined || known.given !== given.kg) return given;
  const pieceVariance = (given.kg * given.spread) ** 2;
  const varianceOf = (pieces: number) =>
    pieceVariance / pieces + divisionKg ** 2 / 12 / pieces ** 2;
  const byGiven = 1 / varianceOf(given.sampled);
  const byKnown = 1 / varianceOf(known.pieces);
  const kg = (given.kg * byGiven + known.kg * byKnown) / (byGiven + byKnown);
  const most = given.kg * refinedShareMax;
  const bounded = Math.min(given.kg + most, Math.max(given.kg - most, kg));
  return { ...given, kg: bounded, sampled: given.sampled + known.pieces };
}

/**
 * Whether so many pieces of this weight may teach the piece weight: they must not contradict it.
 *
 * @param isTold by a person; without one the count must be sure by itself.
 */
export function teaches(
  now: PieceWeight,
  load: { readonly pieces: number; readonly goodsKg: number; readonly divisionKg: number },
  isTold: boolean,
): boolean {
  const { pieces, goodsKg, divisionKg } = load;
  if (now.unit === "kg" || !Number.isInteger(pieces) || pieces < 1) return false;
  const sd = countSd(now, divisionKg, pieces);
  if (Math.abs(goodsKg / now.kg - pieces) > 3 * sd) return false;
  return isTold || exactChance(now, divisionKg, pieces) >= sureChance;
}

/** @throws RackwatchError `config/invalid`: with a piece that weighs nothing nothing can be counted. */
export function checkShelf(settings: ShelfSettings): void {
  const { location, items, divisionKg, tareKg, settleMs, confirmMs } = settings;
  const invalid = (what: string, todo: string) => {
    throw new RackwatchError("config/invalid", what, { where: `locations.${location}`, todo });
  };
  const isPositive = (kg: number) => Number.isFinite(kg) && kg > 0;
  if (!isPositive(divisionKg) || !isPositive(settings.capacityKg ?? 1))
    invalid(`Division and capacity of ${location} must be over 0`, "Give the scale's own");
  if (!Number.isFinite(tareKg)) invalid(`Tare of ${location} is no weight`, "Give it in kg");
  if (!(settleMs >= 0 && confirmMs >= 0))
    invalid(`Times of ${location} are not positive`, "Correct stock.settle and stock.confirm");
  const ids = new Set<string>();
  for (const { item, kg, spread, sampled, unit, containerKg = 0 } of items) {
    if (ids.has(item)) invalid(`${item} is on ${location} twice`, "Name each item once");
    ids.add(item);
    if (!(Number.isFinite(containerKg) && containerKg >= 0))
      invalid(`The container of ${item} has no weight`, "Correct container");
    if (unit === "kg") continue;
    if (!isPositive(kg)) invalid(`One ${item} must weigh more than 0`, "Correct unitWeight");
    if (!(spread >= 0 && spread < 1 && sampled >= 1))
      invalid(`The spread of ${item} is not usable`, "Correct unitWeightSpread, sampledPieces");
  }
}
