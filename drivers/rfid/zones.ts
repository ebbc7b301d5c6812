import type { TagRead } from "./protocol.ts";

/** One device of a reader's channel: the antennas that look at one place; undefined: whatever the reader sees. */
export interface Zone {
  readonly device: string;
  readonly antennas: readonly number[] | undefined;
}

/** Last signals that are kept of an antenna: enough for a median that one reflection does not move. */
const signalsMax = 8;

/** Antennas of one tag that are told apart; readers have up to 32 behind multiplexers. Further ones are not noted. */
const antennasMax = 32;

/** How a tag was seen in one zone lately. */
export interface Score {
  readonly device: string;
  readonly reads: number;
  /** Median of the zone's best antenna; undefined where the reader gives no signal strength. */
  readonly strength: number | undefined;
}

/** The zone to which an antenna belongs. */
export function zoneOf(zones: readonly Zone[], antenna: number | undefined): Zone | undefined {
  const only = zones[0];
  if (only !== undefined && zones.length === 1 && antenna === undefined) return only;
  return zones.find(
    ({ antennas }) =>
      antennas === undefined || (antenna !== undefined && antennas.includes(antenna)),
  );
}

export interface Hysteresis {
  /** By how much a zone must be stronger to take a tag over: dB, or the reader's own steps. */
  readonly margin: number;
  /** Reads in a zone before it may take a tag over. */
  readonly reads: number;
}

/**
 * Where a tag is: the strongest zone, but the one where it is keeps it until another is stronger by the margin.
 * Without signal strength the reads count, and twice as many are needed.
 */
export function chooseZone(
  current: string | undefined,
  scores: readonly Score[],
  hysteresis: Hysteresis,
): string | undefined {
  const best = scores.toSorted(stronger)[0];
  if (best === undefined || best.device === current) return current ?? best?.device;
  if (current === undefined) return best.device;
  if (best.reads < hysteresis.reads) return current;
  const held = scores.find(({ device }) => device === current);
  if (held === undefined) return best.device;
  if (best.strength === undefined || held.strength === undefined)
    return best.reads >= 2 * held.reads ? best.device : current;
  return best.strength >= held.strength + hysteresis.margin ? best.device : current;
}

function stronger(one: Score, other: Score): number {
  if (one.strength === undefined || other.strength === undefined) return other.reads - one.reads;
  return other.strength - one.strength;
}

interface Signal {
  readonly atMs: number;
  readonly strength: number | undefined;
}

/** The last signals of one tag by antenna. */
export class Signals {
  readonly #byAntenna = new Map<number, Signal[]>();

  /** `antenna` 0 stands for a reader that does not say which. */
  note(antenna: number, strength: number | undefined, atMs: number): void {
    const known = this.#byAntenna.get(antenna);
    if (known === undefined) {
      if (this.#byAntenna.size < antennasMax) this.#byAntenna.set(antenna, [{ atMs, strength }]);
      return;
    }
    known.push({ atMs, strength });
    if (known.length > signalsMax) known.shift();
  }

  /** Zones in which the tag was seen since then. */
  scores(zones: readonly Zone[], sinceMs: number): readonly Score[] {
    const found = new Map<string, Score>();
    for (const [antenna, signals] of this.#byAntenna) {
      const recent = signals.filter(({ atMs }) => atMs >= sinceMs);
      const device = zoneOf(zones, antenna === 0 ? undefined : antenna)?.device;
      if (recent.length === 0 || device === undefined) continue;
      const known = found.get(device);
      const strength = medianOf(recent);
      found.set(device, {
        device,
        reads: (known?.reads ?? 0) + recent.length,
        strength: strongest(known?.strength, strength),
      });
    }
    return [...found.values()];
  }
}

function medianOf(signals: readonly Signal[]): number | undefined {
  const sorted = signals
    .flatMap(({ strength }) => (strength === undefined ? [] : [strength]))
    .sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

function strongest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

/** dBm, or what the reader has in its place. */
export function strengthOf(read: TagRead): number | undefined {
  return read.rssiDbm ?? read.rssiRaw;
}
