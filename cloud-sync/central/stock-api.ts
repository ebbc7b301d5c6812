import { z } from "zod";
import { warningKinds } from "../../config/schema/item.ts";

/** What central's read API answers about stock: the one source of validation, OpenAPI and the screens' types. */

export const stockRowStates = [
  "ok",
  "out",
  "below-minimum",
  "below-reorder",
  "above-maximum",
] as const;

export const stockRowSchema = z.object({
  gateway: z.string(),
  /** What people call it; absent: its id only. */
  gatewayName: z.string().optional(),
  location: z.string(),
  item: z.string(),
  /** As the gateway's configuration had it at its last start. */
  name: z.string().optional(),
  unit: z.string(),
  /** What the gateway said it had at its last start, and all that moved since. */
  quantity: z.number(),
  /** Milliseconds since 1970, of the last movement. */
  movedAt: z.number().optional(),
  /** Without those of which nothing is left. */
  lots: z.array(z.object({ lot: z.string().optional(), quantity: z.number() })),
  /** By the warnings that are in force. */
  state: z.enum(stockRowStates),
  warnings: z.array(z.enum(warningKinds)),
});
export type StockRow = z.infer<typeof stockRowSchema>;

export const stockPageSchema = z.object({
  stock: z.array(stockRowSchema),
  next: z.string().optional().meta({ description: "Ask again with after=, until it is absent" }),
});

/** As the gateway told it; a gateway that is newer than central may say more. */
export const movementRowSchema = z.object({
  gateway: z.string(),
  epoch: z.string(),
  /** Its number in the gateway's lane of events. */
  seq: z.number(),
  id: z.string(),
  kind: z.string(),
  location: z.string(),
  item: z.string(),
  lot: z.string().optional(),
  quantity: z.number(),
  unit: z.string(),
  at: z.number(),
  body: z.record(z.string(), z.unknown()),
});
export type MovementRow = z.infer<typeof movementRowSchema>;

export const movementPageSchema = z.object({
  movements: z.array(movementRowSchema),
  next: z.string().optional().meta({ description: "Ask again with before=, until it is absent" }),
});
