import { type Change, type Part, residualSigmas } from "./change.ts";
import { type Explanation, explain } from "./explain.ts";
import type { PieceWeight } from "./weigh.ts";

/** What the steps of one movement come to. */
export interface Outcome {
  /** One entry an item. */
  readonly moved: readonly Part[];
  /** Containers that came or went with them, kg. */
  readonly containerKg: number;
  /** Steps that no single reading of the facts explains. */
  readonly open: readonly {
    readonly is: "unexplained" | "ambiguous";
    readonly kg: number;
    readonly candidates: readonly Part[];
    /** What was not explained before went as it had come. */
    readonly returned?: true;
  }[];
}

/** A change and the rests that the shelf passed on its way, as changes from one to the next. */
export interface SteppedChange extends Change {
  readonly steps: readonly number[];
}

/**
 * A shelf with one item is explained by the whole change, because the roundings of single steps add up. With several items
 * single steps say more: 100 g and then 150 g are two things, 250 g may be a third.
 */
export function explainSteps(change: SteppedChange, items: readonly PieceWeight[]): Outcome {
  const { steps, ...facts } = change;
  const whole = explain(facts, items);
  const left = withoutReturns(steps, change.sdKg);
  if (left.length < 2 || (items.length < 2 && isClear(whole)))
    return outcomeOf([[change.kg, whole]]);
  const each = left.map((kg): Explained => [kg, explain({ ...facts, kg }, items)]);
  if (each.every(([, how]) => isClear(how))) return outcomeOf(each);
  if (isClear(whole) || whole.is === "ambiguous") return outcomeOf([[change.kg, whole]]);
  return outcomeOf(each);
}

type Explained = readonly [kg: number, how: Explanation];

function isClear({ is }: Explanation): boolean {
  return is === "moved" || is === "returned";
}

/** What was lifted and put back, or put down and taken again, is no change. */
function withoutReturns(steps: readonly number[], sdKg: number): readonly number[] {
  const left: number[] = [];
  for (const step of steps) {
    const back = left.findIndex((known) => Math.abs(known + step) <= residualSigmas * sdKg);
    if (back < 0) left.push(step);
    else left.splice(back, 1);
  }
  return left;
}

function outcomeOf(all: readonly Explained[]): Outcome {
  const moved = new Map<string, Part>();
  let containerKg = 0;
  const open: Outcome["open"][number][] = [];
  for (const [kg, how] of all) {
    if (how.is === "moved") {
      containerKg += how.containerKg;
      for (const part of how.parts) moved.set(part.item, sumOf(moved.get(part.item), part));
    } else {
      const candidates = how.is === "ambiguous" ? how.candidates : [];
      const is = how.is === "ambiguous" ? "ambiguous" : "unexplained";
      const returned = how.is === "returned" ? { returned: true as const } : {};
      open.push({ is, kg, candidates, ...returned });
    }
  }
  const parts = [...moved.values()].filter(({ pieces }) => pieces !== 0);
  return { moved: parts, containerKg, open };
}

function sumOf(known: Part | undefined, part: Part): Part {
  if (known === undefined) return part;
  const pieces = known.pieces + part.pieces;
  return { item: part.item, pieces, sdKg: Math.hypot(known.sdKg, part.sdKg) };
}
