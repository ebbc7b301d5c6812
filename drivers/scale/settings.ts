import type { SerialSettings } from "../connect.ts";
import type { Abilities } from "./abilities.ts";
import type { ScaleMode, ScaleProtocol, ScaleProtocolOptions } from "./protocol.ts";
import { type ScaleChannel, speechOf } from "./schema.ts";
import { type SteadySettings, steadyDefault } from "./steadiness.ts";

/** A channel with its one scale, every default filled in. */
export interface ScaleSettings {
  readonly port: string;
  readonly device: string;
  readonly protocol: ScaleProtocol;
  readonly can: Abilities;
  readonly options: ScaleProtocolOptions;
  readonly mode: ScaleMode;
  readonly serial: SerialSettings;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly steady: SteadySettings;
}

/** A scale that is asked for a stable weight answers when the load rests, or gives up by itself after some seconds. */
const timeoutMsDefault: Readonly<Record<ScaleMode, number>> = {
  poll: 1_000,
  stream: 2_000,
  stable: 10_000,
};

/** Undefined: the channel has no device. What the channel says comes before the device, that before the language. */
export function settingsOf(channel: ScaleChannel): ScaleSettings | undefined {
  const [entry] = Object.entries(channel.devices);
  if (entry === undefined) return undefined;
  const [device, own] = entry;
  const speech = speechOf({
    protocol: channel.protocol ?? own.protocol,
    format: channel.format ?? own.format,
  });
  if (speech === undefined) return undefined;
  const { protocol, can } = speech;
  const mode = channel.mode ?? own.mode ?? protocol.modes[0];
  const { serial } = protocol;
  const { stableAfter } = own;
  return {
    port: channel.port,
    device,
    protocol,
    can,
    options: { checksum: channel.checksum ?? own.checksum ?? "auto" },
    mode,
    serial: {
      baudRate: channel.baudRate ?? own.baudRate ?? serial.baudRate,
      dataBits: channel.dataBits ?? own.dataBits ?? serial.dataBits,
      parity: channel.parity ?? own.parity ?? serial.parity,
      stopBits: channel.stopBits ?? own.stopBits ?? serial.stopBits,
      dtr: channel.dtr ?? own.dtr,
      rts: channel.rts ?? own.rts,
    },
    everyMs: own.every,
    timeoutMs: channel.timeout ?? own.timeout ?? timeoutMsDefault[mode],
    steady:
      stableAfter === undefined
        ? steadyDefault
        : { readings: stableAfter.readings, withinKg: stableAfter.within },
  };
}
