import { z } from "zod";
import type { Start } from "../../rules/rule-state.ts";
import { knownWeightSchema } from "./piece-weight.ts";

/** What is kept of a shelf across a restart: how it stood when it last rested and all before was told. */
export const shelfStateSchema = z.strictObject({
  version: z.literal(1),
  boot: z.string(),
  mono: z.number(),
  at: z.number(),
  /** Whether `at` can be believed. */
  synchronized: z.boolean(),
  /** As the scale gave it. */
  grossKg: z.number(),
  /** What zero tracking has found. */
  zeroKg: z.number(),
  /** The scale came back with another zero, by so much. */
  shiftKg: z.number(),
  overloaded: z.boolean(),
  book: z.strictObject({
    pieces: z.record(z.string(), z.number()),
    strangeKg: z.number(),
    known: z.record(z.string(), knownWeightSchema),
  }),
  seepage: z
    .strictObject({
      anchorKg: z.number(),
      fromKg: z.number(),
      fromAt: z.number(),
      told: z.boolean(),
    })
    .optional(),
});
export type ShelfState = z.infer<typeof shelfStateSchema>;

/** Undefined: nothing was kept, or nothing that can be read. */
export function readShelfState(saved: unknown): ShelfState | undefined {
  const parsed = shelfStateSchema.safeParse(saved);
  return parsed.success ? parsed.data : undefined;
}

/** Time since the shelf was seen at rest; Infinity when it cannot be known. */
export function elapsedSince(state: ShelfState, { instant, boot, clockSynchronized }: Start) {
  // In the same boot it may be younger than the start: of a shelf that was set up anew.
  if (state.boot === boot) return Math.max(0, instant.mono - state.mono);
  const elapsedMs = instant.at - state.at;
  const isBelieved = state.synchronized && clockSynchronized() && elapsedMs >= 0;
  return isBelieved ? elapsedMs : Number.POSITIVE_INFINITY;
}
