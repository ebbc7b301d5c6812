import { z } from "zod";
import { lotIdSchema, warningKinds } from "../../config/schema/item.ts";
import { demandClasses } from "../stock/forecast/outlook.ts";
import { adjustReasons, movementKinds, movementSchema } from "../stock/movement.ts";

/** What the gateway's HTTP names of stock answer and take: the one source of validation, OpenAPI and the screens' types. */

export const stockStates = [
  "ok",
  "out",
  "below-minimum",
  "below-reorder",
  "above-maximum",
  "unknown",
] as const;
export type StockState = (typeof stockStates)[number];

export const lotViewSchema = z.object({
  lot: z.string().optional(),
  quantity: z.number(),
  expires: z.string().optional(),
  daysLeft: z.number().optional(),
  state: z.enum(["good", "near-expiry", "expired", "held"]),
  /** What holds it: the excursion's id, or `person`. */
  hold: z.object({ cause: z.string(), since: z.number(), by: z.string().optional() }).optional(),
});
export type LotView = z.infer<typeof lotViewSchema>;

export const stockViewSchema = z.object({
  item: z.string(),
  name: z.string().optional(),
  location: z.string(),
  unit: z.enum(["pcs", "kg", "L", "m"]),
  quantity: z.number(),
  available: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  onOrder: z.number(),
  reserved: z.number(),
  position: z.number(),
  min: z.number().optional(),
  max: z.number().optional(),
  reorderPoint: z.number().optional(),
  reorderPointBy: z.enum(["person", "forecast"]).optional(),
  /** Days that it lasts at the mean demand. */
  coverDays: z.number().optional(),
  stockOutAt: z.number().optional(),
  /** Within the horizon. */
  stockOutProbability: z.number().optional(),
  state: z.enum(stockStates),
  /** Warnings that are in force. */
  warnings: z.array(z.enum(warningKinds)),
  lots: z.array(lotViewSchema),
  movedAt: z.number().optional(),
});
export type StockView = z.infer<typeof stockViewSchema>;

