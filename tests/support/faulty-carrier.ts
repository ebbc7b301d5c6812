import type { LetterDesk } from "../../cloud-sync/central/roads/letter-desk.ts";
import { sealKeyOfToken, tokenSealKeys } from "../../cloud-sync/identity/token-seal.ts";
import { compress } from "../../cloud-sync/portion.ts";
import { LetterUplink, unpacked } from "../../cloud-sync/uplinks/letter-uplink.ts";
import {
  purposes,
  readEnvelope,
  writeEnvelope,
} from "../../cloud-sync/uplinks/message-envelope.ts";
import { MessageLine, type OpenCarrier } from "../../cloud-sync/uplinks/message-line.ts";
import type { Uplink } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import type { Fault, Network } from "./faulty-central.ts";

interface Letter {
  readonly kind: string;
  readonly id: string;
  readonly envelope: Uint8Array;
}

const lostBefore = new Set<Fault>(["500 before", "429", "reset before", "hang before", "html"]);
const lostAfter = new Set<Fault>([
  ...(["500 after", "reset after", "hang after", "short body", "garbage"] as const),
]);

/** Stands where the broker stands: line, seals and central's desk are the real ones. The faults are those of the HTTP road. */
export function faultyLetters(
  desk: LetterDesk,
  gateway: string,
  token: string,
  network: Network,
): Uplink {
  const keys = tokenSealKeys(gateway, sealKeyOfToken(token));
  const deliver = (letter: Letter) =>
    new Promise<Uint8Array>((resolve) => {
      void desk.take({ ...letter, gateway, origin: "a test" }, resolve);
    });
  const cutLetter = ({ kind, id, envelope }: Letter): Letter => {
    const whole = readEnvelope(envelope)?.body ?? envelope;
    const body = unpacked(network.cut(Buffer.from(compress(whole))));
    const seal = keys.seal(purposes.request(kind, id), body);
    return { kind, id, envelope: writeEnvelope({ seal, status: undefined, body }) };
  };
  let late: Letter | undefined;
  let last: Uint8Array | undefined;
  const open: OpenCarrier = async (heard) => {
    const lost = new AbortController();
    const gone = () => new RackwatchError("driver/connection-lost", "gone");
    return {
      lost: lost.signal,
      close: async () => lost.abort(gone()),
      send: async (kind, id, envelope) => {
        const fault = network.nextFault();
        const letter = { kind, id, envelope };
        if (lostBefore.has(fault)) throw gone();
        if (fault === "late") {
          late = letter;
          throw gone();
        }
        if (fault === "damaged") {
          const damaged = Buffer.from(envelope);
          damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
          void deliver({ ...letter, envelope: damaged });
          throw gone();
        }
        const isCut = fault === "partial" && kind === "batches";
        const answer = await deliver(isCut ? cutLetter(letter) : letter);
        if (fault === "duplicate") void deliver(letter);
        if (late !== undefined) await deliver(late);
        late = undefined;
        if (lostAfter.has(fault)) {
          heard(id, Buffer.from('{"mark":'));
          throw gone();
        }
        if (fault === "swapped reply" && last !== undefined) {
          heard(id, last);
          throw gone();
        }
        last = answer;
        heard(id, answer);
      },
    };
  };
  const text = syncText.en;
  const line = new MessageLine({ open, keys, clock: systemClock, text, where: "test" });
  return new LetterUplink({
    ask: (...question) => line.ask(...question),
    ...{ clock: systemClock, text, where: "test", messageBytesMax: 131_072 },
  });
}
