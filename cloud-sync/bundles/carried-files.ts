import { z } from "zod";
import { commandOf, pieceBytesMax, readOutgoing } from "../down/outgoing.ts";
import { compress } from "../portion.ts";
import { type BundledLetter, sha256Of } from "./bundle-format.ts";

/** A piece of a file that a command of central asked for, as it lies in a bundle. */
export const filePieceSchema = z.object({
  /** Of the command. */
  id: z.string().min(1).max(128),
  offset: z.int().min(0),
  size: z.int().min(1),
  /** Of the whole file, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.base64(),
});
export type CarriedPiece = z.infer<typeof filePieceSchema>;

/** One file that the gateway wrote for central, as letters. */
export interface CarriedFile {
  readonly name: string;
  readonly letters: readonly BundledLetter[];
}

/** Undefined: it is gone, or longer than central takes. */
export function carriedFile(folder: string, name: string): CarriedFile | undefined {
  const whole = readOutgoing(folder, name);
  if (whole === undefined) return undefined;
  const of = { id: commandOf(name), size: whole.length, sha256: sha256Of(whole) };
  const letters: BundledLetter[] = [];
  for (let offset = 0; offset < whole.length; offset += pieceBytesMax) {
    const bytes = whole.subarray(offset, offset + pieceBytesMax).toString("base64");
    const piece: CarriedPiece = { ...of, offset, bytes };
    letters.push({ kind: "file", body: compress(Buffer.from(JSON.stringify(piece))) });
  }
  return { name, letters };
}