export const stockQuerySchema = z.object({
  location: z.string().optional(),
  item: z.string().optional(),
  /** This location and all that lie within it. */
  within: z.string().optional(),
  state: z.enum(stockStates).optional(),
  /** Only where a warning is in force. */
  show: z.enum(["warned"]).optional(),
  /** Only where some lot is so; `locked`: held or expired. */
  lots: z.enum(["locked", "near-expiry"]).optional(),
  /** Part of an item's id, name or GTIN. */
  search: z.string().max(64).optional(),
  /** From the last page's `next`. */
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
export type StockQuery = z.infer<typeof stockQuerySchema>;
export const stockPageSchema = z.object({
  stock: z.array(stockViewSchema),
  total: z.number(),
  next: z.string().optional(),
});
export type StockPage = z.infer<typeof stockPageSchema>;

export const movementQuerySchema = z.object({
  location: z.string().optional(),
  item: z.string().optional(),
  lot: z.string().optional(),
  kind: z.enum(movementKinds).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  /** From the last page's `next`. */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export type MovementQuery = z.infer<typeof movementQuerySchema>;
/** Newest first; `seq` counts the ledger's rows. */
export const movementViewSchema = movementSchema.extend({ seq: z.number() });
export type MovementView = z.infer<typeof movementViewSchema>;
export const movementPageSchema = z.object({
  movements: z.array(movementViewSchema),
  next: z.number().optional(),
});
export type MovementPage = z.infer<typeof movementPageSchema>;

/** What AI (10) can carry; in words where it cannot. */
const lotText = z.string().refine((lot) => lotIdSchema.safeParse(lot).success, {
  error: "a lot number is 1 to 20 characters of a bar code, without blanks",
});

/** What a person books by hand. Quantities are positive but for `adjust`; `count` says how much there is. */
export const bookingSchema = z.strictObject({
  kind: z.enum(["receipt", "issue", "transfer", "count", "adjust", "pick", "put"]),
  item: z.string().min(1).max(63),
  location: z.string().min(1).max(63),
  lot: lotText.optional(),
  /** yyyy-mm-dd, a day that exists: the last one of use. */
  expires: z.iso.date().optional(),
  quantity: z.number().min(-1e9).max(1e9),
  /** Of a transfer: where it goes. */
  to: z.string().max(63).optional(),
  reason: z.enum(adjustReasons).optional(),
  document: z.string().max(64).optional(),
  note: z.string().max(500).optional(),
  /** Chosen by who sends it: the same again changes nothing. */
  key: z.string().min(1).max(64).optional(),
});
export type Booking = z.infer<typeof bookingSchema>;
export const bookedSchema = z.object({
  movements: z.array(movementSchema),
  /** The same had been booked before; nothing changed. */
  repeated: z.boolean(),
});
export type Booked = z.infer<typeof bookedSchema>;

export const itemViewSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  gtin: z.string().optional(),
  unit: z.enum(["pcs", "kg", "L", "m"]),
  locations: z.array(z.string()),
  /** Grams. */
  unitWeight: z.number().optional(),
  from: z.enum(["configuration", "import"]),
});
export type ItemView = z.infer<typeof itemViewSchema>;

/** A reorder point that a person is asked for. */
export const proposalViewSchema = z.object({
  id: z.string(),
  from: z.number().optional(),
  to: z.number(),
  wanted: z.number(),
  why: z.record(z.string(), z.union([z.number(), z.string()])),
  at: z.number(),
});
export type ProposalView = z.infer<typeof proposalViewSchema>;

/** A proposal that waits for a decision, with what it is about. */
export const openProposalSchema = proposalViewSchema.extend({
  location: z.string(),
  item: z.string(),
  name: z.string().optional(),
  unit: z.enum(["pcs", "kg", "L", "m"]),
});
export type OpenProposal = z.infer<typeof openProposalSchema>;

/** One item at one location with its past and its future. A day is the gateway's. */
export const itemOutlookSchema = z.object({
  stock: stockViewSchema,
  class: z.enum(demandClasses).optional(),
  method: z.string().optional(),
  perDay: z.number().optional(),
  reviewedAt: z.number().optional(),
  /** What the numbers are reckoned with: times in days, quantities in the item's unit. */
  basis: z
    .object({
      leadTimeDays: z.number().optional(),
      leadTimeSpreadDays: z.number(),
      reviewDays: z.number(),
      horizonDays: z.number(),
      /** 0 to 1. */
      serviceLevel: z.number(),
      /** Distribution of a day's demand. */
      model: z.enum(["normal", "poisson", "negbin", "compound"]).optional(),
      /** Days of history. */
      historyDays: z.number().optional(),
      safetyStock: z.number().optional(),
      /** What demand and lead time ask for; the one in force follows it step by step. */
      reorderPointWanted: z.number().optional(),
      deliveryAt: z.number().optional(),
    })
    .optional(),
  /** Quantity at the end of each past day, oldest first, and what went out on it. */
  days: z.array(z.object({ day: z.string(), quantity: z.number(), demand: z.number() })),
  /** Projection: the median and the band that holds 80 %, day by day from tomorrow. */
  fan: z.array(
    z.object({ day: z.string(), low: z.number(), median: z.number(), high: z.number() }),
  ),
  proposal: proposalViewSchema.optional(),
});
export type ItemOutlook = z.infer<typeof itemOutlookSchema>;

/** What an import did, row by row where it did not. */
export const importResultSchema = z.object({
  rows: z.number(),
  landed: z.number(),
  /** Rows that were there before, to the letter. */
  repeated: z.number(),
  bad: z.array(
    z.object({
      line: z.number(),
      column: z.string().optional(),
      reason: z.string(),
      text: z.string(),
    }),
  ),
  /** More bad rows than are named. */
  badMore: z.number(),
  encoding: z.string(),
  delimiter: z.string(),
});
export type ImportResult = z.infer<typeof importResultSchema>;
export const importKinds = ["items", "movements", "counts", "orders", "tags"] as const;
export type ImportKind = (typeof importKinds)[number];

export const releaseSchema = z.strictObject({
  location: z.string(),
  item: z.string(),
  lot: z.string().optional(),
  to: z.enum(["released", "rejected"]),
  comment: z.string().min(3).max(500),
});
export type Release = z.infer<typeof releaseSchema>;

export const holdBodySchema = z.strictObject({
  location: z.string(),
  item: z.string(),
  lot: z.string().optional(),
  comment: z.string().min(3).max(500),
});
export type HoldBody = z.infer<typeof holdBodySchema>;

export const decisionSchema = z.strictObject({
  approve: z.boolean(),
  comment: z.string().max(500).optional(),
});

/** What a scanned code says; nothing but `problem` when it says nothing of stock. */
export const scannedSchema = z.object({
  item: z.string().optional(),
  name: z.string().optional(),
  lot: z.string().optional(),
  expires: z.string().optional(),
  serial: z.string().optional(),
  quantity: z.number().optional(),
  problem: z.string().optional(),
});
export type Scanned = z.infer<typeof scannedSchema>;

/** One case of the comparison tags x weight x ledger. */
export const mismatchViewSchema = z.object({
  location: z.string(),
  item: z.string(),
  case: z.string(),
  ledger: z.number(),
  weight: z.number().optional(),
  tags: z.number().optional(),
  since: z.number().optional(),
});
export type MismatchView = z.infer<typeof mismatchViewSchema>;
