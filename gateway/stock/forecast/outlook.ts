import { z } from "zod";

/** Syntetos-Boylan classes, and what has too little history for one. */
export const demandClasses = ["none", "new", "smooth", "erratic", "intermittent", "lumpy"] as const;
export type DemandClass = (typeof demandClasses)[number];

/** Demand of one period: what sums over several periods are made of. */
export const demandModelSchema = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("normal"), mean: z.number(), sd: z.number() }),
  z.strictObject({ is: z.literal("poisson"), mean: z.number() }),
  z.strictObject({ is: z.literal("negbin"), mean: z.number(), variance: z.number() }),
  /** Something is taken with probability `p` in a period; then one of these quantities. */
  z.strictObject({
    is: z.literal("compound"),
    p: z.number(),
    sizes: z.array(z.tuple([z.number(), z.number()])),
  }),
]);
export type DemandModel = z.infer<typeof demandModelSchema>;

/** What the forecast found of one item at one location, at one review. A period is a day. */
export const outlookSchema = z.strictObject({
  version: z.literal(1),
  class: z.enum(demandClasses),
  /** The method whose back-test was best, for example `tsb`, and the distribution, for example `compound`. */
  method: z.string(),
  /** Mean demand per day ahead. */
  perDay: z.number(),
  /** Standard error of `perDay`, as part of it: how well it is known. */
  error: z.number().optional(),
  model: demandModelSchema,
  /** Days of history that it was made of. */
  days: z.number(),
  /** Reorder point and safety stock for the policy that held then; absent without a lead time. */
  reorderPoint: z.number().optional(),
  safetyStock: z.number().optional(),
  /** Mean pinball loss at the service level in the back-test, in the item's unit. */
  pinball: z.number().optional(),
  reviewedAt: z.number(),
});
export type Outlook = z.infer<typeof outlookSchema>;
