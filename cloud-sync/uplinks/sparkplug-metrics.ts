import { z } from "zod";
import type { EpochMs, PointKey, Sample, Value } from "../../drivers/contract.ts";
import { datatypes, type Metric } from "../../drivers/mqtt/sparkplug-payload.ts";
import { readEvents } from "../../gateway/store/chunk.ts";
import { decodeSentEvents } from "../../gateway/store/columns.ts";
import type { AgentOutbox, SentEvent } from "../../gateway/store/store.ts";

/** Metrics of one node: more than any gateway has points and rules. Values of others are not published. */
export const metricsMax = 20_000;

/** Device under which alarms stand, each rule a metric with its state; no device of a configuration can be called so. */
export const alarmDevice = "~alarms";

/** Older than this a value is history: agents bring rows every 10 s, and a link by satellite is slow. */
const liveMs = 60_000;

/** Events among which the newest notes of points are looked for. */
const noteEventsMax = 5_000;

/** Only 0, 192 and 500 are allowed [tck-id-payloads-propertyset-quality-value-value]: what is doubtful is not good. */
const qualities = { good: 192, uncertain: 500, bad: 0 } as const;

export type Kind = "number" | "boolean" | "text";

const datatypeOf: Readonly<Record<Kind, number>> = {
  number: datatypes.double,
  boolean: datatypes.boolean,
  text: datatypes.string,
};

/** What a birth says of a point; the newest sample, where there is one. */
export interface BirthPoint {
  readonly key: PointKey;
  readonly kind?: Kind;
  readonly unit?: string;
  readonly sample?: Sample;
}

/** One value on its way. */
export interface Reading {
  readonly device: string;
  readonly name: string;
  readonly at: EpochMs;
  /** Absent: bad, and why is `reason`. */
  readonly value?: Value;
  readonly isUncertain?: boolean;
  readonly reason?: string;
}

interface Known {
  readonly alias: number;
  readonly kind: Kind;
  readonly unit: string | undefined;
  readonly newest: Reading | undefined;
}

/** The metrics of one edge node by device, as its births say them. Aliases are given once and stay. */
export class Metrics {
  readonly #devices = new Map<string, Map<string, Known>>();
  #aliases = 0;

  get devices(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /** What is known of points before their values come. */
  learn(points: readonly BirthPoint[]): void {
    for (const { key, kind, unit, sample } of points) {
      const { device, name } = placeOf(key);
      const newest = sample && readingOf(sample);
      const kindOfAll = kind ?? (newest && kindOf(newest)) ?? "number";
      this.#note(device, name, kindOfAll, unit, newest);
    }
  }

  /** True when the device must be born (again) before this value means anything. Undefined: there is no room for it. */
  see(reading: Reading): boolean | undefined {
    const { device, name } = reading;
    const known = this.#devices.get(device)?.get(name);
    const kind = kindOf(reading) ?? known?.kind ?? "number";
    if (known?.kind === kind) return false;
    return this.#note(device, name, kind, known?.unit, known?.newest) ? true : undefined;
  }

  /**
   * As DDATA says it. History is what is not newer than what the host was told as current, and what is older than a minute; a value
   * that is not becomes the current one.
   */
  metric(reading: Reading, now: EpochMs): Metric | undefined {
    const { device, name, at } = reading;
    const known = this.#devices.get(device)?.get(name);
    if (known === undefined) return undefined;
    const told = known.newest?.at;
    // A clock that was ahead has left a time that no value reaches.
    const isBehind = told !== undefined && told <= now + liveMs && at <= told;
    const isHistorical = isBehind || now - at > liveMs;
    if (!isHistorical) this.#devices.get(device)?.set(name, { ...known, newest: reading });
    return { alias: String(known.alias), isHistorical, ...fieldsOf(reading, known.kind) };
  }

  /** True for a value that is newer than what the host was told. */
  isNewer({ device, name, at }: Reading): boolean {
    const told = this.#devices.get(device)?.get(name)?.newest?.at;
    return told === undefined || at > told;
  }

  /** All metrics of a device with their newest values. [tck-id-payloads-dbirth-...] */
  birth(device: string, now: EpochMs): readonly Metric[] {
    return [...(this.#devices.get(device) ?? [])].map(([name, { alias, kind, unit, newest }]) => {
      const value = fieldsOf(newest ?? { device, name, at: now, reason: "no value yet" }, kind);
      const notes = { ...(unit === undefined ? {} : { engUnit: unit }), ...value.notes };
      return { name, alias: String(alias), ...value, notes };
    });
  }

  #note(
    device: string,
    name: string,
    kind: Kind,
    unit: string | undefined,
    newest: Reading | undefined,
  ): boolean {
    const metrics = this.#devices.get(device) ?? new Map<string, Known>();
    const known = metrics.get(name);
    if (known === undefined && this.#aliases >= metricsMax) return false;
    if (known === undefined) this.#aliases += 1;
    this.#devices.set(device, metrics);
    metrics.set(name, {
      alias: known?.alias ?? this.#aliases,
      kind,
      unit: unit ?? known?.unit,
      newest: newest ?? known?.newest,
    });
    return true;
  }
}

function fieldsOf(reading: Reading, kind: Kind) {
  const { at, value, isUncertain, reason } = reading;
  const common = {
    timestamp: Math.round(at),
    datatype: datatypeOf[kind],
    ...(reason === undefined ? {} : { notes: { reason } }),
  };
  if (value === undefined || kindOf(reading) !== kind) {
    return { ...common, isNull: true, quality: qualities.bad };
  }
  return { ...common, value, quality: isUncertain === true ? qualities.uncertain : qualities.good };
}

function kindOf({ value }: Reading): Kind | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "number" : "boolean";
}

