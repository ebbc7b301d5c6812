import { fromHex, hexOf } from "../../hex.ts";
import { joinBytes, noteHeard, type ReaderSide, type ReaderState } from "../simulated-side.ts";
import type { SimulatedTag, TagField } from "../tag-field.ts";
import { buildUhfReader, parseUhfReader } from "./frame.ts";
import { bandCommand, readInfo } from "./info.ts";
import { uhfCommands, uhfStatus } from "./message.ts";

const ownAddress = 0;
const broadcast = 0xff;

/** 18: time of one inventory. */
const scanMs = 300;

/** Tags of one frame; more frames follow. */
const tagsPerFrame = 8;

interface Round {
  leftMs: number;
  readonly scanMs: number;
  readonly antenna: number;
}

/** The reader's side of the wire. It is deaf while it runs an inventory. */
export class UhfReaderSide implements ReaderSide {
  readonly #variant: 18 | 288;
  readonly #state: ReaderState;
  readonly #field: TagField;
  readonly #send: (bytes: Uint8Array) => void;
  #round: Round | undefined;
  #passedMs = 0;

  constructor(
    variant: 18 | 288,
    state: ReaderState,
    field: TagField,
    send: (bytes: Uint8Array) => void,
  ) {
    this.#variant = variant;
    this.#state = state;
    this.#field = field;
    this.#send = send;
  }

  hear(frame: Uint8Array): void {
    const { address, command, data } = parseUhfReader(frame);
    if (this.#round !== undefined || (address !== ownAddress && address !== broadcast)) return;
    noteHeard(this.#state, hexOf(command));
    // A reader in realtime mode reads by itself and takes no commands.
    if (this.#state.isRealtime) return;
    if (command === uhfCommands.inventory) this.#start(data);
    else this.#reply(command, this.#answer(command, data));
  }

  pass(elapsedMs: number): void {
    if (this.#state.isRealtime) this.#report(elapsedMs);
    const round = this.#round;
    if (round === undefined) return;
    round.leftMs -= elapsedMs;
    if (round.leftMs > 0) return;
    this.#round = undefined;
    this.#finish(round);
  }

  #start(data: Uint8Array): void {
    const isNew = this.#variant === 288;
    const antenna = isNew ? (data.at(-2) ?? 0x80) - 0x7f : 1;
    const timeMs = isNew ? 100 * (data.at(-1) ?? 20) : scanMs;
    if (!isNew && data.length > 0) this.#reply(uhfCommands.inventory, [uhfStatus.length]);
    else if (isNew && !this.#state.antennas.includes(antenna))
      this.#reply(uhfCommands.inventory, [uhfStatus.antenna]);
    else this.#round = { leftMs: timeMs, scanMs: timeMs, antenna };
  }

  /** Each tag once, as a reader in answer mode sums up. */
  #finish(round: Round): void {
    const count = Math.round((this.#field.readsPerSecond * round.scanMs) / 1_000);
    const only = this.#variant === 288 ? round.antenna : undefined;
    const tags = [...new Set(this.#field.draw(count, only))];
    const command = uhfCommands.inventory;
    if (tags.length === 0 && this.#variant === 18) {
      this.#reply(command, [uhfStatus.noTag]);
      return;
    }
    const head = this.#variant === 288 ? [1 << (round.antenna - 1)] : [];
    const frames: Uint8Array[] = [];
    for (let at = 0; at < tags.length; at += tagsPerFrame) {
      const some = tags.slice(at, at + tagsPerFrame);
      const body = some.flatMap((tag) => this.#tagBytes(tag));
      const data = [uhfStatus.more, ...head, some.length, ...body];
      frames.push(buildUhfReader(ownAddress, command, data));
    }
    frames.push(buildUhfReader(ownAddress, command, [uhfStatus.finished, ...head, 0]));
    this.#send(joinBytes(frames));
  }

  #report(elapsedMs: number): void {
    this.#passedMs += elapsedMs;
    if (this.#passedMs < 100) return;
    this.#passedMs = 0;
    for (const tag of this.#field.draw(1)) {
      const antenna = 1 << ((tag.antenna ?? 1) - 1);
      const data = [uhfStatus.ok, antenna, ...this.#tagBytes(tag)];
      this.#send(buildUhfReader(ownAddress, uhfCommands.realtime, data));
    }
  }

  #tagBytes({ epc, rssiDbm = -55 }: SimulatedTag): readonly number[] {
    const bytes = [epc.length / 2, ...fromHex(epc)];
    return this.#variant === 288 ? [...bytes, (rssiDbm + 200) & 0xff] : bytes;
  }

  /** Status and data. */
  #answer(command: number, data: Uint8Array): readonly number[] {
    const state = this.#state;
    switch (command) {
      case uhfCommands.info:
        return [uhfStatus.ok, ...this.#info()];
      case uhfCommands.setBand: {
        // The same bytes as an answer about the region carry.
        const region = readInfo(Uint8Array.of(0, 0, 0, 0, ...data, 0, 0))?.region;
        if (region === undefined || !state.regions.includes(region)) return [uhfStatus.parameter];
        state.region = region;
        return [uhfStatus.ok];
      }
      case uhfCommands.setPower:
        if ((data[0] ?? 0) > state.powerMaxDbm) return [uhfStatus.parameter];
        state.powerDbm = data[0] ?? 0;
        return [uhfStatus.ok];
      case uhfCommands.temperature:
        if (this.#variant === 18) return [uhfStatus.unknown];
        return [uhfStatus.ok, ...signAndDegrees(state.temperatureCel)];
      case uhfCommands.returnLoss:
        if (this.#variant === 18) return [uhfStatus.unknown];
        return [uhfStatus.ok, 17];
      default:
        return [uhfStatus.unknown];
    }
  }

  #info(): readonly number[] {
    const { region, powerDbm, antennas } = this.#state;
    const [highest = 0, lowest = 0] = region === undefined ? [] : (bandCommand(region) ?? []);
    const isNew = this.#variant === 288;
    const head = [3, 13, isNew ? 0x0c : 0x09, 2, highest, lowest, powerDbm, scanMs / 100];
    if (!isNew) return head;
    return [...head, antennas.reduce((bits, antenna) => bits | (1 << (antenna - 1)), 0), 0, 0, 1];
  }

  #reply(command: number, data: readonly number[]): void {
    this.#send(buildUhfReader(ownAddress, command, data));
  }
}

function signAndDegrees(temperatureCel: number): readonly number[] {
  return [temperatureCel < 0 ? 0 : 1, Math.abs(temperatureCel)];
}
