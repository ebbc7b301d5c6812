import type { ReaderSettings } from "../protocol.ts";
import { long, octets, parameter, word } from "./encode.ts";

/** The only inventory that we set up. Readers keep none over a restart. */
export const roSpecId = 1;

/** Where the transmitter is told how strong it may be. */
export interface Transmitter {
  readonly hopTableId: number;
  readonly channelIndex: number;
  readonly powerIndex: number;
}

/** Content of SET_READER_CONFIG: a sign of life in every period, and nothing is held back after a reconnect. */
export function keepaliveConfig(periodMs: number): readonly Uint8Array[] {
  return [octets(0), parameter(220, octets(1), long(periodMs)), parameter(226, octets(0))];
}

/** ROSpec, buffer fill, exception, antenna (LLRP 1.0.1, 13.2.5.1.1). */
const wantedEvents = [2, 3, 4, 8] as const;

/** Content of SET_READER_CONFIG: which events the reader tells. */
export function eventConfig(): readonly Uint8Array[] {
  const states = wantedEvents.map((event) => parameter(245, word(event), octets(0x80)));
  return [octets(0), parameter(244, ...states)];
}

/** Content of GET_READER_CAPABILITIES: what the law of its country lets it do. */
export function regulatoryRequest(): Uint8Array {
  return octets(3);
}

/** Content of GET_READER_CONFIG: which antennas are connected. */
export function antennaRequest(): Uint8Array {
  return octets(0, 0, 2, 0, 0, 0, 0);
}

/** Antenna, peak RSSI, first and last time seen, count. */
const reportFields = 0x1780;

export interface RoSpecOptions {
  readonly transmitter?: Transmitter | undefined;
  /** Asks for each tag's control word and CRC. Some readers refuse the whole ROSpec for it. */
  readonly withTagCrc: boolean;
}

/**
 * Content of ADD_ROSPEC: inventory from START_ROSPEC until it is stopped, each tag reported when it is seen.
 * LLRP 1.0.1, 11.2.
 */
export function roSpec(
  { antennas, session, q }: ReaderSettings,
  { transmitter, withTagCrc }: RoSpecOptions,
): Uint8Array {
  const ids = antennas.length === 0 ? [0] : antennas;
  const startByCommand = parameter(179, octets(0));
  const neverStop = parameter(182, octets(0), long(0));
  const inventory = [...inventoryCommand(session, q)];
  const configurations =
    transmitter === undefined && inventory.length === 0
      ? []
      : ids.map((id) => parameter(222, word(id), ...transmitterOf(transmitter), ...inventory));
  return parameter(
    177,
    long(roSpecId),
    octets(0, 0),
    parameter(178, startByCommand, neverStop),
    parameter(
      183,
      word(ids.length),
      ...ids.map(word),
      parameter(184, octets(0), long(0)),
      parameter(186, word(1), octets(1), ...configurations),
    ),
    parameter(
      237,
      octets(1),
      word(1),
      parameter(238, word(reportFields), ...(withTagCrc ? [parameter(348, octets(0xc0))] : [])),
    ),
  );
}

function transmitterOf(transmitter: Transmitter | undefined): readonly Uint8Array[] {
  if (transmitter === undefined) return [];
  const { hopTableId, channelIndex, powerIndex } = transmitter;
  return [parameter(224, word(hopTableId), word(channelIndex), word(powerIndex))];
}

/** Readers choose Q by the number of tags that they are told to expect. */
const populationDefault = 32;

function inventoryCommand(
  session: number | undefined,
  q: number | undefined,
): readonly Uint8Array[] {
  if (session === undefined && q === undefined) return [];
  const population = q === undefined ? populationDefault : 2 ** q;
  const control = parameter(336, octets((session ?? 1) << 6), word(population), long(0));
  return [parameter(330, octets(0), control)];
}
