import { verify } from "node:crypto";
import { type Message, messageCharsMax, messageSchema } from "./message.ts";

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
