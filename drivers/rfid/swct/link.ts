import { wordAt } from "../../hex.ts";
import { antennaFault } from "../antennas.ts";
import { type Conversation, type Outcome, reminding } from "../link.ts";
import type { ReaderEvent, ReaderSettings, Region } from "../protocol.ts";
import { ReaderSilentError, type Talk } from "../talk.ts";
import { buildSwct } from "./frame.ts";
import {
  readSwct,
  type SwctMessage,
  type SwctMode,
  type SwctTag,
  swctAntennas,
  swctCommands,
  swctFrequencies,
  swctModes,
  swctParameters,
} from "./message.ts";

/** Settings are answered at once; a reader that runs an inventory is deaf until its end. */
const answerMs = 1_000;

/** One inventory in answer mode. */
const inventoryMs = 3_000;

/** Who answers an inventory at once is not asked more often than this. */
const roundMsMin = 100;

/** In active mode a reader sends nothing while there is no tag: after this much silence it is asked whether it is there. */
const quietMs = 3_000;

/** How often it is said again that the reader waits for its trigger input. */
const modeFaultEveryMs = 60_000;

const broadcast = 0xff;

export function swctConversation(settings: ReaderSettings): Conversation {
  const address = settings.address ?? broadcast;
  return {
    run: (talk) => run(new Channel(talk, address), settings),
    stop: async (talk) => {
      await new Channel(talk, address).get(swctCommands.stopReading);
    },
  };
}

async function* run(
  channel: Channel,
  settings: ReaderSettings,
): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  await channel.talk.forget();
  const mode = await modeOf(channel);
  if (!(await setRegion(channel, settings.region))) {
    yield [{ is: "fault", reason: "region" }];
    return "later";
  }
  const events = [
    ...(await setPower(channel, settings)),
    ...(await askAntennas(channel, settings)),
  ];
  if (events.length > 0) yield events;
  yield [{ is: "alive" }];
  const faults = events.filter(({ is }) => is === "fault");
  const reading = mode === "answer" ? askForEver(channel) : listen(channel, mode);
  return yield* reminding(channel.talk, faults, reading);
}

async function* askForEver(
  channel: Channel,
): AsyncGenerator<readonly ReaderEvent[], never, undefined> {
  const { talk } = channel;
  for (;;) {
    const startMs = talk.nowMs;
    await channel.tell(swctCommands.inventory);
    let isOver = false;
    while (!isOver) {
      const messages = await channel.next(inventoryMs);
      if (messages === undefined) throw new ReaderSilentError("The inventory has no end");
      const events = messages.flatMap(eventsOf);
      if (events.length > 0) yield events;
      isOver = messages.some(({ command }) => command === swctCommands.inventory);
    }
    await talk.sleep(Math.max(0, startMs + roundMsMin - talk.nowMs));
  }
}

/** Active mode: the reader reports by itself. In trigger mode it does so while its input is closed. */
async function* listen(
  channel: Channel,
  mode: SwctMode,
): AsyncGenerator<readonly ReaderEvent[], never, undefined> {
  let faultMs = Number.NEGATIVE_INFINITY;
  await channel.get(swctCommands.startReading);
  for (;;) {
    const messages = await channel.next(quietMs);
    if (messages === undefined) {
      if ((await channel.get(swctCommands.systemInfo)) === undefined)
        throw new ReaderSilentError("The reader has fallen silent");
      yield [{ is: "alive" }];
      if (mode === "trigger" && channel.talk.nowMs - faultMs >= modeFaultEveryMs) {
        faultMs = channel.talk.nowMs;
        yield [{ is: "fault", reason: "trigger-mode" }];
      }
      continue;
    }
    const events = messages.flatMap(eventsOf);
    if (events.length > 0) yield events;
  }
}

