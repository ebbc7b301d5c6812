import { hexOf } from "../../hex.ts";
import { antennaFault } from "../antennas.ts";
import { type Conversation, type Outcome, reminding } from "../link.ts";
import type { ReaderEvent, ReaderSettings } from "../protocol.ts";
import { ReaderSilentError, type Talk } from "../talk.ts";
import { temperatureOf } from "./decode.ts";
import { buildUhfReader } from "./frame.ts";
import { bandCommand, readInfo, type UhfInfo } from "./info.ts";
import { antennasOf, type UhfReport } from "./inventory.ts";
import { readUhfReader, type UhfMessage, uhfCommands, uhfStatus } from "./message.ts";

/** Settings are answered at once; a reader that runs an inventory is deaf until its end. */
const answerMs = 1_000;

/** Length of one inventory of a 288, in units of 100 ms: short enough for every tag to be reported twice a second. */
const scanUnits = 5;

/** A reader without a limit of its own for inventories (scan time 0) gets this one. */
const scanMsDefault = 3_000;

/** Above the time of the inventory: the reader sums up and sends. */
const scanMarginMs = 1_500;

/** Temperature and return loss move slowly, and asking costs reading time. */
const healthEveryMs = 60_000;

/** Who answers an inventory at once, for want of an antenna, is not asked more often than this. */
const roundMsMin = 50;

/** How often it is said again that the reader is in another mode. */
const modeFaultEveryMs = 60_000;

/** A reader in realtime mode sends nothing while there is no tag, unless its heartbeat is on. */
const realtimeSilenceMs = 10_000;

const broadcast = 0xff;

/** Antennas that the inventory command can name. */
const antennasMax = 8;

export function uhfConversation(settings: ReaderSettings): Conversation {
  return {
    run: (talk) => new Inventory(talk, settings).run(),
    // Each inventory ends by itself.
    stop: async () => undefined,
  };
}

/** Inventories one after the other, over the antennas in turn. */
class Inventory {
  readonly #talk: Talk;
  readonly #settings: ReaderSettings;
  readonly #address: number;
  readonly #unsupported = new Set<number>();
  #modeFaultMs = Number.NEGATIVE_INFINITY;

  constructor(talk: Talk, settings: ReaderSettings) {
    this.#talk = talk;
    this.#settings = settings;
    this.#address = settings.address ?? broadcast;
  }

  async *run(): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
    await this.#talk.forget();
    const info = await this.#info();
    if (info === undefined) {
      yield* this.#listen();
      return "again";
    }
    const faults = await this.#setUp(info);
    if (faults.length > 0) yield faults;
    if (faults.some((event) => event.is === "fault" && event.reason === "region")) return "later";
    yield [{ is: "alive" }];
    return yield* reminding(this.#talk, faults, this.#rounds(info));
  }

  async *#rounds(info: UhfInfo): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
    const antennas = antennasToRead(info, this.#settings);
    for (;;) {
      if (info.variant === 288) yield* this.#health(antennas);
      const untilMs = this.#talk.nowMs + healthEveryMs;
      while (this.#talk.nowMs < untilMs)
        for (const antenna of antennas) {
          if (yield* this.#round(info, antenna)) continue;
          yield* this.#listen();
          return "again";
        }
    }
  }

  /** Undefined when the reader does not answer but sends reports by itself. @throws ReaderSilentError */
  async #info(): Promise<UhfInfo | undefined> {
    const pick = (message: UhfMessage): UhfInfo | "realtime" | undefined => {
      if (message.command === uhfCommands.realtime) return "realtime";
      if (message.is !== "response" || message.command !== uhfCommands.info) return undefined;
      return readInfo(message.data);
    };
    const request = buildUhfReader(this.#address, uhfCommands.info);
    const limitMs = answerMs + scanMsDefault;
    const answer = await this.#talk.ask(
      request,
      (frame) => this.#mine([frame]).map(pick)[0],
      limitMs,
    );
    return answer === "realtime" ? undefined : answer;
  }

  /** What the reader did not take. It keeps its settings over a loss of power, so only differences are written. */
  async #setUp(info: UhfInfo): Promise<readonly ReaderEvent[]> {
    const { region, powerDbm } = this.#settings;
    if (region !== undefined && info.region !== region) {
      const band = bandCommand(region);
      if (band === undefined) return [{ is: "fault", reason: "region" }];
      await this.#set(uhfCommands.setBand, band);
    }
    if (powerDbm !== undefined && info.powerDbm !== Math.round(powerDbm))
      await this.#set(uhfCommands.setPower, [Math.round(powerDbm)]);
    const after = await this.#info();
    const faults = antennaFault(this.#settings.antennas, info.variant === 18 ? 1 : antennasMax);
    if (region !== undefined && after?.region !== region)
      faults.push({ is: "fault", reason: "region" });
    if (powerDbm !== undefined && after?.powerDbm !== Math.round(powerDbm))
      faults.push({ is: "fault", reason: "power" });
    return faults;
  }

  /**
   * One inventory: frames with status 03 follow each other until another status ends it. Returns whether the reader
   * does inventories at all. @throws ReaderSilentError
   */
  async *#round(
    info: UhfInfo,
    antenna: number,
  ): AsyncGenerator<readonly ReaderEvent[], boolean, undefined> {
    const startMs = this.#talk.nowMs;
    const scanMs = info.variant === 288 ? 100 * scanUnits : info.scanTimeMs || scanMsDefault;
    const request = buildUhfReader(
      this.#address,
      uhfCommands.inventory,
      this.#request(info, antenna),
    );
    await this.#talk.tell(request);
    for (;;) {
      const frames = await this.#talk.next(scanMs + scanMarginMs);
      if (frames === undefined) throw new ReaderSilentError("The inventory has no end");
      const messages = this.#mine(frames);
      const events = messages.flatMap((message) => this.#eventsOf(message, antenna));
      if (events.length > 0) yield events;
      if (messages.some(refusesInventory)) return false;
      if (!messages.some(endsInventory)) continue;
      await this.#talk.sleep(Math.max(0, startMs + roundMsMin - this.#talk.nowMs));
      return true;
    }
  }

  /** 18 takes no data, and data confuses it. 288: Q, session, no mask, target A, antenna, time. */
  #request(info: UhfInfo, antenna: number): readonly number[] {
    if (info.variant === 18) return [];
    const { q = 4, session = 0 } = this.#settings;
    return [q, session, 1, 0, 0, 0, 0, 0x7f + antenna, scanUnits];
  }

