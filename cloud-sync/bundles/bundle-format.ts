import { createHash } from "node:crypto";
import { z } from "zod";
import type { LetterKind } from "../central/reception.ts";
import type { Seal, SealKeys } from "../identity/seal.ts";
import { batchCompressedBytesMax } from "../protocol.ts";

/**
 * A bundle, the letters of an agent as a file. 4096 bytes of head: JSON, a line with its seal, blanks, a line feed at the end.
 * Behind it each letter: its kind (1 byte), its length (4 bytes, most significant first), its JSON compressed with zstd.
 */

/** Bytes before the first letter: written last, when it is known what came, without moving that. */
export const headBytes = 4_096;

/** Bytes of one bundle: central holds it whole while it looks whether it is; some 20 million samples. */
export const bundleBytesMax = 32 * 1_048_576;

/** What each file is called at its end. */
export const bundleSuffix = ".rwb";
export const answerSuffix = ".rwa";

const letterHeadBytes = 5;

const kinds = ["hello", "batches", "gaps", "snapshot", "file"] as const satisfies readonly (
  | LetterKind
  | "file"
)[];

/** What a bundle seals; an answer has another purpose and never passes as a bundle. */
const purpose = "bundle";

const seq = z.int().min(0);
const span = z.object({ events: seq, samples: seq });
/** More than central ever issues: a message a second takes ten thousand years to get there. */
const inboxNumberMax = 2 ** 40;

const fileName = z
  .string()
  .max(255)
  .regex(/^[^/\p{Cc}]*$/u);

export const bundleHeadSchema = z.object({
  rackwatch: z.literal("bundle"),
  version: z.literal(1),
  gateway: z.string().min(1).max(128),
  epoch: z.string().min(1).max(128),
  /** Of a row of bundles that go on from one another, from 1. */
  number: z.int().min(1),
  /** Name of the one before; absent: it begins where central was. */
  after: fileName.optional(),
  /** Rows up to these must be at central before it. */
  from: span,
  /** Rows up to these are at central with it. */
  to: span,
  /** By the gateway's clock. */
  madeAt: z.number(),
  /** The highest number of central's messages that the gateway holds; absent: it takes none. */
  inbox: seq.max(inboxNumberMax).optional(),
  letters: z.int().min(0),
  /** Behind the head. */
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BundleHead = z.infer<typeof bundleHeadSchema>;

const sealSchema = z.object({ key: z.string().max(128), value: z.string().max(1_024) });
const versionSchema = z.object({ rackwatch: z.string(), version: z.number() });

/** One request as it lies in a bundle. */
export interface BundledLetter {
  readonly kind: (typeof kinds)[number];
  /** JSON, compressed with zstd. */
  readonly body: Uint8Array;
}

/** Two lines: what is said, and its seal. */
export function sealed(said: object, of: string, keys: SealKeys): string {
  const text = JSON.stringify(said);
  return `${text}\n${JSON.stringify(keys.seal(of, Buffer.from(text)))}\n`;
}

export interface Said {
  readonly text: string;
  readonly seal: Seal;
  readonly json: unknown;
}

/** The two lines, not yet checked; undefined: these are none. */
export function readSealed(text: string): Said | undefined {
  const [said = "", sealLine = ""] = text.split("\n", 2);
  const seal = sealSchema.safeParse(jsonOf(sealLine)).data;
  const json = jsonOf(said);
  return seal === undefined || json === undefined ? undefined : { text: said, seal, json };
}

export function encodeHead(head: BundleHead, keys: SealKeys): Buffer {
  const text = sealed(head, purpose, keys);
  const bytes = Buffer.alloc(headBytes, " ");
  if (Buffer.byteLength(text) >= headBytes) throw new Error("a bundle's head is too long");
  bytes.write(text);
  bytes.write("\n", headBytes - 1);
  return bytes;
}

/** What is wrong with a file, before its seal is looked at. */
export type HeadFault =
  | { readonly fault: "not-bundle" }
  | { readonly fault: "version"; got: number };

export interface ReadHead {
  readonly head: BundleHead;
  verify(keys: SealKeys): boolean;
}

export function decodeHead(bytes: Uint8Array): ReadHead | HeadFault {
  const first = Buffer.from(bytes.subarray(0, headBytes)).toString("utf8");
  const said = readSealed(first);
  const known = versionSchema.safeParse(said?.json).data;
  if (said === undefined || known?.rackwatch !== "bundle") return { fault: "not-bundle" };
  if (known.version > 1) return { fault: "version", got: known.version };
  const head = bundleHeadSchema.safeParse(said.json).data;
  // The last byte tells that the head is whole, and that nobody put anything behind the seal.
  const padding = first.split("\n").slice(2);
  const isWhole = padding.length === 2 && padding[0]?.trim() === "" && padding[1] === "";
  if (head === undefined || !isWhole) return { fault: "not-bundle" };
  return {
    head,
    verify: (keys) => keys.verify(purpose, Buffer.from(said.text), said.seal),
  };
}

export function encodeLetter({ kind, body }: BundledLetter): Buffer {
  const head = Buffer.alloc(letterHeadBytes);
  head.writeUInt8(kinds.indexOf(kind));
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** The letters of what stands behind the head; undefined where they are not what the head says. */
export function decodeLetters(
  content: Buffer,
  count: number,
): readonly BundledLetter[] | undefined {
  const letters: BundledLetter[] = [];
  let at = 0;
  while (at < content.length) {
    if (at + letterHeadBytes > content.length) return undefined;
    const kind = kinds[content.readUInt8(at)];
    const length = content.readUInt32BE(at + 1);
    at += letterHeadBytes;
    if (kind === undefined || length > batchCompressedBytesMax) return undefined;
    if (at + length > content.length) return undefined;
    letters.push({ kind, body: content.subarray(at, at + length) });
    at += length;
  }
  return letters.length === count ? letters : undefined;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Tells which epoch at a glance, and which rows come first. */
export function bundleName({
  gateway,
  epoch,
  number,
  from,
}: Pick<BundleHead, "gateway" | "epoch" | "number" | "from">): string {
  return `${gateway}-${epoch.slice(0, 8)}-${from.samples + 1}-${number}${bundleSuffix}`;
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
