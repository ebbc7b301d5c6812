import { hexOf } from "../../hex.ts";
import { type Conversation, type Outcome, reminding } from "../link.ts";
import type { ReaderEvent, ReaderSettings } from "../protocol.ts";
import { ReaderSilentError, type Talk } from "../talk.ts";
import { buildMercury, parseMercury } from "./frame.ts";
import { mercuryOpcodes, readMercury } from "./message.ts";
import { type Answer, setUpRadio } from "./set-up.ts";
import { mercuryStatus } from "./status.ts";

/** Commands are answered within some ten milliseconds; a read cycle that is under way delays them by up to a second. */
const answerMs = 1_500;

/** From the bootloader to the application. */
const bootMs = 3_000;

/** A stream sends a keep-alive each second in which it saw no tag: after three it is dead. */
const silenceMs = 3_000;

/** A stream says nothing of temperature and antennas: this often it is interrupted, for some tenths of a second, to ask. */
const healthEveryMs = 600_000;

/** Program bits of command 0C: 1 is the bootloader. */
const bootloader = 1;

/** Gen2, all metadata up to the inputs, on the antennas of the list, without end, with a keep-alive each second. */
const start = [0, 0, 1, 0x22, 0, 0, 5, 7, 0x22, 0x10, 0, 0x1b, 3, 0xe8, 1, 0xff];
const stop = [0, 0, 2];

export function mercuryConversation(settings: ReaderSettings): Conversation {
  return {
    run: (talk) => run(talk, settings),
    stop: async (talk) => {
      await ask(talk, mercuryOpcodes.continuous, stop);
    },
  };
}

async function* run(
  talk: Talk,
  settings: ReaderSettings,
): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  await ask(talk, mercuryOpcodes.continuous, stop);
  await talk.forget();
  await bootFromLoader(talk);
  const { events, mayRead } = await setUpRadio(
    (opcode, data) => must(talk, opcode, data),
    settings,
  );
  if (events.length > 0) yield events;
  if (!mayRead) return "later";
  const started = await must(talk, mercuryOpcodes.continuous, start);
  if (started.status !== mercuryStatus.ok) {
    yield [{ is: "fault", reason: reasonOf(started.status) }];
    return "later";
  }
  yield [{ is: "alive" }];
  return yield* reminding(
    talk,
    events.filter(({ is }) => is === "fault"),
    listen(talk),
  );
}

async function* listen(talk: Talk): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  const askHealthMs = talk.nowMs + healthEveryMs;
  while (talk.nowMs < askHealthMs) {
    const frames = await talk.next(silenceMs);
    if (frames === undefined) throw new ReaderSilentError("The stream has fallen silent");
    const events = frames.flatMap(eventsOf);
    if (events.length > 0) yield events;
    if (frames.some(endsStream)) return "again";
  }
  return "again";
}

function eventsOf(frame: Uint8Array): readonly ReaderEvent[] {
  const message = readMercury(frame);
  switch (message.is) {
    case "tags":
      return message.records.map(({ tag, doubt }): ReaderEvent => {
        const { epc, pc, antenna, rssiDbm, count = 1 } = tag;
        if (doubt !== undefined || epc === "")
          return { is: "ghost", reason: doubt ?? "pc-length", epc };
        const where = antenna === undefined ? {} : { antenna };
        const level = rssiDbm === undefined ? {} : { rssiDbm };
        const control = pc === undefined ? {} : { pc };
        return {
          is: "read",
          read: { epc, count: Math.max(1, count), ...where, ...level, ...control },
        };
      });
    case "health":
      return [{ is: "health", ...message.health }];
    case "error":
      return [{ is: "fault", reason: reasonOf(message.status) }];
    case "keep-alive":
    case "response":
      return [{ is: "alive" }];
    case "stream-end":
    case "command":
    case "bad":
      return [];
  }
}

/** The module was restarted, or fell back to its bootloader, or the stream is over. */
function endsStream(frame: Uint8Array): boolean {
  const message = readMercury(frame);
  if (message.is === "stream-end") return true;
  if (message.is === "error") return message.status === mercuryStatus.wrongOpcode;
  return message.is === "response" && message.opcode === mercuryOpcodes.boot;
}

/** A fresh module answers everything but this and its version with 0101. */
async function bootFromLoader(talk: Talk): Promise<void> {
  const { status, data } = await must(talk, mercuryOpcodes.program);
  const isLoader = status === mercuryStatus.ok && ((data[0] ?? 0) & 3) === bootloader;
  if (isLoader || status === mercuryStatus.wrongOpcode) await must(talk, mercuryOpcodes.boot, []);
}

function reasonOf(status: number): string {
  return reasons[status] ?? `status-${hexOf(status, 2)}`;
}

const reasons: Readonly<Record<number, string>> = {
  [mercuryStatus.wrongOpcode]: "bootloader",
  [mercuryStatus.wrongRegion]: "region",
  [mercuryStatus.antennaMissing]: "antenna",
  [mercuryStatus.tooHot]: "temperature",
  [mercuryStatus.returnLoss]: "return-loss",
  [mercuryStatus.bufferFull]: "buffer-full",
};

async function must(talk: Talk, opcode: number, data: readonly number[] = []): Promise<Answer> {
  const timeoutMs = opcode === mercuryOpcodes.boot ? bootMs : answerMs;
  return talk.ask(buildMercury(opcode, data), (frame) => pick(frame, opcode), timeoutMs);
}

async function ask(talk: Talk, opcode: number, data: readonly number[]): Promise<void> {
  await talk.try(buildMercury(opcode, data), (frame) => pick(frame, opcode), answerMs);
}

function pick(frame: Uint8Array, opcode: number): Answer | undefined {
  const message = parseMercury(frame);
  if (message.direction === "command" || message.opcode !== opcode) return undefined;
  return { status: message.status, data: message.data, frame };
}
