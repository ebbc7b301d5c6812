import type { Conversation, Outcome } from "../link.ts";
import type { ReaderEvent } from "../protocol.ts";
import type { Talk } from "../talk.ts";

/**
 * These readers send a tag's number again and again while it is near, and nothing else: silence is no fault, and an
 * adapter that was pulled out makes no event. A write finds it out, and a zero does nothing to any of them.
 */
const proofEveryMs = 10_000;
const proof = Uint8Array.of(0);

/** Listens. `numberOf` gives the tag's number of a whole frame. */
export function listeningConversation(numberOf: (frame: Uint8Array) => string): Conversation {
  return { run: (talk) => listen(talk, numberOf), stop: async () => undefined };
}

async function* listen(
  talk: Talk,
  numberOf: (frame: Uint8Array) => string,
): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  let proofMs = talk.nowMs;
  yield [{ is: "alive" }];
  for (;;) {
    const frames = await talk.next(Math.max(0, proofMs + proofEveryMs - talk.nowMs));
    if (frames !== undefined)
      yield frames.map((frame) => ({ is: "read", read: { epc: numberOf(frame) } }));
    if (talk.nowMs - proofMs < proofEveryMs) continue;
    proofMs = talk.nowMs;
    await talk.tell(proof);
    yield [{ is: "alive" }];
  }
}
