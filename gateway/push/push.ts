import { z } from "zod";
import { languageSchema } from "../../config/language/language.ts";
import { channelKinds } from "../../config/schema/notify.ts";
import { prioritySchema } from "../../config/schema/rule.ts";

/**
 * One message to one address, queued by the gateway under the state key `push/<seq>` and delivered at least once: SMS
 * by the gateway's own modem, all else by the agent. It leaves the queue when its delivery is known.
 */
export const pushSchema = z.strictObject({
  version: z.literal(1),
  /** Unique in an epoch, and the idempotency key towards receivers. */
  id: z.string(),
  /** A key of `notify`. */
  receiver: z.string(),
  channel: z.enum(channelKinds),
  /** Which of the receiver's numbers or mail addresses; 0 for channels with one. */
  address: z.int().min(0),
  kind: z.enum([
    "raised",
    "escalated",
    "reminder",
    "returned",
    "ended",
    "digest",
    "historic",
    "notice",
    "test",
  ]),
  /** All that is sent of one occurrence has one thread: `rule#occurrence`; absent for digests and notices. */
  alarm: z.string().optional(),
  priority: prioritySchema,
  language: languageSchema,
  /** One line, 70 characters at most: what an SMS says in one segment. */
  short: z.string(),
  title: z.string(),
  /** Several lines, plain text. */
  text: z.string(),
  /** For machines (webhook, MQTT, PagerDuty). */
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Signed link to acknowledge, when links are on. */
  link: z.string().optional(),
  createdAt: z.number(),
  /** Given up after this many milliseconds of trying. */
  ttlMs: z.number(),
});
export type Push = z.infer<typeof pushSchema>;

/** Saved pushes stand under this prefix, followed by 12 digits. */
export const pushKeyPrefix = "push/";

export function pushKey(seq: number): string {
  return pushKeyPrefix + String(seq).padStart(12, "0");
}

/** What became of a push; the agent keeps it in sync.db (table `delivery`), the modem's in memory. */
export interface Delivery {
  /** Of the push. */
  readonly id: string;
  readonly state: "waiting" | "delivered" | "dead";
  readonly attempts: number;
  readonly at: number;
  /** The last failure, in words. */
  readonly problem?: string;
}
