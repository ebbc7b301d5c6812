import { listRecord, readList, recordKeys } from "./tag-records.ts";

/**
 * Tags that no item claims and that were told once. At the limit no further ones are told, until some of these are
 * registered: a neighbour's shipment in the field must not fill the record.
 */
export const strangersMax = 500;

export class Strangers {
  readonly #told: Set<string>;

  constructor(saved: ReadonlyMap<string, unknown>) {
    this.#told = new Set(readList(saved.get(recordKeys.strangers)));
  }

  /** @returns those that were never told before. */
  note(epcs: readonly string[], isKnown: (epc: string) => boolean): readonly string[] {
    const fresh = epcs.filter((epc) => !this.#told.has(epc));
    if (fresh.length === 0) return [];
    if (this.#told.size + fresh.length > strangersMax)
      for (const epc of this.#told) if (isKnown(epc)) this.#told.delete(epc);
    const taken = fresh.slice(0, strangersMax - this.#told.size);
    for (const epc of taken) this.#told.add(epc);
    return taken;
  }

  get record(): unknown {
    return listRecord(this.#told);
  }
}
