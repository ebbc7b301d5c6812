import type { SerialSettings } from "../connect.ts";
import type { Framer } from "../framing/framer.ts";

/** What kind of weighing it was. Everything but `ok` and `unstable` has no weight that is true. */
export type ScaleStatus =
  | "ok"
  | "unstable"
  | "overload"
  | "underload"
  /** The zero point is out of range, or the scale was not zeroed after power-up. */
  | "zero-error"
  /** The scale sends no unit where it always should. */
  | "unit-blank"
  /** The scale is alive and cannot weigh now: warming up, in a menu, stability timeout. */
  | "not-ready"
  /** The scale reports an error of its own; `code` says which. */
  | "error";

/** One weighing as the scale sent it. */
export interface ScaleReading {
  readonly kind: "reading";
  readonly status: ScaleStatus;
  /** In `unit`, sign included, net or gross as `net` says; absent where `status` has no true weight. */
  readonly weight?: number;
  /** As sent, in lower case: `g`, `kg`, `lb`, `t`, `pcs`, `%`; absent when blank. */
  readonly unit?: string;
  /** The device's own flag; absent where its protocol has none. */
  readonly stable?: boolean;
  /** True net, false gross; absent where the protocol does not say. */
  readonly net?: boolean;
  /** Tare in `unit`, where it is sent. */
  readonly tare?: number;
  readonly code?: string;
  /** A few words for a person, where the status alone does not say it. */
  readonly reason?: string;
}

/** The answer to a command. */
export interface ScaleReply {
  readonly kind: "reply";
  readonly command: ScaleCommand | "other";
  readonly ok: boolean;
  readonly reason?: string;
  /** The tare that was taken or asked for, in `unit`, where the answer says it. */
  readonly tare?: number;
  readonly unit?: string;
}

export type ScaleMessage =
  | ScaleReading
  | ScaleReply
  /** Something that the scale says unasked and that is no weighing: serial number at power-up. */
  | { readonly kind: "notice"; readonly text: string }
  /** A frame whose content makes no sense in this protocol. */
  | { readonly kind: "bad"; readonly reason: string };

export type ScaleCommand = "poll" | "stable" | "stream" | "stop" | "zero" | "tare" | "clear-tare";

/** Ways to get weighings: the scale sends by itself, is asked, or is asked for its next stable one. */
export type ScaleMode = "stream" | "poll" | "stable";

/** Settings of one channel that change how its bytes are read. */
export interface ScaleProtocolOptions {
  /** Whether frames end with a checksum; `auto` takes both. */
  readonly checksum: "on" | "off" | "auto";
}

/** One scale language: bytes to weighings and commands to bytes. Pure. */
export interface ScaleProtocol {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  /** Factory settings of the serial line. */
  readonly serial: SerialSettings;
  /** TCP port of network models, where there is a usual one. */
  readonly tcpPort?: number;
  /** The first one is the default. */
  readonly modes: readonly [ScaleMode, ...ScaleMode[]];
  createFramer(options: ScaleProtocolOptions): Framer;
  parse(frame: Uint8Array, options: ScaleProtocolOptions): ScaleMessage;
  /** A host's command as it is written, for tools that show both directions; undefined when the frame is none. */
  commandOf?(frame: Uint8Array): string | undefined;
  /** Undefined: the protocol has no such command. */
  command(command: ScaleCommand): Uint8Array | undefined;
  /** The scale's side of the wire, for simulators: a weighing in bytes. */
  encode(reading: ScaleReading): Uint8Array;
  /** The scale's side: what a host's bytes ask for; undefined when they are no whole command. */
  hear(bytes: Uint8Array): { readonly command: ScaleCommand; readonly length: number } | undefined;
  /** The scale's side: the answer to zero, tare and clear-tare; undefined when there is none. */
  answer(command: ScaleCommand, ok: boolean): Uint8Array | undefined;
}