function eventsOf(message: SwctMessage): readonly ReaderEvent[] {
  switch (message.is) {
    case "tags":
      return message.tags.length === 0 ? [{ is: "alive" }] : message.tags.map(readOf);
    case "no-tag":
    case "response":
      return [{ is: "alive" }];
    case "command":
    case "bad":
      return [];
  }
}

function readOf({ epc, antenna, rssiRaw }: SwctTag): ReaderEvent {
  const where = antenna === 0 ? {} : { antenna };
  return { is: "read", read: { epc, rssiRaw, ...where } };
}

/** @throws ReaderSilentError */
async function modeOf(channel: Channel): Promise<SwctMode> {
  const answer = await channel.get(swctCommands.getParameter, [swctParameters.workMode]);
  if (answer !== undefined && answer[0] === swctParameters.workMode)
    return swctModes[answer[1] ?? 0] ?? "answer";
  // Older readers have no single parameters; whoever answers this is asked for inventories.
  if ((await channel.get(swctCommands.systemInfo)) === undefined)
    throw new ReaderSilentError("The reader gave no answer");
  return "answer";
}

async function setRegion(channel: Channel, region: Region | undefined): Promise<boolean> {
  if (region === undefined) return true;
  const wanted = swctFrequencies[region];
  if (wanted === undefined) return false;
  const isSet = async () => {
    const answer = await channel.get(swctCommands.getFrequency);
    return answer !== undefined && wordAt(answer, 0) === wanted;
  };
  if (await isSet()) return true;
  await channel.get(swctCommands.setFrequency, [wanted >> 8, wanted & 0xff]);
  return isSet();
}

async function setPower(
  channel: Channel,
  { powerDbm }: ReaderSettings,
): Promise<readonly ReaderEvent[]> {
  if (powerDbm === undefined) return [];
  const wanted = Math.round(powerDbm);
  const stored = async () =>
    (await channel.get(swctCommands.getParameter, [swctParameters.power]))?.[1];
  if ((await stored()) === wanted) return [];
  await channel.get(swctCommands.setParameter, [swctParameters.power, wanted]);
  return (await stored()) === wanted ? [] : [{ is: "fault", reason: "power" }];
}

/** Readers with one antenna do not know the command. */
async function askAntennas(
  channel: Channel,
  { antennas }: ReaderSettings,
): Promise<readonly ReaderEvent[]> {
  const answer = await channel.get(swctCommands.checkAntennas);
  if (answer?.length !== 2) return antennaFault(antennas, 1);
  const count = Math.max(4, ...antennas);
  const connected = swctAntennas(answer, count);
  const events: ReaderEvent[] = [{ is: "health", antennas: connected }];
  if (antennas.some((antenna) => connected[antenna] !== true))
    events.push({ is: "fault", reason: "antenna" });
  return events;
}

/** Commands to one address, and what comes from it. */
class Channel {
  readonly talk: Talk;
  readonly #address: number;

  constructor(talk: Talk, address: number) {
    this.talk = talk;
    this.#address = address;
  }

  async tell(command: number): Promise<void> {
    await this.talk.tell(buildSwct("command", this.#address, command));
  }

  /** The data of the answer; undefined when the reader refused or kept silent. */
  async get(command: number, data: readonly number[] = []): Promise<Uint8Array | undefined> {
    const request = buildSwct("command", this.#address, command, data);
    const pick = (frame: Uint8Array) => {
      const [message] = this.#mine([frame]);
      if (message?.is !== "response" || message.command !== command) return undefined;
      return { data: message.isDone ? message.data : undefined };
    };
    return (await this.talk.try(request, pick, answerMs))?.data;
  }

  async next(timeoutMs: number): Promise<readonly SwctMessage[] | undefined> {
    const frames = await this.talk.next(timeoutMs);
    return frames === undefined ? undefined : this.#mine(frames);
  }

  #mine(frames: readonly Uint8Array[]): readonly SwctMessage[] {
    return frames
      .map(readSwct)
      .filter(({ address }) => this.#address === broadcast || address === this.#address);
  }
}
