import { z } from "zod";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { Policy } from "../stocked.ts";

const figuresSchema = z.record(z.string(), z.union([z.number(), z.string()]));

/** A reorder point that a person is asked for. */
export const proposalSchema = z.strictObject({
  /** `<location>:<item>:<when>`. */
  id: z.string(),
  /** Absent: there is none in force. */
  from: z.number().optional(),
  /** Within one step of `from`. */
  to: z.number(),
  /** What demand and lead time ask for. */
  wanted: z.number(),
  /** The numbers that it was made of, with their units in their names. */
  why: figuresSchema,
  at: z.number(),
});
export type Proposal = z.infer<typeof proposalSchema>;

/** The reorder point of one item at one location as it is kept. */
export const thresholdSchema = z.strictObject({
  version: z.literal(1),
  /** In force; absent: none yet. */
  value: z.number().optional(),
  /** `person`: set in the configuration or approved; `forecast`: reckoned. */
  by: z.enum(["person", "forecast"]).optional(),
  /** What the configuration said then: another one there is a person's word and takes over. */
  configured: z.number().optional(),
  changedAt: z.number().optional(),
  /** The last step did not reach what was wanted: the next ones go on until they do. */
  follows: z.boolean().optional(),
  /** When it was last looked at. */
  reviewedAt: z.number().optional(),
  open: proposalSchema.optional(),
  /** What a person did not want: it is not asked for again while demand asks for about the same. */
  rejected: z.number().optional(),
});
export type Threshold = z.infer<typeof thresholdSchema>;

/** What happened to a reorder point, for the audit trail. */
export interface ThresholdEvent {
  readonly is: "applied" | "proposed" | "withdrawn" | "approved" | "rejected";
  readonly proposal: Proposal;
  readonly at: EpochMs;
  /** Absent: the gateway did it. */
  readonly person?: string;
  readonly comment?: string;
}

export interface Reviewed {
  /** The same object when nothing changed. */
  readonly threshold: Threshold;
  readonly events: readonly ThresholdEvent[];
}

/** The reorder point that holds; undefined: there is none. */
export function inForce(
  threshold: Threshold | undefined,
  { reorderPoint }: Pick<Policy, "reorderPoint">,
): { readonly value: number; readonly by: "person" | "forecast" } | undefined {
  if (threshold?.value !== undefined && threshold.configured === reorderPoint) {
    return { value: threshold.value, by: threshold.by ?? "forecast" };
  }
  return reorderPoint === undefined ? undefined : { value: reorderPoint, by: "person" };
}
