import type { EpochMs, PointDescription, PointKey, Sample, Value } from "../contract.ts";
import type { TagRead } from "./protocol.ts";
import { strengthOf } from "./zones.ts";

/** Tags that `tags` names: what fits the text of one sample. With more it is uncertain and names the first. */
export const tagsNamedMax = 600;

/** Longest text of a sample that the store takes. */
export const tagsCharsMax = 16_384;

/** Without a change the state is told again after that long, so that nobody takes it for old. */
export const heartbeatMs = 60_000;

interface Point {
  readonly kind: PointDescription["kind"];
  readonly unit?: string;
  /** Told again and again, so that it can grow old. */
  readonly isState?: true;
  /** Delivered by 125 kHz readers too. */
  readonly ofAll?: true;
}

const points = {
  count: { kind: "number", isState: true, ofAll: true },
  tags: { kind: "text", isState: true, ofAll: true },
  arrived: { kind: "text", ofAll: true },
  left: { kind: "text", ofAll: true },
  last: { kind: "text", ofAll: true },
  "last-uri": { kind: "text", ofAll: true },
  "last-antenna": { kind: "number" },
  "last-rssi": { kind: "number" },
  "last-first-seen": { kind: "text", ofAll: true },
  "last-seen": { kind: "text", ofAll: true },
  "last-reads": { kind: "number", ofAll: true },
  reads: { kind: "number", isState: true, ofAll: true },
  ghosts: { kind: "number", isState: true, ofAll: true },
  "ghost-reason": { kind: "text", ofAll: true },
  reader: { kind: "text", isState: true, ofAll: true },
  antenna: { kind: "boolean" },
  temperature: { kind: "number", unit: "Cel" },
  "return-loss": { kind: "number", unit: "dB" },
} as const satisfies Readonly<Record<string, Point>>;

export type PointName = keyof typeof points;

/** The points of a device, which is one place that a reader watches. */
export const pointNames: readonly string[] = Object.keys(points);

/** What a reader of that kind delivers of one device. */
export function pointsOf(
  device: string,
  hasRadioSettings: boolean,
  unitOf: (point: string) => string | undefined,
): readonly PointDescription[] {
  const entries: readonly (readonly [string, Point])[] = Object.entries(points);
  return entries
    .filter(([, { ofAll }]) => ofAll === true || hasRadioSettings)
    .map(([name, { kind, unit: known, isState }]) => {
      const unit = unitOf(name) ?? known;
      return {
        key: `${device}/${name}` as const,
        kind,
        access: "read",
        ...(unit === undefined ? {} : { unit }),
        ...(isState === true ? { everyMs: heartbeatMs } : {}),
      };
    });
}

/** How far the set of tags can be believed. */
export type Trust =
  | { readonly quality: "good" }
  | { readonly quality: "uncertain" | "bad"; readonly reason: string };

export function sampleOf(
  device: string,
  point: PointName,
  value: Value,
  sampledAt: EpochMs,
  trust: Trust = { quality: "good" },
): Sample {
  const key: PointKey = `${device}/${point}`;
  if (trust.quality === "bad") return { point: key, sampledAt, ...trust, quality: "bad" };
  return { point: key, sampledAt, value, ...trust };
}

/** `count` and `tags`: hex, sorted, one blank between two. */
export function setSamples(
  device: string,
  tags: ReadonlySet<string>,
  sampledAt: EpochMs,
  trust: Trust,
): readonly Sample[] {
  const named = namedTags([...tags].sort());
  const isCut = named.length < tags.size && trust.quality !== "bad";
  const tagsTrust: Trust = isCut
    ? { quality: "uncertain", reason: `first ${named.length} tags` }
    : trust;
  return [
    sampleOf(device, "count", tags.size, sampledAt, trust),
    sampleOf(device, "tags", named.join(" "), sampledAt, tagsTrust),
  ];
}

function namedTags(sorted: readonly string[]): readonly string[] {
  let chars = 0;
  let count = 0;
  for (const epc of sorted.slice(0, tagsNamedMax)) {
    chars += epc.length + 1;
    if (chars - 1 > tagsCharsMax) break;
    count += 1;
  }
  return sorted.slice(0, count);
}

/** What is known of the tag that was read last. */
export interface LastRead {
  readonly read: TagRead;
  /** Of this read: the reader's time of it, or the gateway's. */
  readonly seenAt: EpochMs;
  readonly stay: Stay;
}

/** One stay of a tag before the reader, from its first sighting until it is gone. */
export interface Stay {
  readonly firstSeenAt: EpochMs;
  /** Sightings so far. */
  readonly reads: number;
}

/** The last read of a device, and the stay of its tag; `uri` of its EPC. Times are text in ISO 8601, UTC. */
export function lastSamples(
  device: string,
  { read, seenAt, stay }: LastRead,
  uri: string,
  sampledAt: EpochMs,
): readonly Sample[] {
  const rssi = strengthOf(read);
  return [
    sampleOf(device, "last", read.epc, sampledAt),
    sampleOf(device, "last-uri", uri, sampledAt),
    ...(read.antenna === undefined
      ? []
      : [sampleOf(device, "last-antenna", read.antenna, sampledAt)]),
    ...(rssi === undefined ? [] : [sampleOf(device, "last-rssi", rssi, sampledAt)]),
    sampleOf(device, "last-first-seen", utc(stay.firstSeenAt), sampledAt),
    sampleOf(device, "last-seen", utc(seenAt), sampledAt),
    sampleOf(device, "last-reads", stay.reads, sampledAt),
  ];
}

function utc(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** Which of these antennas are connected, as far as the reader says. */
export function antennasOf(
  antennas: readonly number[],
  known: Readonly<Record<number, boolean>>,
): "unknown" | "all" | "some" | "none" {
  const states = antennas.flatMap((antenna) => {
    const state = known[antenna];
    return state === undefined ? [] : [state];
  });
  if (states.length === 0) return "unknown";
  if (states.every(Boolean)) return "all";
  return states.some(Boolean) ? "some" : "none";
}
