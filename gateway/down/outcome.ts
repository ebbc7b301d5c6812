import { z } from "zod";
import { sectionsSchema } from "../../config/managed-sections.ts";

/** Characters of a reason that an outcome carries: the first errors of a check fit. */
export const reasonCharsMax = 4_000;

const commandReasonCharsMax = 2_000;

export const revisionOutcomes = ["applied", "confirmed", "refused", "rolled-back"] as const;
export const revisionSources = ["central", "file", "panel", "command"] as const;

/** Body of the event `revision`: what became of one, whoever made it. */
export const revisionEventSchema = z.object({
  /** Central's number; absent for one that was made at the gateway. */
  revision: z.int().min(1).optional(),
  /** Ascending number of the configuration at this gateway, over all who change it. */
  serial: z.int().min(1),
  outcome: z.enum(revisionOutcomes),
  /** Who: `central`, `file` (somebody edited it), `panel`, `command` (`rackwatch apply`). */
  source: z.enum(revisionSources),
  author: z.string().max(200),
  /** Digest of the managed sections that run now. */
  digest: z.string().max(64),
  reason: z.string().max(reasonCharsMax).optional(),
  sections: sectionsSchema.optional().meta({
    description:
      "What runs now, when central cannot know it: after a local change, a refusal, a first start",
  }),
});
export type RevisionEvent = z.infer<typeof revisionEventSchema>;

/** A name in a message: it stands in logs and on screens, so that it has no control characters. */
export const messageNameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);

export const commandActions = [
  "acknowledge",
  "silence",
  "test",
  "restart-channel",
  "send-logs",
] as const;

/** `interrupted`: the gateway ended while it did it, so that it was done, or half done, or not. */
export const commandOutcomes = ["done", "refused", "expired", "failed", "interrupted"] as const;

/** Body of the event `command`: what became of one. */
export const commandEventSchema = z.object({
  id: messageNameSchema,
  action: z.enum(commandActions),
  target: z.string().max(256).optional(),
  by: z.string().max(200),
  outcome: z.enum(commandOutcomes),
  reason: z.string().max(commandReasonCharsMax).optional(),
});
export type CommandEvent = z.infer<typeof commandEventSchema>;

/** JSON characters of the managed sections that are told; of longer ones the digest only. */
export const configurationCharsMax = 262_144;

/** Characters of one part: in UTF-8, with its quotes escaped, it stays below what an event may have. */
export const partCharsMax = 16_000;

/**
 * Body of the event `configuration`: sections that run and are too long for `sections` of the outcome in the same commit. Their
 * JSON comes in `parts` events, in order: `text` joined in the order of `part`. Without `text`: longer than
 * `configurationCharsMax`.
 */
export const configurationEventSchema = z.object({
  digest: z.string().max(64),
  serial: z.int().min(1),
  part: z.int().min(1),
  parts: z.int().min(1).max(32),
  text: z.string().optional(),
});
export type ConfigurationEvent = z.infer<typeof configurationEventSchema>;

/** The bodies that tell sections too long for an outcome; one without a text when they are too long at all. */
export function configurationEvents(
  digest: string,
  serial: number,
  sections: unknown,
): readonly ConfigurationEvent[] {
  const text = JSON.stringify(sections);
  if (text.length > configurationCharsMax) return [{ digest, serial, part: 1, parts: 1 }];
  const texts = slices(text);
  return texts.map((slice, index) => ({
    ...{ digest, serial, part: index + 1, parts: texts.length, text: slice },
  }));
}

/** Never between the halves of a character: a database would refuse either. */
function slices(text: string): readonly string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + partCharsMax);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end -= 1;
    all.push(text.slice(at, end));
    at = end;
  }
  return all;
}
