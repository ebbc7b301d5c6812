import { z } from "zod";
import { sectionsSchema } from "../../config/managed-sections.ts";
import { commandActions, messageNameSchema } from "./outcome.ts";

/** Characters of one message: rules, items and receivers of a large site fit; it travels in one answer. */
export const messageCharsMax = 1_048_576;

/** What these sections shall be, each whole; one that is absent stays as it is. */
const revisionSchema = z.object({
  kind: z.literal("revision"),
  revision: z.int().min(1).meta({ description: "Ascending for each gateway" }),
  base: z.string().max(64).optional().meta({
    description:
      "Digest of the managed sections that the author saw. Others run meanwhile: refused. Absent: whatever runs is replaced",
  }),
  sections: sectionsSchema,
  comment: z.string().max(2_000).optional(),
});
export type Revision = z.infer<typeof revisionSchema>;

const commandSchema = z.object({
  kind: z.literal("command"),
  id: messageNameSchema.meta({
    description: "Whatever comes again under the same id is done once",
  }),
  action: z.enum(commandActions),
  target: z.string().max(256).optional().meta({
    description:
      "Rule of the alarm; annunciator or output to test; channel. Of a silence: absent, or all",
  }),
  comment: z.string().max(2_000).optional(),
});
export type Command = z.infer<typeof commandSchema>;

/** What central says to a gateway and signs. */
export const messageSchema = z.object({
  gateway: messageNameSchema,
  number: z.int().min(1),
  issuedAt: z.number(),
  /** Not to be carried out any more from then on, by the gateway's clock once it is right. */
  expiresAt: z.number().optional(),
  /** Who said so, as central knows the person. */
  by: z.string().min(1).max(200),
  body: z.discriminatedUnion("kind", [revisionSchema, commandSchema]),
});
export type Message = z.infer<typeof messageSchema>;
