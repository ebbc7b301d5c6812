import type { Connection, SerialSettings } from "../connect.ts";
import type { DriverContext, EpochMs } from "../contract.ts";
import type { DecodedFrame } from "../protocol.ts";

/** One sighting of a tag, or several that the reader has counted together. */
export interface TagRead {
  /** The tag's identity in upper-case hex, whole bytes: EPC bank for UHF, number for 125 kHz. */
  readonly epc: string;
  /** 1 is the first; absent where the reader has one or does not say. */
  readonly antenna?: number;
  readonly rssiDbm?: number;
  /** Where the maker gives no dBm: larger is nearer, nothing more is known. */
  readonly rssiRaw?: number;
  /** Sightings that this one stands for; 1 unless told. */
  readonly count?: number;
  /** The reader's own UTC of the (first) sighting; absent where it has no clock. */
  readonly seenAt?: EpochMs;
  /** Protocol control word, hex. */
  readonly pc?: string;
}

/** Why a sighting was not believed. Each is counted, none is dropped silently. */
export type GhostReason =
  /** The tag's own CRC over PC and EPC is wrong. */
  | "tag-crc"
  /** PC and EPC disagree about the length. */
  | "pc-length"
  | "weak-signal"
  /** Read less often than `present` asks for, then gone. */
  | "single-read";

export type ReaderEvent =
  | { readonly is: "read"; readonly read: TagRead }
  | { readonly is: "ghost"; readonly reason: GhostReason; readonly epc?: string }
  | {
      readonly is: "health";
      readonly temperatureCel?: number;
      readonly returnLossDb?: number;
      /** By antenna number: whether one is connected. */
      readonly antennas?: Readonly<Record<number, boolean>>;
    }
  /** Alive, whatever it saw: an empty round, a keep-alive. */
  | { readonly is: "alive" }
  /** The reader answers but does not read: throttled, in another mode, another region, an antenna missing. */
  | { readonly is: "fault"; readonly reason: string };

export const regions = ["CN", "CN1", "EU", "US", "KR", "IN", "JP"] as const;
export type Region = (typeof regions)[number];

export interface ReaderSettings {
  /** Undefined: the reader keeps what it has stored. A region is never guessed. */
  readonly region?: Region | undefined;
  /** Undefined: the reader keeps what it has stored. */
  readonly powerDbm?: number | undefined;
  /** Antennas to read with, 1 is the first; empty: all that the reader has. */
  readonly antennas: readonly number[];
  /** Gen2 session and Q, where the protocol can set them. */
  readonly session?: 0 | 1 | 2 | 3 | undefined;
  readonly q?: number | undefined;
  /** Address of the reader on its line, where the protocol has one. */
  readonly address?: number | undefined;
}

/** A conversation with one reader that runs its inventory. */
export interface ReaderLink extends AsyncDisposable {
  /**
   * Starts the inventory and re-arms it when the reader ends it by itself. Ends when the signal is aborted.
   * @throws RackwatchError `driver/timeout` when the reader went silent, `driver/connection-lost`, `driver/refused`.
   */
  events(): AsyncIterable<readonly ReaderEvent[]>;
}

/** One reader language. */
export interface ReaderProtocol {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  /** Factory settings of the serial line; absent: network only. */
  readonly serial?: SerialSettings;
  readonly tcpPort?: number;
  /** False for 125 kHz readers, which have neither region nor power. */
  readonly hasRadioSettings: boolean;
  /** True where the reader does not work until it was given a region. */
  readonly needsRegion: boolean;
  /** See `Protocol.decode`. */
  decode(bytes: Uint8Array): readonly DecodedFrame[];
  /** Sets the reader up over an open connection. The link does not close the connection. */
  open(
    connection: Connection,
    settings: ReaderSettings,
    context: DriverContext,
    signal: AbortSignal,
  ): Promise<ReaderLink>;
}
