import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";

/**
 * What a movement was. `pick` and `put` are seen by a scale or a reader; `receipt`, `issue` and `transfer` are booked
 * with a document; `count` says how much there is; `adjust` corrects with a reason.
 */
export const movementKinds = [
  "pick",
  "put",
  "receipt",
  "issue",
  "transfer",
  "count",
  "adjust",
] as const;
export type MovementKind = (typeof movementKinds)[number];

/** Why a person corrects a quantity. */
export const adjustReasons = [
  "damaged",
  "expired",
  "lost",
  "found",
  "theft",
  "sample",
  "correction",
] as const;

/** What a movement is believed by. Weights in kg, net of the tare. */
export const evidenceSchema = z.strictObject({
  by: z.enum(["weight", "tags", "person", "import", "central"]),
  weightBefore: z.number().optional(),
  weightAfter: z.number().optional(),
  /** What the whole number of pieces leaves unexplained, in kg. */
  residual: z.number().optional(),
  /** The number of pieces lies between these with 95 % probability; signed like the quantity. */
  interval: z.tuple([z.number(), z.number()]).optional(),
  /** EPCs as hex, `tagsOnRecordMax` at most. */
  tags: z.array(z.string()).optional(),
  person: z.string().optional(),
  /** Order, delivery note or file. */
  document: z.string().optional(),
  /** For a count: what was there by the ledger, and what was found. */
  expected: z.number().optional(),
  counted: z.number().optional(),
  note: z.string().optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** More tags than this are not on record one by one with a movement. */
export const tagsOnRecordMax = 200;

/** One change of stock at one location. Stock is the sum of them. */
export const movementSchema = z.strictObject({
  /** `ni:///sha-256;<hex>?ver=CBV2.0`: the hash of what it says, so that a retry is the same movement. */
  id: z.string(),
  kind: z.enum(movementKinds),
  item: z.string(),
  location: z.string(),
  /** Absent: not known. */
  lot: z.string().optional(),
  /** In the item's unit; negative: less than before. Zero only for a count that confirms. */
  quantity: z.number(),
  unit: z.enum(["pcs", "kg", "L", "m"]),
  at: z.number(),
  /** Not exactly at `at`, but between this and it: nobody watched. */
  since: z.number().optional(),
  clock: z.enum(["synchronized", "unsynchronized", "unset"]),
  /** How the lot is known; `fefo`: taken for the one that expires first. */
  lotBy: z.enum(["tag", "person", "import", "fefo", "only"]).optional(),
  reason: z.enum(adjustReasons).optional(),
  /** The other side of a transfer. */
  partner: z.string().optional(),
  /** Identity of what was asked for, where lots or a count's difference made another movement of it. */
  asked: z.string().optional(),
  evidence: evidenceSchema,
  /**
   * What its EPCIS event says of the gateway and the item, as it was when it was booked: the hash holds these too, so
   * later changes of the configuration must not change them.
   */
  epcis: z
    .strictObject({
      gateway: z.string(),
      /** Of the gateway's time zone at that instant: `+08:00`. */
      offset: z.string().regex(/^[+-]\d\d:\d\d$/),
      /** 14 digits. */
      gtin: z
        .string()
        .regex(/^\d{14}$/)
        .optional(),
    })
    .optional(),
});
export type Movement = z.infer<typeof movementSchema>;

/** A movement before it has its identity. */
export type MovementDraft = Omit<Movement, "id">;

/** What pieces of one item and lot are at one location. */
export interface Balance {
  readonly location: string;
  readonly item: string;
  readonly lot?: string;
  readonly quantity: number;
  /** Of the last movement. */
  readonly movedAt: EpochMs;
  /** When something was last picked or issued; absent: never. */
  readonly takenAt?: EpochMs;
}

/** A lot is put aside until a person with the quality role releases or rejects it. */
export const holdSchema = z.strictObject({
  version: z.literal(1),
  location: z.string(),
  item: z.string(),
  /** Absent: pieces whose lot is not known. */
  lot: z.string().optional(),
  /** The excursion's id, or `person`. */
  cause: z.string(),
  /** Further excursions that came while it was held. */
  also: z.array(z.string()).optional(),
  since: z.number(),
  by: z.string().optional(),
  comment: z.string().optional(),
  released: z
    .strictObject({
      to: z.enum(["released", "rejected"]),
      by: z.string(),
      at: z.number(),
      comment: z.string().optional(),
    })
    .optional(),
});
export type Hold = z.infer<typeof holdSchema>;

/** Open quantity of an order that comes in, or of a reservation that goes out. */
export const orderSchema = z.strictObject({
  version: z.literal(1),
  /** With `line` the identity: the same again replaces it. */
  document: z.string().min(1).max(64),
  line: z.string().max(16).default("1"),
  kind: z.enum(["order", "reservation"]),
  item: z.string(),
  location: z.string(),
  /** 0: closed. */
  quantity: z.number().min(0),
  /** Promised delivery, or when it is needed. */
  due: z.number().optional(),
  supplier: z.string().max(120).optional(),
  orderedAt: z.number().optional(),
  /** As it was ordered, while `quantity` is what is still open. */
  given: z.number().optional(),
  /** Of the first goods that came of it. */
  receivedAt: z.number().optional(),
});
export type Order = z.infer<typeof orderSchema>;

/** What one tag is on: registered by a receipt, an import or a person. */
export const tagSchema = z.strictObject({
  version: z.literal(1),
  /** Hex, upper case. */
  epc: z.string().regex(/^([0-9A-F]{4}){2,31}$/),
  item: z.string(),
  lot: z.string().optional(),
  expires: z.string().optional(),
  serial: z.string().max(20).optional(),
  /** Pieces under this tag: 1, or those of a box. */
  pieces: z.number().positive().default(1),
  /** Where it belongs; absent: where its item belongs. */
  home: z.string().optional(),
});
export type Tag = z.infer<typeof tagSchema>;

/** Keys of the store's state, each followed by what it says. Lots and documents are percent-encoded. */
export const stockKeys = {
  /** `stock/<location>/<item>/<lot>`: `Balance`; the lot is empty where it is not known. */
  balance: "stock/",
  /** `lot/<item>/<lot>`: `LotFacts`. */
  lot: "lot/",
  /** `hold/<location>/<item>/<lot>`: `Hold`. */
  hold: "hold/",
  /** `order/<document>/<line>`: `Order`. */
  order: "order/",
  /** `delivery/<item>`: how long its last deliveries took. */
  delivery: "delivery/",
  /** `tag/<epc>`: `Tag`. */
  tag: "tag/",
  /** `item/<item>`: an item that was imported, as the configuration would write it. */
  item: "item/",
  /** `weigh/<location>`: how a shelf stands. */
  weigh: "weigh/",
  /** `presence/<location>`: the tags that were last believed to be there. */
  presence: "presence/",
  /** `mismatch/<location>/<item>`: in which way ledger, scale and tags were told to differ. */
  mismatch: "mismatch/",
  /** `demand/<location>/<item>`: what went out, day by day. */
  demand: "demand/",
  /** `outlook/<location>/<item>`: what the forecast found at the last review. */
  outlook: "outlook/",
  /** `consumption/<location>/<item>`: when demand was last out of the ordinary. */
  consumption: "consumption/",
  /** `proposal/<location>/<item>`: a reorder point that waits for approval, or the one that was approved. */
  proposal: "proposal/",
} as const;

/** What is known of a lot wherever it is. */
export const lotFactsSchema = z.strictObject({
  version: z.literal(1),
  item: z.string(),
  lot: z.string(),
  /** yyyy-mm-dd, the last day of use. */
  expires: z.string().optional(),
  receivedAt: z.number().optional(),
  /** Who set the expiry date against what was known before. */
  correctedBy: z.string().optional(),
});
export type LotFacts = z.infer<typeof lotFactsSchema>;
