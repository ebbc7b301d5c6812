import { verify } from "node:crypto";
import { z } from "zod";
import { managedSections } from "../../config/edit.ts";
import { commandActions } from "./outcome.ts";

/** Characters of one message: rules, items and receivers of a large site fit. */
export const messageCharsMax = 1_048_576;

const jsonObject = z.record(z.string(), z.json());

const name = z.string().min(1).max(128);

const revisionSchema = z.object({
  kind: z.literal("revision"),
  revision: z.int().min(1),
  base: z.string().max(64).optional(),
  sections: z.partialRecord(z.enum(managedSections), jsonObject),
  comment: z.string().max(2_000).optional(),
});
export type Revision = z.infer<typeof revisionSchema>;

const commandSchema = z.object({
  kind: z.literal("command"),
  id: name,
  action: z.enum(commandActions),
  target: z.string().max(256).optional(),
  comment: z.string().max(2_000).optional(),
});
export type Command = z.infer<typeof commandSchema>;

/** What central says and signs: the same as central's own schema, which a test compares. */
export const messageSchema = z.object({
  gateway: name,
  number: z.int().min(1),
  issuedAt: z.number(),
  expiresAt: z.number().optional(),
  by: z.string().min(1).max(200),
  body: z.discriminatedUnion("kind", [revisionSchema, commandSchema]),
});
export type Message = z.infer<typeof messageSchema>;

/** A message as the agent keeps it. */
export interface SignedRow {
  readonly number: number;
  readonly text: string;
  readonly key: string;
  readonly signature: string;
  /** By the wall clock of this machine. */
  readonly receivedAt: number;
  /** Numbers between it and this one never come; absent: that is not known. */
  readonly follows?: number | undefined;
}

export type Heard =
  | { readonly ok: true; readonly message: Message }
  /** The key is not known yet. */
  | { readonly ok: false; readonly why: "unknown-key" }
  /** `said` is what it would say, were it believed: only for telling central what was refused. */
  | {
      readonly ok: false;
      readonly why: "forged" | "unreadable" | "other-gateway" | "other-number";
      readonly said: Message | undefined;
    };

/** What a row says, if central said it, to this gateway, under this number. */
export function hear(
  row: SignedRow,
  gatewayId: string,
  trust: Readonly<Record<string, string>>,
): Heard {
  const pem = Object.hasOwn(trust, row.key) ? trust[row.key] : undefined;
  if (pem === undefined) return { ok: false, why: "unknown-key" };
  const said = read(row.text);
  if (!isSigned(row, pem)) return { ok: false, why: "forged", said };
  if (said === undefined) return { ok: false, why: "unreadable", said };
  if (said.gateway !== gatewayId) return { ok: false, why: "other-gateway", said };
  if (said.number !== row.number) return { ok: false, why: "other-number", said };
  return { ok: true, message: said };
}

/** Ed25519 over the UTF-8 bytes of the text (RFC 8032). */
function isSigned({ text, signature }: SignedRow, pem: string): boolean {
  try {
    return verify(null, Buffer.from(text), pem, Buffer.from(signature, "base64url"));
  } catch {
    // A key that is none signs nothing.
    return false;
  }
}

function read(text: string): Message | undefined {
  if (text.length > messageCharsMax) return undefined;
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
