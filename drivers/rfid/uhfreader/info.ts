import type { Region } from "../protocol.ts";

/** What a reader answers to 21. */
export interface UhfInfo {
  /** `5.2` */
  readonly version: string;
  readonly type: number;
  readonly variant: 18 | 288;
  readonly band: number;
  readonly region: Region | undefined;
  readonly powerDbm: number;
  /** How long an inventory may take; 0 is without limit. */
  readonly scanTimeMs: number;
  /** Antennas that are switched on; undefined where the reader does not say. */
  readonly antennaBits: number | undefined;
}

/** Version (2), type, air protocols, highest and lowest channel, power, scan time; 288 adds antennas, beeper, outputs, antenna check. */
const shortBytes = 8;
const longBytes = 12;

export function readInfo(data: Uint8Array): UhfInfo | undefined {
  if (data.length < shortBytes) return undefined;
  const [major = 0, minor = 0, type = 0, , highest = 0, lowest = 0, powerDbm = 0, scan = 0] = data;
  const band = ((highest >> 6) << 2) | (lowest >> 6);
  const isLong = data.length >= longBytes;
  return {
    version: `${major}.${minor}`,
    type,
    variant: isLong ? 288 : 18,
    band,
    region: bands.find((known) => known.band === band)?.region,
    powerDbm,
    scanTimeMs: 100 * scan,
    antennaBits: isLong ? data[8] : undefined,
  };
}

interface Band {
  readonly region: Region;
  readonly band: number;
  /** Highest channel; the lowest is 0. */
  readonly channelMax: number;
}

/** UHFReader288MP manual 1.14, 8.4.2. India and Japan have no band of their own. */
const bands: readonly Band[] = [
  { region: "CN", band: 1, channelMax: 19 },
  { region: "US", band: 2, channelMax: 49 },
  { region: "KR", band: 3, channelMax: 31 },
  { region: "EU", band: 4, channelMax: 14 },
  { region: "CN1", band: 8, channelMax: 19 },
];

/** Data of command 22 for a region; undefined where these readers have no band for it. */
export function bandCommand(region: Region): readonly [number, number] | undefined {
  const found = bands.find((known) => known.region === region);
  if (found === undefined) return undefined;
  return [((found.band >> 2) << 6) | found.channelMax, (found.band & 3) << 6];
}
