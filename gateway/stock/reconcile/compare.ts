/**
 * What ledger, scale and tags say of one item at one location together. `weight-only` and `tags-only`: only one of
 * them is there to be held against the ledger, and it differs; who is right cannot be said.
 */
export const mismatchCases = [
  "agree",
  "ledger-high",
  "ledger-low",
  "tag-missing",
  "tag-extra",
  "weight-off",
  "weight-only",
  "tags-only",
  "all-differ",
  "unknown",
] as const;
export type MismatchCase = (typeof mismatchCases)[number];

export interface WeighedCount {
  readonly pieces: number;
  /** With 95 %. */
  readonly interval: readonly [number, number];
}

export interface TaggedCount {
  readonly pieces: number;
  /** Pieces under the largest tag: an opened box still counts as full. */
  readonly grain: number;
  /** The reader does not name all: there may be more. */
  readonly uncertain: boolean;
}

/** Three opinions of one quantity, in the item's unit. */
export interface Opinions {
  readonly ledger: number;
  readonly weight?: WeighedCount;
  readonly tags?: TaggedCount;
}

export interface Comparison {
  readonly is: MismatchCase;
  /** What is there less what the one that is off says; of `ledger-high` the loss, negative. 0 where they agree. */
  readonly difference: number;
  /** False: another case would explain it too. */
  readonly sure: boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Fractions of a piece by which quantities are still the same. */
const slack = 0.5;

/** O(1). */
export function compareOpinions(opinions: Opinions): Comparison {
  const { ledger, weight, tags } = opinions;
  if (weight === undefined && tags === undefined) return found("unknown", 0, false);
  if (tags === undefined) return compareTwo("weight-only", ledger, weightRange(weight), weight);
  if (weight === undefined) return compareTwo("tags-only", ledger, tagsRange(tags), tags);
  return compareThree(ledger, weight, tags);
}

function compareTwo(
  is: "weight-only" | "tags-only",
  ledger: number,
  range: Range,
  count: { readonly pieces: number } | undefined,
): Comparison {
  if (count === undefined || holds(range, ledger))
    return found("agree", 0, Number.isFinite(range.to));
  return found(is, count.pieces - ledger, true);
}

function compareThree(ledger: number, weight: WeighedCount, tags: TaggedCount): Comparison {
  const [byWeight, byTags] = [weightRange(weight), tagsRange(tags)];
  const weightBacks = holds(byWeight, ledger);
  const tagsBack = holds(byTags, ledger);
  const areSame = byWeight.from < byTags.to && byTags.from < byWeight.to;
  if (weightBacks && tagsBack) return found("agree", 0, true);
  // Wide ranges can agree with both others: then the narrower opinion is the one to look at.
  if (weightBacks)
    return found(
      tags.pieces < ledger ? "tag-missing" : "tag-extra",
      ledger - tags.pieces,
      !areSame,
    );
  if (tagsBack)
    return areSame
      ? found("weight-only", weight.pieces - ledger, false)
      : found("weight-off", ledger - weight.pieces, true);
  if (!areSame) return found("all-differ", weight.pieces - ledger, true);
  const isExact = !tags.uncertain && tags.grain === 1;
  const difference = (isExact ? tags : weight).pieces - ledger;
  return found(difference < 0 ? "ledger-high" : "ledger-low", difference, true);
}

function found(is: MismatchCase, difference: number, sure: boolean): Comparison {
  return { is, difference, sure };
}

function weightRange(weight: WeighedCount | undefined): Range {
  const [from, to] = weight?.interval ?? [0, 0];
  return { from: from - slack, to: to + slack };
}

/** One box of them may be opened: between this and this many pieces are left. */
function tagsRange({ pieces, grain, uncertain }: TaggedCount): Range {
  const to = uncertain ? Number.POSITIVE_INFINITY : pieces + slack;
  return { from: pieces - grain + slack, to };
}

function holds({ from, to }: Range, quantity: number): boolean {
  return quantity > from && quantity < to;
}
