/** Shelves on scales from which people take pieces until somebody fills them up: seeded, one second after the other. */

export interface Goods {
  readonly item: string;
  /** Weight of one piece. */
  readonly grams: number;
  /** When the demo starts. */
  readonly pieces: number;
  /** Somebody fills it up when no more than this is left. */
  readonly low: number;
  readonly full: number;
}

export interface ShelfPlan {
  readonly shelf: string;
  readonly goods: readonly Goods[];
  /** Of the shelf and its containers. */
  readonly tareGrams: number;
  /** Smallest step of the scale. */
  readonly divisionGrams: number;
  /** Somebody takes something for the first time, and from then on again and again. */
  readonly firstVisitS: number;
  readonly visitEveryS: number;
  /** At most so many pieces at once. */
  readonly takesMax: number;
  /** Somebody bumps into it. */
  readonly knockEveryS: number;
  /** So much goes at once, and it is no piece. */
  readonly theft?: { readonly atS: number; readonly grams: number };
}

export interface Shelf {
  /** Of each of its goods. */
  readonly pieces: readonly number[];
  readonly stolenGrams: number;
  /** A hand is in it, or it swings. */
  readonly moving: boolean;
  /** What its scale shows. */
  readonly grams: number;
}

/** A hand is in the shelf for so long; what it takes is gone after the first second. */
const handS = 2;

/** A hand presses with up to so much. */
const handGramsMax = 400;

/** Noise of the scale, in divisions. */
const noiseDivisions = 0.3;

/** A load cell gives way: so much of the load within half an hour. */
const creep = { part: 0.0002, seconds: 1_800 };

/** Nobody knows what lies on it while it swings: that is how it starts. */
export function startShelf({ goods, tareGrams }: ShelfPlan): Shelf {
  const pieces = goods.map((it) => it.pieces);
  return { pieces, stolenGrams: 0, moving: true, grams: tareGrams };
}

/** The shelf one second later; `second` counts from the start, `random` gives numbers in [-1, 1). */
export function nextShelf(
  before: Shelf,
  plan: ShelfPlan,
  second: number,
  random: () => number,
): Shelf {
  const isTheft = second === plan.theft?.atS;
  const hand = handAt(plan, second);
  const pieces = hand === 1 ? visited(before.pieces, plan, random) : before.pieces;
  const stolenGrams = before.stolenGrams + (isTheft ? (plan.theft?.grams ?? 0) : 0);
  const moving = hand !== undefined || isTheft || second % plan.knockEveryS === 0;
  const loadGrams = plan.goods.reduce(
    (sum, { grams }, index) => sum + grams * (pieces[index] ?? 0),
    plan.tareGrams - stolenGrams,
  );
  const crept = loadGrams * creep.part * (1 - Math.exp(-second / creep.seconds));
  const swing = moving ? Math.abs(random()) * handGramsMax : 0;
  const noise = random() * noiseDivisions * plan.divisionGrams;
  const steps = Math.round((loadGrams + crept + swing + noise) / plan.divisionGrams);
  const grams = Number((steps * plan.divisionGrams).toFixed(3));
  return { pieces, stolenGrams, moving, grams };
}

/** Which second of a visit it is; undefined: nobody is there. */
function handAt({ firstVisitS, visitEveryS }: ShelfPlan, second: number): number | undefined {
  if (second < firstVisitS) return undefined;
  const passedS = (second - firstVisitS) % visitEveryS;
  return passedS < handS ? passedS : undefined;
}

/** Whoever comes fills up what is low, or takes some pieces of one thing. */
function visited(
  pieces: readonly number[],
  { goods, takesMax }: ShelfPlan,
  random: () => number,
): readonly number[] {
  const isLow = goods.some(({ low }, index) => (pieces[index] ?? 0) <= low);
  const chosen = Math.floor(share(random) * goods.length);
  const taken = 1 + Math.floor(share(random) * takesMax);
  return goods.map(({ low, full }, index) => {
    const there = pieces[index] ?? 0;
    if (isLow) return there <= low ? full : there;
    return index === chosen ? there - Math.min(taken, there) : there;
  });
}

/** In [0, 1). */
function share(random: () => number): number {
  return (random() + 1) / 2;
}
