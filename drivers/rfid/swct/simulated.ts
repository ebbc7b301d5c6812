import { fromHex, hexOf, wordAt } from "../../hex.ts";
import type { Region } from "../protocol.ts";
import { noteHeard, ReadClock, type ReaderSide, type ReaderState } from "../simulated-side.ts";
import type { SimulatedTag, TagField } from "../tag-field.ts";
import { buildSwct, parseSwct } from "./frame.ts";
import { swctCommands, swctFrequencies, swctModes, swctParameters } from "./message.ts";

const ownAddress = 0;
const broadcast = 0xff;
const serialNumber = fromHex("C3DD938E170123");

/** How often a reader in active mode reports, and how long an inventory in answer mode takes. */
const reportMs = 100;

/** Tags of one report: far below the longest frame. */
const tagsPerReport = 40;

/** The reader's side of the wire: active mode while `isRealtime`, else answer mode. */
export class SwctSide implements ReaderSide {
  readonly #state: ReaderState;
  readonly #field: TagField;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #clock = new ReadClock();
  #isReading = true;
  #passedMs = 0;

  constructor(state: ReaderState, field: TagField, send: (bytes: Uint8Array) => void) {
    this.#state = state;
    this.#field = field;
    this.#send = send;
  }

  hear(frame: Uint8Array): void {
    const { direction, address, command, data } = parseSwct(frame);
    if (direction !== "command" || (address !== ownAddress && address !== broadcast)) return;
    noteHeard(this.#state, hexOf(command));
    this.#reply(command, this.#answer(command, data));
  }

  pass(elapsedMs: number): void {
    if (!this.#state.isRealtime || !this.#isReading) return;
    this.#passedMs += elapsedMs;
    if (this.#passedMs < reportMs) return;
    const tags = this.#seen(this.#passedMs);
    this.#passedMs = 0;
    if (tags.length === 0) return;
    const body = [...serialNumber, tags.length, ...tags.flatMap(tagBytes)];
    this.#reply(swctCommands.report, body);
  }

  #seen(elapsedMs: number): readonly SimulatedTag[] {
    const count = this.#clock.due(elapsedMs, this.#field.readsPerSecond);
    return this.#field.draw(Math.min(count, tagsPerReport));
  }

  #answer(command: number, data: Uint8Array): readonly number[] | undefined {
    const state = this.#state;
    switch (command) {
      case swctCommands.inventory: {
        const tags = [...new Set(this.#seen(reportMs))];
        return tags.length === 0
          ? undefined
          : [tags.length >> 8, tags.length & 0xff, ...tags.flatMap(tagBytes)];
      }
      case swctCommands.systemInfo:
        return [0x14, 0x11, ...serialNumber];
      case swctCommands.getParameter:
        return this.#parameter(data[0] ?? 0);
      case swctCommands.setParameter:
        return this.#setParameter(data[0] ?? 0, data[1] ?? 0);
      case swctCommands.getFrequency:
        return word(state.region === undefined ? 0 : (swctFrequencies[state.region] ?? 0));
      case swctCommands.setFrequency: {
        const wanted = wordAt(data, 0);
        const region = state.regions.find((known: Region) => swctFrequencies[known] === wanted);
        if (region === undefined) return undefined;
        state.region = region;
        return [];
      }
      case swctCommands.startReading:
      case swctCommands.stopReading:
        this.#isReading = command === swctCommands.startReading;
        return [];
      case swctCommands.checkAntennas:
        return word(state.antennas.reduce((bits, antenna) => bits | (1 << (antenna - 1)), 0));
      default:
        return undefined;
    }
  }

  #parameter(address: number): readonly number[] | undefined {
    const { isRealtime, powerDbm } = this.#state;
    if (address === swctParameters.workMode)
      return [address, swctModes.indexOf(isRealtime ? "active" : "answer")];
    return address === swctParameters.power ? [address, powerDbm] : undefined;
  }

  #setParameter(address: number, value: number): readonly number[] | undefined {
    if (address === swctParameters.workMode) this.#state.isRealtime = value === 1;
    else if (address === swctParameters.power && value <= this.#state.powerMaxDbm)
      this.#state.powerDbm = value;
    else return undefined;
    return [];
  }

  /** Undefined: refused, or no tag. */
  #reply(command: number, data: readonly number[] | undefined): void {
    const body = data === undefined ? [0] : [1, ...data];
    this.#send(buildSwct("response", ownAddress, command, body));
  }
}

function tagBytes({ epc, rssiDbm = -55, antenna = 1 }: SimulatedTag): readonly number[] {
  const bytes = fromHex(epc);
  return [bytes.length + 3, 1, antenna, ...bytes, (rssiDbm + 200) & 0xff];
}

function word(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}
