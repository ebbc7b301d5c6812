import { fromHex, hexOf, wordAt } from "../../hex.ts";
import type { Region } from "../protocol.ts";
import {
  joinBytes,
  noteHeard,
  ReadClock,
  type ReaderSide,
  type ReaderState,
} from "../simulated-side.ts";
import type { TagField } from "../tag-field.ts";
import { writeIdentity } from "../tag-identity.ts";
import { buildMercury, parseMercury } from "./frame.ts";
import { mercuryOpcodes } from "./message.ts";
import { recordMask, writeRecord } from "./record.ts";
import { mercuryRegions } from "./regions.ts";
import { mercuryStatus } from "./status.ts";

const keepAliveMs = 1_000;
const version = fromHex("0710230001000003201410070107020900000010");

interface Reply {
  readonly status?: number;
  readonly data?: readonly number[] | Uint8Array;
}

/** The module's side of the wire. */
export class MercurySide implements ReaderSide {
  readonly #state: ReaderState;
  readonly #field: TagField;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #clock = new ReadClock();
  #isStreaming = false;
  #sinceMs = 0;
  #used: readonly number[] = [1];
  #reboots: number;

  constructor(state: ReaderState, field: TagField, send: (bytes: Uint8Array) => void) {
    this.#state = state;
    this.#field = field;
    this.#send = send;
    this.#reboots = state.reboots;
  }

  hear(frame: Uint8Array): void {
    const message = parseMercury(frame);
    if (message.direction !== "command") return;
    const { opcode, data } = message;
    noteHeard(this.#state, hexOf(opcode));
    const { status = mercuryStatus.ok, data: answer = [] } = this.#answer(opcode, data);
    this.#send(buildMercury(opcode, answer, status));
  }

  pass(elapsedMs: number): void {
    if (this.#reboots !== this.#state.reboots) {
      this.#reboots = this.#state.reboots;
      this.#isStreaming = false;
      this.#send(buildMercury(mercuryOpcodes.boot, version, mercuryStatus.ok));
    }
    if (!this.#isStreaming) return;
    this.#sinceMs += elapsedMs;
    if (this.#sinceMs >= keepAliveMs) {
      this.#sinceMs = 0;
      const { isThrottled } = this.#state;
      const status = isThrottled ? mercuryStatus.tooHot : mercuryStatus.noTags;
      this.#send(buildMercury(mercuryOpcodes.readMultiple, [], status));
    }
    if (this.#state.isThrottled) return;
    const count = this.#clock.due(elapsedMs, this.#field.readsPerSecond);
    const tags = this.#field.draw(count).filter(({ antenna = 1 }) => this.#used.includes(antenna));
    this.#send(
      joinBytes(
        tags.map(({ epc, rssiDbm = -55, antenna = 1, isDamaged, afi }) => {
          const identity = writeIdentity(fromHex(epc), isDamaged, afi);
          const sinceMs = Math.round(this.#sinceMs);
          const record = writeRecord({ identity, rssiDbm, antenna, sinceMs });
          const head = [0x10, 0, 0x1b, recordMask >> 8, recordMask & 0xff, 1];
          return buildMercury(mercuryOpcodes.readMultiple, [...head, ...record], mercuryStatus.ok);
        }),
      ),
    );
  }

  #answer(opcode: number, data: Uint8Array): Reply {
    const state = this.#state;
    if (opcode === mercuryOpcodes.version) return { data: version };
    if (opcode === mercuryOpcodes.program) return { data: [state.isInBootloader ? 0x11 : 0x12] };
    if (opcode === mercuryOpcodes.boot) {
      state.isInBootloader = false;
      return { data: version };
    }
    if (state.isInBootloader) return { status: mercuryStatus.wrongOpcode };
    switch (opcode) {
      case mercuryOpcodes.continuous:
        return this.#switch(data[2] === 1);
      case mercuryOpcodes.getRegion:
        return { data: [state.region === undefined ? 0 : (mercuryRegions[state.region][0] ?? 0)] };
      case mercuryOpcodes.setRegion:
        return this.#setRegion(data[0] ?? 0);
      case mercuryOpcodes.getAntennas:
        return this.#antennas(data[0] ?? 0);
      case mercuryOpcodes.setAntennas:
        this.#used = [...data.subarray(1)].filter((_, index) => index % 2 === 0);
        return {};
      case mercuryOpcodes.getPower:
        return { data: [data[0] ?? 0, ...word(100 * state.powerDbm)] };
      case mercuryOpcodes.setPower: {
        const powerDbm = wordAt(data, 0) / 100;
        if (powerDbm > state.powerMaxDbm) return { status: 0x0103 };
        state.powerDbm = powerDbm;
        return {};
      }
      case mercuryOpcodes.getTemperature:
        return { data: [state.temperatureCel & 0xff] };
      case mercuryOpcodes.setProtocol:
      case mercuryOpcodes.setOption:
      case mercuryOpcodes.setProtocolOption:
        return {};
      default:
        return { status: mercuryStatus.wrongOpcode };
    }
  }

  #switch(isOn: boolean): Reply {
    if (isOn && this.#state.region === undefined) return { status: mercuryStatus.wrongRegion };
    this.#isStreaming = isOn;
    this.#sinceMs = 0;
    return {};
  }

  #setRegion(code: number): Reply {
    const region = this.#state.regions.find((known: Region) => mercuryRegions[known][0] === code);
    if (region === undefined) return { status: mercuryStatus.wrongRegion };
    this.#state.region = region;
    return {};
  }

  /** Option 5: which of four ports has an antenna. Option 6: return loss. */
  #antennas(option: number): Reply {
    const ports = [1, 2, 3, 4];
    const has = (port: number) => this.#state.antennas.includes(port);
    if (option === 5) return { data: [5, ...ports.flatMap((port) => [port, has(port) ? 1 : 0])] };
    if (option === 6) return { data: [6, ...ports.filter(has).flatMap((port) => [port, 18])] };
    return { data: [1, 1] };
  }
}

function word(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}
