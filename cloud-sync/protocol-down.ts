import { z } from "zod";
import { messageCharsMax } from "../gateway/down/message.ts";
import { messageNameSchema } from "../gateway/down/outcome.ts";

/**
 * What central tells a gateway. Its messages are numbered without a hole for each gateway; the agent keeps them until the
 * gateway has them, the gateway carries each out once, and what became of it goes back as an event like everything else.
 */

/** Messages in one answer: more are fetched with the next request. */
export const inboxMessagesMax = 16;

/** How long central holds a request for messages open when there is none: shorter than what proxies on the way endure. */
export const inboxWaitMsMax = 25_000;

/** Text of a `Message` as it was signed: `signature` is Ed25519 over its UTF-8 bytes, in base64url. */
export const signedMessageSchema = z.object({
  number: z.int().min(1),
  text: z.string().max(messageCharsMax),
  key: messageNameSchema.meta({ description: "Which of central's keys" }),
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type SignedMessage = z.infer<typeof signedMessageSchema>;

/** A key by which central signs, told over a road that proves who speaks. */
export const signingKeySchema = z.object({
  key: messageNameSchema,
  publicKey: z.string().max(1_000).meta({ description: "Ed25519, SPKI as PEM" }),
  endorsed: z
    .object({ key: messageNameSchema, signature: z.string().regex(/^[\w-]{86}$/) })
    .optional()
    .meta({
      description: "By the key before it, over `trust/<key>`, a line feed and the PEM",
    }),
});
export type SigningKey = z.infer<typeof signingKeySchema>;

export const inboxRequestSchema = z.object({
  after: z.int().min(0).meta({ description: "The highest number that the agent holds; 0: none" }),
  waitMs: z.int().min(0).max(inboxWaitMsMax).default(0),
});

/** Messages after the one that was named, in order; empty when none came in time. */
export const inboxSchema = z.object({
  messages: z.array(signedMessageSchema).max(inboxMessagesMax),
  after: z.int().min(0).optional().meta({
    description:
      "The number that was asked for: what is missing between it and the messages is settled and will never come",
  }),
  generation: z.string(),
  serverTime: z.number(),
});
export type Inbox = z.infer<typeof inboxSchema>;