  #eventsOf(message: UhfMessage, antenna?: number): readonly ReaderEvent[] {
    if (message.is === "tags") {
      if (message.report.tags.length === 0) return [{ is: "alive" }];
      return [...this.#modeFault(message), ...readsOf(message.report)];
    }
    if (message.is !== "response") return [];
    const { status } = message;
    if (status === uhfStatus.antenna) {
      const health = antenna === undefined ? {} : { antennas: { [antenna]: false } };
      return [
        { is: "health", ...health },
        { is: "fault", reason: "antenna" },
      ];
    }
    if (refusesInventory(message)) return [{ is: "fault", reason: `status-${hexOf(status)}` }];
    return [{ is: "alive" }];
  }

  #modeFault({ command }: UhfMessage): readonly ReaderEvent[] {
    if (command !== uhfCommands.realtime) return [];
    if (this.#talk.nowMs - this.#modeFaultMs < modeFaultEveryMs) return [];
    this.#modeFaultMs = this.#talk.nowMs;
    return [{ is: "fault", reason: "realtime-mode" }];
  }

  /** A reader in realtime mode: takes what it sends until it falls silent. */
  async *#listen(): AsyncGenerator<readonly ReaderEvent[], void, undefined> {
    for (;;) {
      const frames = await this.#talk.next(realtimeSilenceMs);
      if (frames === undefined) return;
      const events = this.#mine(frames).flatMap((message) => this.#eventsOf(message));
      if (events.length > 0) yield events;
    }
  }

  async *#health(
    antennas: readonly number[],
  ): AsyncGenerator<readonly ReaderEvent[], void, undefined> {
    const temperature = await this.#value(uhfCommands.temperature, [], 2);
    if (temperature !== undefined)
      yield [{ is: "health", temperatureCel: temperatureOf(temperature) }];
    const losses: number[] = [];
    for (const antenna of antennas) {
      // Frequency 0 is the reader's own choice; antennas count from 0 here.
      const loss = await this.#value(uhfCommands.returnLoss, [0, 0, 0, 0, antenna - 1], 1);
      if (loss !== undefined) losses.push(loss[0] ?? 0);
    }
    if (losses.length > 0) yield [{ is: "health", returnLossDb: Math.min(...losses) }];
  }

  /** Data of an answer of that length; undefined, and never asked for again, where the reader lacks it. */
  async #value(
    command: number,
    data: readonly number[],
    bytes: number,
  ): Promise<Uint8Array | undefined> {
    if (this.#unsupported.has(command)) return undefined;
    const answer = await this.#set(command, data);
    if (answer?.length === bytes) return answer;
    this.#unsupported.add(command);
    return undefined;
  }

  /** The data of the answer; undefined when the reader refused or kept silent. */
  async #set(command: number, data: readonly number[]): Promise<Uint8Array | undefined> {
    const pick = (frame: Uint8Array) => {
      const message = readUhfReader(frame, "response");
      if (message.is !== "response" || !this.#isMine(message) || message.command !== command)
        return undefined;
      return message.status === uhfStatus.ok ? message.data : new Uint8Array(0);
    };
    return this.#talk.try(buildUhfReader(this.#address, command, data), pick, answerMs);
  }

  #mine(frames: readonly Uint8Array[]): readonly UhfMessage[] {
    return frames
      .map((frame) => readUhfReader(frame, "response"))
      .filter((message) => this.#isMine(message));
  }

  #isMine({ address }: UhfMessage): boolean {
    return this.#address === broadcast || address === this.#address;
  }
}

/** Those that are configured, or that the reader has switched on. */
function antennasToRead(info: UhfInfo, { antennas }: ReaderSettings): readonly number[] {
  if (info.variant === 18) return [1];
  if (antennas.length > 0) return antennas.filter((antenna) => antenna <= antennasMax);
  const on = antennasOf(info.antennaBits ?? 1);
  return on.length > 0 ? on : [1];
}

function readsOf({ antennas, tags }: UhfReport): readonly ReaderEvent[] {
  const [antenna] = antennas;
  const where = antenna === undefined ? {} : { antenna };
  return tags.map(({ epc, rssiRaw }) => {
    const level = rssiRaw === undefined ? {} : { rssiRaw };
    return { is: "read", read: { epc, ...where, ...level } };
  });
}

function endsInventory(message: UhfMessage): boolean {
  if (message.command !== uhfCommands.inventory || message.is === "command") return false;
  if (message.is === "bad") return true;
  return message.status !== uhfStatus.more && message.status !== uhfStatus.statistics;
}

/** The reader has no such command, or not in its mode. */
function refusesInventory(message: UhfMessage): boolean {
  if (message.is !== "response" || message.command !== uhfCommands.inventory) return false;
  const { status } = message;
  return (
    status === uhfStatus.length || status === uhfStatus.unknown || status === uhfStatus.parameter
  );
}
