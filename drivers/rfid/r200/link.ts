import { hexOf, wordAt } from "../../hex.ts";
import { antennaFault } from "../antennas.ts";
import { type Conversation, type Outcome, reminding } from "../link.ts";
import type { ReaderEvent, ReaderSettings } from "../protocol.ts";
import type { Talk } from "../talk.ts";
import { r200Regions } from "./decode.ts";
import { buildR200 } from "./frame.ts";
import { r200Commands, r200Errors, readR200 } from "./message.ts";

/** Settings are answered within some ten milliseconds; a round that is under way may delay them. */
const answerMs = 500;

/** Rounds without a tag are reported all the time: this much silence says that the rounds are used up. */
const quietMs = 1_000;

/** A reserved byte and the highest number of rounds: finite all the same, so they are ordered anew after a silence. */
const endless = [0x22, 0xff, 0xff];

export function r200Conversation(settings: ReaderSettings): Conversation {
  return {
    run: (talk) => run(talk, settings),
    stop: async (talk) => {
      await ask(talk, r200Commands.stop);
    },
  };
}

async function* run(
  talk: Talk,
  settings: ReaderSettings,
): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  await ask(talk, r200Commands.stop);
  await talk.forget();
  // The version is of no use here, but whoever does not answer it is no reader of this language.
  await must(talk, r200Commands.info, [0]);
  if (!(await setRegion(talk, settings))) {
    yield [{ is: "fault", reason: "region" }];
    return "later";
  }
  const faults = await setRadio(talk, settings);
  if (faults.length > 0) yield faults;
  yield [{ is: "alive" }];
  return yield* reminding(talk, faults, rounds(talk));
}

async function* rounds(talk: Talk): AsyncGenerator<readonly ReaderEvent[], never, undefined> {
  for (;;) {
    await talk.tell(buildR200("command", r200Commands.inventories, endless));
    yield* listen(talk);
    // Silent: the rounds are used up, or the reader is gone. Only an answer tells.
    await must(talk, r200Commands.info, [0]);
  }
}

async function* listen(talk: Talk): AsyncGenerator<readonly ReaderEvent[], void, undefined> {
  for (;;) {
    const frames = await talk.next(quietMs);
    if (frames === undefined) return;
    const events = frames.flatMap(eventsOf);
    if (events.length > 0) yield events;
  }
}

function eventsOf(frame: Uint8Array): readonly ReaderEvent[] {
  const message = readR200(frame);
  switch (message.is) {
    case "tag": {
      const { epc, pc, rssiDbm } = message;
      if (epc === "") return [{ is: "ghost", reason: "pc-length" }];
      return [{ is: "read", read: { epc, pc, rssiDbm } }];
    }
    case "ghost":
      return [{ is: "ghost", reason: message.reason, epc: message.epc }];
    case "error":
      return [{ is: "fault", reason: faultOf(message.code) }];
    case "no-tag":
    case "response":
    case "notice":
      return [{ is: "alive" }];
    case "command":
    case "bad":
      return [];
  }
}

function faultOf(code: number): string {
  if (code === r200Errors.hopping) return "channels-busy";
  return code === r200Errors.command ? "command-refused" : `error-${hexOf(code)}`;
}

/** Whether the reader works in the configured region, as read back. */
async function setRegion(talk: Talk, { region }: ReaderSettings): Promise<boolean> {
  if (region === undefined) return true;
  const isSet = async () => {
    const answer = await must(talk, r200Commands.getRegion);
    return r200Regions[answer?.[0] ?? -1] === region;
  };
  if (await isSet()) return true;
  const code = Object.entries(r200Regions).find(([, known]) => known === region)?.[0];
  if (code === undefined) return false;
  await must(talk, r200Commands.setRegion, [Number(code)]);
  return isSet();
}

/** Power, session and Q as configured; what the reader did not take is a fault, and it reads all the same. */
async function setRadio(talk: Talk, settings: ReaderSettings): Promise<readonly ReaderEvent[]> {
  const { powerDbm, session, q, antennas } = settings;
  const faults = [...antennaFault(antennas, 1)];
  if (powerDbm !== undefined) {
    const wanted = Math.round(100 * powerDbm);
    await must(talk, r200Commands.setPower, [wanted >> 8, wanted & 0xff]);
    const answer = await must(talk, r200Commands.getPower);
    if (answer === undefined || wordAt(answer, 0) !== wanted)
      faults.push({ is: "fault", reason: "power" });
  }
  if (session !== undefined || q !== undefined) {
    const stored = await must(talk, r200Commands.getQuery);
    if (stored === undefined) return [...faults, { is: "fault", reason: "session" }];
    let query = wordAt(stored, 0);
    if (session !== undefined) query = (query & ~0x0300) | (session << 8);
    if (q !== undefined) query = (query & ~0x0078) | (q << 3);
    const answer = await must(talk, r200Commands.setQuery, [query >> 8, query & 0xff]);
    if (answer === undefined) faults.push({ is: "fault", reason: "session" });
  }
  return faults;
}

/** The parameter of the answer; undefined when the reader refused. @throws ReaderSilentError */
async function must(
  talk: Talk,
  command: number,
  parameter: readonly number[] = [],
): Promise<Uint8Array | undefined> {
  const answer = await talk.ask(
    buildR200("command", command, parameter),
    (frame) => pick(frame, command),
    answerMs,
  );
  return answer === "refused" ? undefined : answer;
}

async function ask(talk: Talk, command: number): Promise<void> {
  await talk.try(buildR200("command", command), (frame) => pick(frame, command), answerMs);
}

function pick(frame: Uint8Array, command: number): Uint8Array | "refused" | undefined {
  const message = readR200(frame);
  if (message.is === "response" && message.command === command) return message.parameter;
  // Rounds without a tag go on while the reader is spoken to; other errors answer the command.
  return message.is === "error" ? "refused" : undefined;
}