function placeOf(key: string): { readonly device: string; readonly name: string } {
  const slash = key.indexOf("/");
  return { device: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function readingOf(sample: Sample): Reading {
  const place = { ...placeOf(sample.point), at: sample.sampledAt };
  if (sample.quality === "bad") return { ...place, reason: sample.reason };
  const { value } = sample;
  if (sample.quality === "good") return { ...place, value };
  const why = sample.reason === undefined ? {} : { reason: sample.reason };
  return { ...place, value, isUncertain: true, ...why };
}

const transitionSchema = z.object({ rule: z.string().min(1), to: z.string(), at: z.number() });

/** How alarms stand, by the `alarm` events; a SCADA host has no use for the others. */
export function alarmReadings(columns: unknown): readonly Reading[] {
  return decodeSentEvents(columns).flatMap(alarmReading);
}

function alarmReading({ kind, body }: Pick<SentEvent, "kind" | "body">): readonly Reading[] {
  const transition = kind === "alarm" ? transitionSchema.safeParse(body).data : undefined;
  if (transition === undefined) return [];
  const { rule, to, at } = transition;
  return [{ device: alarmDevice, name: rule, at, value: to }];
}

const notesSchema = z.object({
  points: z.array(
    z.object({
      key: z.templateLiteral([z.string(), "/", z.string()]),
      kind: z.enum(["number", "boolean", "text"]),
      unit: z.string().optional(),
    }),
  ),
});

/** What births say: the points by the gateway's own notes, where they are still in the store, with their newest samples. */
export function birthPointsOf(outbox: AgentOutbox): readonly BirthPoint[] {
  const found = new Map<PointKey, BirthPoint>();
  const from = Math.max(0, outbox.head("events") - noteEventsMax);
  for (const chunk of outbox.read("events", from, noteEventsMax)) {
    for (const { kind, body } of readEvents(chunk)) {
      const notes =
        kind === "boot" || kind === "config" ? notesSchema.safeParse(body).data : undefined;
      for (const { key, kind: valueKind, unit } of notes?.points ?? []) {
        found.set(key, { key, kind: valueKind, ...(unit === undefined ? {} : { unit }) });
      }
    }
  }
  for (const { sample } of outbox.snapshot(0).samples) {
    found.set(sample.point, { ...found.get(sample.point), key: sample.point, sample });
  }
  return [...found.values()];
}
