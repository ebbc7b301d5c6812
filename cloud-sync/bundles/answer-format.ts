import { z } from "zod";
import type { BundleText } from "../../config/language/bundles.ts";
import type { SealKeys } from "../identity/seal.ts";
import { laneSchema, welcomeSchema } from "../protocol.ts";
import { inboxMessagesMax, inboxSchema, signedMessageSchema } from "../protocol-down.ts";
import { readSealed, sealed } from "./bundle-format.ts";

/** What central says to bundles: how far it is, and its messages. Two lines of JSON: what is said, and its seal. */

/** Bytes of one answer: a message of central of the greatest length, and the others with the next one. */
export const answerBytesMax = 8 * 1_048_576;

/** Epochs that an answer tells the marks of: the present one and some that it went on from. */
export const answerEpochsMax = 8;

/** Ranges of refused rows in one answer: others are told once these are set apart. */
export const answerRefusedMax = 100;

/** Files that central names: as many as it keeps of a gateway. */
export const answerFilesMax = 5;

const purpose = "bundle-answer";

const seq = z.int().min(0);

export const bundleAnswerSchema = z.object({
  rackwatch: z.literal("answer"),
  version: z.literal(1),
  gateway: z.string().min(1).max(128),
  /** Of central's database. */
  generation: z.string().min(1).max(128),
  /** By central's clock; of two answers the later one counts. */
  madeAt: z.number(),
  marks: z
    .array(z.object({ epoch: z.string().max(128), events: seq, samples: seq }))
    .max(answerEpochsMax),
  /** Batches that central did not take: the next bundle brings their rows one by one. */
  refused: z
    .array(
      z.object({
        epoch: z.string().max(128),
        lane: laneSchema,
        firstSeq: seq.min(1),
        lastSeq: seq.min(1),
      }),
    )
    .max(answerRefusedMax)
    .default([]),
  messages: z.array(signedMessageSchema).max(inboxMessagesMax).default([]),
  /** The number after which they are: what is missing between is settled. */
  after: inboxSchema.shape.after,
  /** Files of commands that central has the whole of. */
  files: z
    .array(z.object({ id: z.string().max(128), sha256: z.string().max(64) }))
    .max(answerFilesMax)
    .default([]),
  /** As in the welcome. */
  signingKey: welcomeSchema.shape.signingKey,
});
export type BundleAnswer = z.infer<typeof bundleAnswerSchema>;

export function encodeAnswer(answer: BundleAnswer, keys: SealKeys): string {
  return sealed(answer, purpose, keys);
}

/** What of an answer a gateway remembers. */
export interface LastAnswer {
  readonly generation: string;
  readonly madeAt: number;
}

export interface AnswerTo {
  readonly gateway: string;
  /** That the gateway's database has now. */
  readonly epoch: string;
  readonly keys: SealKeys;
  readonly last: LastAnswer | undefined;
  readonly text: BundleText;
  /** A person said that central was set up anew. */
  readonly newCentral?: boolean;
  /** A person said that an older one is to count. */
  readonly older?: boolean;
}

export type Judged =
  | { readonly kind: "taken"; readonly answer: BundleAnswer; readonly marks: Marks }
  /** This very one was taken before. */
  | { readonly kind: "known" }
  /** `foreign`: for another gateway. */
  | { readonly kind: "refused" | "foreign"; readonly message: string; readonly todo: string };

type Marks = BundleAnswer["marks"][number];

const beginning = '{"rackwatch":"answer"';

/** Whether an answer is one for this gateway, from its central, and later than what was taken before. */
export function judgeAnswer(bytes: Uint8Array, to: AnswerTo): Judged {
  const { text, gateway, last } = to;
  const refused = (said: { readonly message: string; readonly todo: string }) =>
    ({ kind: "refused", ...said }) as const;
  const whole = Buffer.from(bytes).toString("utf8");
  const said = readSealed(whole);
  if (said === undefined || whole.split("\n").length !== 3 || !whole.endsWith("\n")) {
    return refused(whole.startsWith(beginning) ? text.cutAnswer() : text.notBundle());
  }
  const version = z.object({ version: z.number() }).safeParse(said.json).data?.version ?? 1;
  if (version > 1) return refused(text.version(version));
  const answer = bundleAnswerSchema.safeParse(said.json).data;
  if (answer === undefined) return refused(text.notBundle());
  if (answer.gateway !== gateway) {
    return { kind: "foreign", ...text.otherGateway(answer.gateway, gateway) };
  }
  if (!to.keys.verify(purpose, Buffer.from(said.text), said.seal))
    return refused(text.answerSeal());
  const other = last !== undefined && last.generation !== answer.generation;
  if (other && to.newCentral !== true) return refused(text.generation());
  if (last !== undefined && !other) {
    if (answer.madeAt === last.madeAt) return { kind: "known" };
    if (answer.madeAt < last.madeAt && to.older !== true) return refused(text.older());
  }
  const marks = answer.marks.find(({ epoch }) => epoch === to.epoch);
  return marks === undefined ? refused(text.otherEpoch()) : { kind: "taken", answer, marks };
}
