import {
  type Comparison,
  compareOpinions,
  type MismatchCase,
  type TaggedCount,
} from "./compare.ts";

/** One of several items on one scale. */
export interface MixedItem {
  readonly item: string;
  readonly ledger: number;
  readonly tags?: TaggedCount;
  /** Of one piece. */
  readonly unitKg: number;
}

export interface MixedComparison {
  /** Of the weight as a whole against the sum of what should be there. */
  readonly scale: MismatchCase;
  /** What the scale shows less what the ledger's pieces weigh. */
  readonly differenceKg: number;
  readonly items: ReadonlyMap<string, Comparison>;
}

/**
 * Several items on one scale: the weight can only speak for their sum. Where it agrees with the tags' sum and not with
 * the ledger's, the tags say of which item the ledger is wrong.
 * @param scale Net weight and its standard deviation.
 */
export function compareMixed(
  scale: { readonly kg: number; readonly sdKg: number },
  items: readonly MixedItem[],
): MixedComparison {
  const lightestKg = Math.min(...items.map(({ unitKg }) => unitKg));
  const toleranceKg = Math.max(2 * scale.sdKg, lightestKg / 2);
  const sumKg = (piecesOf: (item: MixedItem) => number) =>
    items.reduce((sum, item) => sum + piecesOf(item) * item.unitKg, 0);
  const isSum = (kg: number) => Math.abs(scale.kg - kg) < toleranceKg;
  const differenceKg = scale.kg - sumKg(({ ledger }) => ledger);
  const base = { differenceKg, items: verdictsOf(items) };
  if (isSum(sumKg(({ ledger }) => ledger)))
    return { ...base, scale: "agree", items: verdictsOf(items, "ledger") };
  if (items.some(({ tags }) => tags === undefined || tags.uncertain))
    return { ...base, scale: "weight-only" };
  if (isSum(sumKg(({ ledger, tags }) => tags?.pieces ?? ledger)))
    return {
      ...base,
      scale: differenceKg < 0 ? "ledger-high" : "ledger-low",
      items: verdictsOf(items, "tags"),
    };
  const tagsBack = [...base.items.values()].every(({ is }) => is === "agree");
  return { ...base, scale: tagsBack ? "weight-off" : "all-differ" };
}

/** @param backed Whom the weight confirms; absent: nobody. */
function verdictsOf(
  items: readonly MixedItem[],
  backed?: "ledger" | "tags",
): ReadonlyMap<string, Comparison> {
  return new Map(
    items.map(({ item, ledger, tags }) => {
      const pieces = backed === "tags" ? (tags?.pieces ?? ledger) : ledger;
      const weight = { pieces, interval: [pieces, pieces] as const };
      const opinions = { ledger, ...(tags === undefined ? {} : { tags }) };
      const isBacked = backed !== undefined && tags !== undefined;
      return [item, compareOpinions(isBacked ? { ...opinions, weight } : opinions)];
    }),
  );
}
