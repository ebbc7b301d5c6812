import type { UnitState } from "./breaker.ts";
import { answerForm } from "./frame.ts";
import type { ReadRequest } from "./plan.ts";
import { registersMaxLimit } from "./schema.ts";

/** A short read whose answer is thrown away: it shows that what a unit answers next belongs to what it is asked. */
export interface Sentinel {
  readonly request: Omit<ReadRequest, "places">;
  /**
   * Its answer has a form that nothing outstanding has. A device answers in order, so with this answer everything
   * asked before has come or never will.
   */
  readonly isProof: boolean;
  /** Longer or shorter than what the configuration reads: that a device refuses it is an answer as well. */
  readonly isDerived: boolean;
}

/** Reads that are tried in one turn: enough past a few that a device refuses. */
const sentinelsMax = 4;

/** From this many failures on, a unit may be one that keeps silent about reads of a length that it does not know. */
const lenientFailures = 3;

/** What a unit with outstanding answers is asked before its answers count; the first that it answers is enough. */
export function sentinelsFor(
  requests: readonly ReadRequest[],
  state: UnitState,
): readonly Sentinel[] {
  const [shortest, ...others] = requests.toSorted((a, b) => a.count - b.count);
  if (shortest === undefined || state.outstanding.length === 0) return [];
  const own: Sentinel = { request: shortest, isProof: false, isDerived: false };
  if (state.failures >= lenientFailures && state.failures % 2 === 1) return [own];
  const taken = new Set([...state.outstanding, ...requests.map(answerForm)]);
  const derived = lengths(shortest)
    .map((count) => ({ ...shortest, count }))
    .find((request) => !taken.has(answerForm(request)));
  const fresh = [shortest, ...others]
    .filter((request) => !state.outstanding.includes(answerForm(request)))
    .map((request) => ({ request, isProof: true, isDerived: false }));
  const proofs = [
    ...fresh.slice(0, sentinelsMax - 1),
    ...(derived === undefined ? [] : [{ request: derived, isProof: true, isDerived: true }]),
  ];
  return proofs.length > 0 ? proofs : [own];
}

/** Other lengths of a read, the shorter ones first: they ask for nothing that is not there. */
function lengths({ table, address, count }: ReadRequest): readonly number[] {
  const isBits = table === "coil" || table === "discrete";
  const step = isBits ? 8 : 1;
  return [-1, -2, 1, 2, 3]
    .map((steps) => count + steps * step)
    .filter((other) => other >= 1 && other <= registersMaxLimit && address + other <= 65_536);
}
