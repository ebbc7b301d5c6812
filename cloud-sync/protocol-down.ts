import { z } from "zod";

/**
 * What central tells a gateway. Its messages are numbered without a hole for each gateway; the agent keeps them until the
 * gateway has them, the gateway carries each out once, and what became of it goes back as an event like everything else.
 */

/** Characters of one message: rules, items and receivers of a large site fit; it travels in one answer. */
export const messageCharsMax = 1_048_576;

/** Messages in one answer: more are fetched with the next request. */
export const inboxMessagesMax = 16;

/** How long central holds a request for messages open when there is none: shorter than what proxies on the way endure. */
export const inboxWaitMsMax = 25_000;

const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);

/** Sections of a gateway's configuration that central may have a say in; devices and wires are the technician's. */
export const managedSections = [
  "rules",
  "items",
  "profiles",
  "schedules",
  "notify",
  "escalation",
] as const;
export type ManagedSection = (typeof managedSections)[number];

const jsonObject = z.record(z.string(), z.json());

/** What these sections shall be, each whole; one that is absent stays as it is. */
export const revisionSchema = z.object({
  kind: z.literal("revision"),
  revision: z.int().min(1).meta({ description: "Ascending for each gateway" }),
  base: z.string().max(64).optional().meta({
    description:
      "Digest of the managed sections that the author saw. Others run meanwhile: refused. Absent: whatever runs is replaced",
  }),
  sections: z.partialRecord(z.enum(managedSections), jsonObject),
  comment: z.string().max(2_000).optional(),
});
export type Revision = z.infer<typeof revisionSchema>;

export const commandActions = [
  "acknowledge",
  "silence",
  "test",
  "restart-channel",
  "send-logs",
] as const;

export const commandSchema = z.object({
  kind: z.literal("command"),
  id: name.meta({ description: "Whatever comes again under the same id is done once" }),
  action: z.enum(commandActions),
  /** Rule of the alarm, name of the annunciator, or of the channel. */
  target: z.string().max(256).optional(),
  comment: z.string().max(2_000).optional(),
});
export type Command = z.infer<typeof commandSchema>;

/** What central says and signs. */
export const messageSchema = z.object({
  gateway: name,
  number: z.int().min(1),
  issuedAt: z.number(),
  /** Not to be carried out any more from then on, by the gateway's clock once it is right. */
  expiresAt: z.number().optional(),
  /** Who said so, as central knows the person. */
  by: z.string().min(1).max(200),
  body: z.discriminatedUnion("kind", [revisionSchema, commandSchema]),
});
export type Message = z.infer<typeof messageSchema>;

/** Text of a `Message` as it was signed: `signature` is Ed25519 over its UTF-8 bytes, in base64url. */
export const signedMessageSchema = z.object({
  number: z.int().min(1),
  text: z.string().max(messageCharsMax),
  key: name.meta({ description: "Which of central's keys" }),
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type SignedMessage = z.infer<typeof signedMessageSchema>;

export const inboxRequestSchema = z.object({
  after: z.int().min(0).meta({ description: "The highest number that the agent holds; 0: none" }),
  waitMs: z.int().min(0).max(inboxWaitMsMax).default(0),
});

/** Messages after the one that was named, in order; empty when none came in time. */
export const inboxSchema = z.object({
  messages: z.array(signedMessageSchema).max(inboxMessagesMax),
  generation: z.string(),
  serverTime: z.number(),
});
export type Inbox = z.infer<typeof inboxSchema>;

/** Body of the event `revision`: what became of one, whoever made it. */
export const revisionOutcomeSchema = z.object({
  /** Central's number; absent for one that was made at the gateway. */
  revision: z.int().min(1).optional(),
  /** Ascending number of the configuration at this gateway, over all who change it. */
  serial: z.int().min(1),
  outcome: z.enum(["applied", "confirmed", "refused", "rolled-back"]),
  /** Who: `central`, `file` (somebody edited it), `panel`, `command` (`rackwatch apply`). */
  source: z.enum(["central", "file", "panel", "command"]),
  author: z.string().max(200),
  /** Digest of the managed sections that run now. */
  digest: z.string().max(64),
  reason: z.string().max(4_000).optional(),
});
export type RevisionOutcome = z.infer<typeof revisionOutcomeSchema>;

/** Body of the event `command`: what became of one. */
export const commandOutcomeSchema = z.object({
  id: name,
  action: z.enum(commandActions),
  target: z.string().max(256).optional(),
  by: z.string().max(200),
  outcome: z.enum(["done", "refused", "expired", "failed"]),
  reason: z.string().max(2_000).optional(),
});
export type CommandOutcome = z.infer<typeof commandOutcomeSchema>;
