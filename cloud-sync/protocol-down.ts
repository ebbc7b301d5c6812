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

const jsonObject = z.record(z.string(), z.json());

/**
 * Sections as YAML says them, before any default. A secret travels by its name only, as `{ "!secret": "sms-pin" }` in place
 * of `!secret sms-pin`: its value is looked up on the gateway.
 */
export const sectionsSchema = z.partialRecord(z.enum(managedSections), jsonObject);
export type Sections = z.infer<typeof sectionsSchema>;

/** What these sections shall be, each whole; one that is absent stays as it is. */
export const revisionSchema = z.object({
  kind: z.literal("revision"),
  revision: z.int().min(1).meta({ description: "Ascending for each gateway" }),
  base: z.string().max(64).optional().meta({
    description:
      "Digest of the managed sections that the author saw. Others run meanwhile: refused. Absent: whatever runs is replaced",
  }),
  sections: sectionsSchema,
  comment: z.string().max(2_000).optional(),
});

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

/** A key by which central signs, told over a road that proves who speaks. */
export const signingKeySchema = z.object({
  key: name,
  publicKey: z.string().max(1_000).meta({ description: "Ed25519, SPKI as PEM" }),
  endorsed: z
    .object({ key: name, signature: z.string().regex(/^[\w-]{86}$/) })
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
  sections: sectionsSchema.optional().meta({
    description:
      "What runs now, when central cannot know it: after a local change, a refusal, a first start",
  }),
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

/** JSON characters of the managed sections that a gateway tells; of longer ones it tells the digest only. */
export const configurationCharsMax = 262_144;

/**
 * Body of the event `configuration`: sections that run and are too long for `sections` of the outcome in the same commit. Their
 * JSON comes in `parts` events, in order: `text` joined in the order of `part`. Without `text`: longer than
 * `configurationCharsMax`.
 */
export const configurationSchema = z.object({
  digest: z.string().max(64),
  serial: z.int().min(1),
  part: z.int().min(1),
  parts: z.int().min(1).max(32),
  text: z.string().optional(),
});
export type ConfigurationTold = z.infer<typeof configurationSchema>;
