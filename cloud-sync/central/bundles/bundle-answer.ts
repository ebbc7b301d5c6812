import { z } from "zod";
import type { Clock } from "../../../drivers/contract.ts";
import {
  answerEpochsMax,
  answerFilesMax,
  answerRefusedMax,
  type BundleAnswer,
  encodeAnswer,
} from "../../bundles/answer-format.ts";
import { answerSuffix } from "../../bundles/bundle-format.ts";
import type { SealKeys } from "../../identity/seal.ts";
import type { Ready } from "../database-link.ts";
import { readFiles } from "../down/files.ts";
import { messagesFor } from "../down/messages.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import type { RefusedRows } from "./import-bundle.ts";

const markRow = z.object({ epoch: z.string(), events: z.number(), samples: z.number() });

export interface AnswerParts {
  readonly gateway: string;
  readonly refused: readonly RefusedRows[];
  readonly clock: Clock;
  /** By which its bundle was found to be its own. */
  readonly keys: SealKeys;
  /** Absent: central has no key to sign with, and tells nothing. */
  readonly signer?: SigningKey | undefined;
  /** The highest number of central's messages that the gateway holds; undefined: it takes none. */
  readonly inbox: number | undefined;
}

/** What a gateway is to be told after its bundles, sealed. */
export async function answerFor(
  { database, generation }: Ready,
  parts: AnswerParts,
): Promise<{ readonly name: string; readonly text: string }> {
  const { gateway, refused, clock, keys } = parts;
  const rows = await database.query(
    `SELECT e.epoch, coalesce(me.seq, e.begin_events)::float8 AS events,
       coalesce(ms.seq, e.begin_samples)::float8 AS samples
     FROM epoch e
     LEFT JOIN mark me ON me.gateway = e.gateway AND me.epoch_number = e.epoch_number AND me.lane = 'events'
     LEFT JOIN mark ms ON ms.gateway = e.gateway AND ms.epoch_number = e.epoch_number AND ms.lane = 'samples'
     WHERE e.gateway = $1 ORDER BY e.epoch_number DESC LIMIT ${answerEpochsMax}`,
    [gateway],
  );
  const madeAt = clock.now();
  const answer: BundleAnswer = {
    ...{ rackwatch: "answer", version: 1, gateway, generation, madeAt },
    marks: z.array(markRow).parse(rows),
    refused: refused.slice(0, answerRefusedMax).map((it) => ({ ...it })),
    ...(await told(database, parts, madeAt)),
    files: (await readFiles(database, gateway))
      .filter(({ finished }) => finished)
      .slice(0, answerFilesMax)
      .map(({ id, sha256 }) => ({ id, sha256 })),
  };
  return {
    name: `${gateway}-answer-${Math.floor(madeAt / 1_000)}${answerSuffix}`,
    text: encodeAnswer(answer, keys),
  };
}

/** Central's voice: the key that it signs with, and its messages after those that the gateway holds. */
async function told(
  database: Ready["database"],
  { gateway, signer, inbox }: AnswerParts,
  now: number,
): Promise<Pick<BundleAnswer, "signingKey" | "messages" | "after">> {
  if (signer === undefined) return { messages: [] };
  const signingKey = { key: signer.key, publicKey: signer.publicKeyPem };
  if (inbox === undefined) return { messages: [], signingKey };
  const messages = await messagesFor(database, signer, gateway, inbox, now);
  return { signingKey, messages: [...messages], after: inbox };
}
