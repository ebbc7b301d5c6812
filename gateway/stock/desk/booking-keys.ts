import { createHash } from "node:crypto";
import { z } from "zod";
import type { Booking } from "../../panel/stock-api.ts";
import { StockRefusal } from "../stock-refusal.ts";

/** State under this prefix, followed by the key that whoever sent the booking chose. */
export const bookingKeyPrefix = "booked/";

/** Keys that are remembered: a phone that was without network sends again within hours. Beyond: the oldest go. */
export const bookingKeysMax = 5_000;

const keptSchema = z.strictObject({
  version: z.literal(1),
  /** SHA-256 of what was booked and by whom, hex. */
  content: z.string(),
  movements: z.array(z.string()),
  at: z.number(),
});
type Kept = z.infer<typeof keptSchema>;

/** What was booked under which key, so that a double tap or a repeated request books once. */
export class BookingKeys {
  readonly #kept = new Map<string, Kept>();

  /** @param saved state under `bookingKeyPrefix`; what cannot be read is forgotten. */
  constructor(saved: ReadonlyMap<string, unknown>) {
    const read = [...saved].flatMap(([key, json]): [string, Kept][] => {
      const kept = keptSchema.safeParse(json).data;
      if (kept === undefined || !key.startsWith(bookingKeyPrefix)) return [];
      return [[key.slice(bookingKeyPrefix.length), kept]];
    });
    for (const [key, kept] of read.toSorted(([, a], [, b]) => a.at - b.at)) {
      this.#kept.set(key, kept);
    }
  }

  /**
   * Identities of the movements that were booked under the key; undefined: nothing was.
   * @throws RackwatchError `stock/refused` when it was something else.
   */
  find(booking: Booking, person: string): readonly string[] | undefined {
    const { key } = booking;
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept.content === contentOf(booking, person)) return kept.movements;
    throw new StockRefusal("keyTaken", { key: key ?? "" });
  }

  /** @returns the state to be committed with the movements. */
  keep(
    booking: Booking,
    person: string,
    movements: readonly string[],
    at: number,
  ): ReadonlyMap<string, unknown> {
    const { key } = booking;
    const state = new Map<string, unknown>();
    if (key === undefined) return state;
    const content = contentOf(booking, person);
    const kept: Kept = { version: 1, content, movements: [...movements], at };
    this.#kept.set(key, kept);
    state.set(bookingKeyPrefix + key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= bookingKeysMax) break;
      this.#kept.delete(oldest);
      state.set(bookingKeyPrefix + oldest, undefined);
    }
    return state;
  }
}

function contentOf({ key: _, ...booking }: Booking, person: string): string {
  const sorted = Object.entries(booking).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([person, sorted]))
    .digest("hex");
}
