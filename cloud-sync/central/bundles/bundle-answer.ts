import { z } from "zod";
import type { Clock } from "../../../drivers/contract.ts";
import {
  answerEpochsMax,
  answerRefusedMax,
  type BundleAnswer,
  encodeAnswer,
} from "../../bundles/answer-format.ts";
import { answerSuffix } from "../../bundles/bundle-format.ts";
import type { SealKeys } from "../../identity/seal.ts";
import type { Ready } from "../database-link.ts";
import type { RefusedRows } from "./import-bundle.ts";

const markRow = z.object({ epoch: z.string(), events: z.number(), samples: z.number() });

export interface AnswerParts {
  readonly gateway: string;
  readonly refused: readonly RefusedRows[];
  readonly clock: Clock;
  /** By which its bundle was found to be its own. */
  readonly keys: SealKeys;
}

/** What a gateway is to be told after its bundles, sealed. */
export async function answerFor(
  { database, generation }: Ready,
  { gateway, refused, clock, keys }: AnswerParts,
): Promise<{ readonly name: string; readonly text: string }> {
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
    messages: [],
  };
  return {
    name: `${gateway}-answer-${Math.floor(madeAt / 1_000)}${answerSuffix}`,
    text: encodeAnswer(answer, keys),
  };
}
