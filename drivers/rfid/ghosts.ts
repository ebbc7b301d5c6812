import type { GhostReason } from "./protocol.ts";

/** Why a sighting or a tag was not counted: what the link refused, and what presence did. */
export type Doubt =
  | GhostReason
  /** Seen by an antenna that no device names. */
  | "no-device"
  /** More tags in the field than are followed at once. */
  | "field-full";

/** Sightings that were not believed, of one device, by reason. Nothing is dropped without being counted here. */
export class GhostBook {
  readonly #counts = new Map<Doubt, number>();
  #total = 0;

  add(reason: Doubt, count = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
    this.#total += count;
  }

  get total(): number {
    return this.#total;
  }

  /** `tag-crc=3 weak-signal=12`, the last reason first; empty without a ghost. */
  text(last: Doubt | undefined): string {
    const entries = [...this.#counts].sort(([one], [other]) => {
      if (one === last || other === last) return one === last ? -1 : 1;
      return one < other ? -1 : 1;
    });
    return entries.map(([reason, count]) => `${reason}=${count}`).join(" ");
  }
}
