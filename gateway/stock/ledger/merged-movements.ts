import { movementId } from "../epcis/movement-id.ts";
import type { Movement } from "../movement.ts";
import { exact } from "./quantity.ts";

interface Merged {
  readonly last: Movement;
  readonly since: number;
  readonly quantity: number;
  readonly count: number;
}

/**
 * Movements that memory could not keep one by one while the disk refused: one for each lot at each place, so that stock
 * stays the sum of its movements. They are as many as there are balances, at the most.
 */
export class MergedMovements {
  readonly #byPlace = new Map<string, Merged>();

  add(movement: Movement): void {
    const { location, item, lot = "", quantity, at, since } = movement;
    const place = `${location}/${item}/${lot}`;
    const before = this.#byPlace.get(place);
    this.#byPlace.set(place, {
      last: movement,
      since: Math.min(before?.since ?? at, since ?? at),
      quantity: exact((before?.quantity ?? 0) + quantity),
      count: (before?.count ?? 0) + 1,
    });
  }

  /** What came back to where it was has left nothing to tell. */
  list(): readonly Movement[] {
    return [...this.#byPlace.values()].flatMap((merged) =>
      merged.quantity === 0 ? [] : [movementOf(merged)],
    );
  }

  clear(): void {
    this.#byPlace.clear();
  }
}

function movementOf({ last, since, quantity, count }: Merged): Movement {
  const { item, location, lot, lotBy, unit, at, clock, evidence, epcis } = last;
  const draft = {
    kind: quantity < 0 ? ("pick" as const) : ("put" as const),
    ...{ item, location, quantity, unit, at, since, clock },
    ...(lot !== undefined && { lot }),
    ...(lotBy !== undefined && { lotBy }),
    ...(epcis !== undefined && { epcis }),
    evidence: { by: evidence.by, note: `${count} movements in one: the disk refused for too long` },
  };
  return { ...draft, id: movementId(draft) };
}
