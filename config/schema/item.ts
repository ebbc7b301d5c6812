import { z } from "zod";
import { duration, mass } from "../../drivers/quantity.ts";
import { prioritySchema } from "./rule.ts";

/** Names of items: their SKU or GTIN. They appear in topics, URLs and tables. */
export const itemIdSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });

/** A batch or lot number: what AI (10) can carry, at most 20 characters of GS1 set 82. */
export const lotIdSchema = z
  .string()
  .regex(/^[\x21-\x22\x25-\x2f\x30-\x3f\x41-\x5a\x5f\x61-\x7a]{1,20}$/, { error: "item/lot" });

/** `yyyy-mm-dd`, a day that exists. An expiry date is the last day on which the lot may be used. */
export const dateSchema = z
  .string()
  .refine(isDay, { error: "item/date" })
  .meta({ description: "yyyy-mm-dd" });

function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().slice(0, 10) === text;
}

const positiveMass = () => mass().refine((kg) => kg > 0, { error: "item/zero-weight" });
const amount = z.number().min(0).max(1e9);

export const lotSchema = z.strictObject({
  lot: lotIdSchema.meta({ description: "Batch number, AI (10)" }),
  expires: dateSchema.optional().meta({ description: "Last day of use, AI (17)" }),
});

/** Limits and lead time: of an item everywhere, or (under `at`) at one location. */
const limits = {
  min: amount.optional().meta({ description: "Below this quantity the stock is too low" }),
  max: amount.optional().meta({ description: "Above this quantity there is too much" }),
  reorderPoint: amount.optional().meta({
    description: "Position at which to order (default: reckoned from demand and lead time)",
  }),
  leadTime: duration({ min: 3_600_000 }).optional().meta({ description: "From order to delivery" }),
  leadTimeSpread: duration()
    .optional()
    .meta({ description: "Standard deviation of the lead time (default 0)" }),
  review: duration({ min: 3_600_000 })
    .optional()
    .meta({ description: "Time between two looks at what to order (default stock.review)" }),
  serviceLevel: z.number().min(0.5).max(0.9999).optional().meta({
    description: "Probability that the stock lasts until the delivery (default stock.serviceLevel)",
  }),
};

export const itemSchema = z
  .strictObject({
    name: z.string().max(200).optional(),
    gtin: z
      .string()
      .regex(/^(\d{8}|\d{12,14})$/, { error: "item/gtin" })
      .optional()
      .meta({
        description: "GTIN of its tags and bar codes (default: the item's name, if it is one)",
      }),
    location: z
      .union([z.string(), z.array(z.string()).min(1).max(200)])
      .optional()
      .transform((given) => (given === undefined ? [] : Array.isArray(given) ? given : [given]))
      .meta({ description: "Where it is kept" }),
    unit: z
      .enum(["pcs", "kg", "L", "m"])
      .default("pcs")
      .meta({ description: "What quantities count; only pcs and kg can be weighed" }),
    unitWeight: positiveMass()
      .optional()
      .meta({ description: "Weight of one piece, for example 84.2 g" }),
    unitWeightSpread: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.01)
      .meta({ description: "Standard deviation of one piece's weight, as part of it" }),
    sampledPieces: z
      .int()
      .min(1)
      .max(100_000)
      .default(10)
      .meta({ description: "Pieces that were weighed to find the unit weight" }),
    container: mass().optional().meta({
      description: "Empty weight of the container that it stands in, besides the shelf's tare",
    }),
    ...limits,
    expiryTiers: z
      .array(duration())
      .min(1)
      .max(8)
      .optional()
      .meta({ description: "Time before expiry at which to warn (default stock.expiryTiers)" }),
    deadAfter: duration({ min: 86_400_000 }).optional().meta({
      description: "Without demand for so long it is dead stock (default stock.deadAfter)",
    }),
    lots: z.array(lotSchema).max(1_000).default([]),
    at: z
      .record(z.string(), z.strictObject(limits))
      .default({})
      .meta({ description: "Other limits at one of its locations" }),
  })
  .meta({ description: "A stocked article" });
export type ItemConfig = z.infer<typeof itemSchema>;

/** Everything that is warned of. */
export const warningKinds = [
  "out",
  "below-minimum",
  "below-reorder",
  "above-maximum",
  "overload",
  "near-expiry",
  "expired",
  "short-cover",
  "stock-out-ahead",
  "dead-stock",
  "unexplained-loss",
  "count-mismatch",
  "consumption-anomaly",
  "locked-pick",
  "lot-order",
  "wrong-item",
  "misplaced",
  "missing",
] as const;
export type WarningKind = (typeof warningKinds)[number];

const warningSchema = z.strictObject({
  enabled: z.boolean().optional(),
  priority: prioritySchema.optional(),
  annunciate: z.array(z.string()).max(20).optional(),
  notify: z.array(z.string()).max(20).optional(),
  escalate: z.string().optional(),
});

const day = 86_400_000;

export const stockSchema = z.strictObject({
  serviceLevel: limits.serviceLevel
    .unwrap()
    .default(0.95)
    .meta({ description: "Probability that the stock lasts until the delivery" }),
  review: limits.review
    .unwrap()
    .default(day)
    .meta({ description: "Time between two looks at what to order" }),
  horizon: duration({ min: day })
    .default(30 * day)
    .meta({ description: "How far ahead a stock-out is warned of" }),
  expiryTiers: z
    .array(duration())
    .min(1)
    .max(8)
    .default([90 * day, 30 * day, 7 * day, 0])
    .meta({ description: "Time before expiry at which to warn; 0d: from the first day after it" }),
  deadAfter: duration({ min: day })
    .default(180 * day)
    .meta({ description: "Without demand for so long it is dead stock" }),
  settle: duration({ min: 200, max: 60_000 })
    .default(1_500)
    .meta({ description: "A shelf must rest for so long before its weight counts" }),
  confirm: duration({ max: 3_600_000 })
    .default(5_000)
    .meta({ description: "What goes on and off a shelf within this time is one movement" }),
  thresholds: z.enum(["fixed", "propose", "apply"]).default("propose").meta({
    description:
      "Reorder points that follow demand: never, proposed to a person, or applied within stepMax",
  }),
  stepMax: z.number().min(0.01).max(1).default(0.25).meta({
    description: "Largest change of a reorder point at one review, as part of it",
  }),
  keepFor: duration({ min: 30 * day })
    .default(2 * 366 * day)
    .meta({ description: "How long each movement is kept; older ones are folded into one sum" }),
  notify: z.array(z.string()).max(20).default([]).meta({ description: "Who is told of warnings" }),
  escalate: z.string().optional(),
  annunciate: z.array(z.string()).max(20).default([]),
  warnings: z
    .partialRecord(z.enum(warningKinds), warningSchema)
    .default({})
    .meta({ description: "Settings of single warnings" }),
});
export type StockConfig = z.infer<typeof stockSchema>;
