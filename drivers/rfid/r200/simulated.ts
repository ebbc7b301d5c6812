import { fromHex, hexOf, wordAt } from "../../hex.ts";
import {
  joinBytes,
  noteHeard,
  ReadClock,
  type ReaderSide,
  type ReaderState,
} from "../simulated-side.ts";
import type { SimulatedTag, TagField } from "../tag-field.ts";
import { writeIdentity } from "../tag-identity.ts";
import { r200Regions } from "./decode.ts";
import { buildR200, parseR200 } from "./frame.ts";
import { r200Commands, r200Errors } from "./message.ts";

/** The reader's side of the wire: rounds until they are used up, with a report of each empty one. */
export class R200Side implements ReaderSide {
  readonly #state: ReaderState;
  readonly #field: TagField;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #clock = new ReadClock();
  #leftMs = 0;
  #query = 0x1020;
  #reboots: number;

  constructor(state: ReaderState, field: TagField, send: (bytes: Uint8Array) => void) {
    this.#state = state;
    this.#field = field;
    this.#send = send;
    this.#reboots = state.reboots;
  }

  hear(frame: Uint8Array): void {
    const { direction, command, parameter } = parseR200(frame);
    if (direction !== "command") return;
    noteHeard(this.#state, hexOf(command));
    const answer = this.#answer(command, parameter);
    if (answer === "none") return;
    if (answer === "error") this.#fail(r200Errors.command);
    else this.#send(buildR200("response", command, answer));
  }

  pass(elapsedMs: number): void {
    if (this.#reboots !== this.#state.reboots) {
      this.#reboots = this.#state.reboots;
      this.#leftMs = 0;
    }
    if (this.#leftMs <= 0) return;
    this.#leftMs -= elapsedMs;
    const tags = this.#field.draw(this.#clock.due(elapsedMs, this.#field.readsPerSecond));
    if (tags.length === 0) this.#fail(r200Errors.inventory);
    else this.#send(joinBytes(tags.map(noticeOf)));
  }

  #answer(command: number, parameter: Uint8Array): readonly number[] | "none" | "error" {
    const state = this.#state;
    switch (command) {
      case r200Commands.info:
        return [parameter[0] ?? 0, ...Buffer.from("M100 26dBm V1.0", "latin1")];
      case r200Commands.getRegion:
        return [codeOf(state.region)];
      case r200Commands.setRegion: {
        const region = r200Regions[parameter[0] ?? -1];
        if (region === undefined || !state.regions.includes(region)) return "error";
        state.region = region;
        return [0];
      }
      case r200Commands.getPower:
        return word(100 * state.powerDbm);
      case r200Commands.setPower:
        state.powerDbm = Math.min(wordAt(parameter, 0) / 100, state.powerMaxDbm);
        return [0];
      case r200Commands.getQuery:
        return word(this.#query);
      case r200Commands.setQuery:
        this.#query = wordAt(parameter, 0);
        return [0];
      case r200Commands.inventories:
        this.#leftMs = state.roundsMs;
        return "none";
      case r200Commands.stop:
        this.#leftMs = 0;
        return [0];
      default:
        return "error";
    }
  }

  #fail(code: number): void {
    this.#send(buildR200("response", r200Commands.failure, [code]));
  }
}

function noticeOf({ epc, rssiDbm = -55, isDamaged, afi }: SimulatedTag): Uint8Array {
  const identity = writeIdentity(fromHex(epc), isDamaged, afi);
  return buildR200("notice", r200Commands.inventory, [rssiDbm & 0xff, ...identity]);
}

function codeOf(region: string | undefined): number {
  return Number(Object.entries(r200Regions).find(([, known]) => known === region)?.[0] ?? 0);
}

function word(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}
