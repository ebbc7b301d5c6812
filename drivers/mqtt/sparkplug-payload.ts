import { shortestFloat32 } from "../float32.ts";
import type { Reading } from "./decode.ts";

/** One metric of a Sparkplug B payload. */
export interface Metric {
  readonly name?: string;
  /** In decimal; 64 bits do not fit a number. */
  readonly alias?: string;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  /** OPC-like quality that some nodes add as a property: 192 good, 500 stale, 0 bad. [tck-id-payloads-propertyset-quality] */
  readonly quality?: number;
  /** Further properties that are texts, as `engUnit`. */
  readonly notes?: Readonly<Record<string, string>>;
  /** 64-bit integers as bits: signed ones look unsigned. */
  readonly value?: number | bigint | boolean | string;
}

export interface SparkplugPayload {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics: readonly Metric[];
  /** Bytes that only sender and receiver understand. */
  readonly body?: Uint8Array;
}

/** Reads and writes payloads. Made by `loadSparkplug`, as its library is loaded only where it is needed. */
export interface SparkplugCodec {
  /** Undefined when the bytes are no payload. */
  decode(bytes: Uint8Array): SparkplugPayload | undefined;
  encode(payload: SparkplugPayload): Uint8Array;
}

/** Codes of `datatype`. [Sparkplug B 3.0.0, 6.4.16] */
export const datatypes = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  dateTime: 13,
  text: 14,
  uuid: 15,
} as const;

/** Told for each type, or protobufjs takes proto3, by whose rules a zero cannot be told from no value. */
const edition = "proto2";

/** The fields that are used of the messages of the specification; protobuf skips the others. */
const schema = {
  nested: {
    PropertyValue: {
      edition,
      fields: {
        type: { type: "uint32", id: 1 },
        intValue: { type: "uint32", id: 3 },
        longValue: { type: "uint64", id: 4 },
        stringValue: { type: "string", id: 8 },
      },
    },
    PropertySet: {
      edition,
      fields: {
        keys: { rule: "repeated", type: "string", id: 1 },
        values: { rule: "repeated", type: "PropertyValue", id: 2 },
      },
    },
    Metric: {
      edition,
      fields: {
        name: { type: "string", id: 1 },
        alias: { type: "uint64", id: 2 },
        timestamp: { type: "uint64", id: 3 },
        datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 },
        isNull: { type: "bool", id: 7 },
        properties: { type: "PropertySet", id: 9 },
        intValue: { type: "uint32", id: 10 },
        longValue: { type: "uint64", id: 11 },
        floatValue: { type: "float", id: 12 },
        doubleValue: { type: "double", id: 13 },
        booleanValue: { type: "bool", id: 14 },
        stringValue: { type: "string", id: 15 },
      },
    },
    Payload: {
      edition,
      fields: {
        timestamp: { type: "uint64", id: 1 },
        metrics: { rule: "repeated", type: "Metric", id: 2 },
        seq: { type: "uint64", id: 3 },
        body: { type: "bytes", id: 5 },
      },
    },
  },
};

/** Metrics in one payload; a plant's birth has some thousand. What comes behind is not looked at. */
const metricsMax = 10_000;

export async function loadSparkplug(): Promise<SparkplugCodec> {
  const { default: protobuf } = await import("protobufjs/light.js");
  const type = protobuf.Root.fromJSON(schema).lookupType("Payload");
  return {
    decode(bytes) {
      try {
        // Longs as text: a number would round them, and the sign of a 64-bit integer is in its bits.
        const plain: unknown = type.toObject(type.decode(bytes), { longs: String, arrays: true });
        return payloadOf(recordOf(plain));
      } catch {
        return undefined;
      }
    },
    encode({ timestamp, seq, metrics, body }) {
      const payload = { timestamp, seq, metrics: metrics.map(plainMetric), body };
      return type.encode(type.fromObject(withoutUndefined(payload))).finish();
    },
  };
}

/** A metric's value by its datatype. What cannot be shown as a value (data sets, templates, files) is bad. */
export function readingOf(
  { value, isNull, quality }: Metric,
  datatype: number | undefined,
): Reading {
  if (isNull === true) return { quality: "bad", reason: "null" };
  if (quality === 500) return { quality: "bad", reason: "stale" };
  if (quality === 0) return { quality: "bad", reason: "bad at its source" };
  const { int8, int64, uint8, uint64, float, double, boolean, string, dateTime, text, uuid } =
    datatypes;
  if (datatype === undefined || value === undefined) return { quality: "bad", reason: "no value" };
  if (datatype >= int8 && datatype <= int64) return integer(value, 8 << (datatype - int8), true);
  if (datatype >= uint8 && datatype <= uint64)
    return integer(value, 8 << (datatype - uint8), false);
  if (datatype === dateTime) return integer(value, 64, false);
  if (datatype === float || datatype === double) {
    if (typeof value !== "number") return misfit;
    const number = datatype === float ? shortestFloat32(value) : value;
    return Number.isFinite(number) ? { quality: "good", value: number } : notANumber;
  }
  if (datatype === boolean) return typeof value === "boolean" ? { quality: "good", value } : misfit;
  if (datatype === string || datatype === text || datatype === uuid)
    return typeof value === "string" ? { quality: "good", value } : misfit;
  return { quality: "bad", reason: `datatype ${datatype}` };
}

const misfit: Reading = { quality: "bad", reason: "another datatype" };
const notANumber: Reading = { quality: "bad", reason: "not a number" };

/** Nodes send an Int8 of -5 in 8, 32 or 64 bits: only the lowest ones count. */
function integer(value: Metric["value"], bits: number, signed: boolean): Reading {
  if (typeof value !== "number" && typeof value !== "bigint") return misfit;
  if (typeof value === "number" && !Number.isInteger(value)) return misfit;
  const whole = BigInt(value);
  const exact = signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole);
  const number = Number(exact);
  return Number.isSafeInteger(number)
    ? { quality: "good", value: number }
    : { quality: "uncertain", value: number, reason: "rounded" };
}

type Plain = Readonly<Record<string, unknown>>;

function payloadOf(plain: Plain): SparkplugPayload {
  return withoutUndefined({
    timestamp: numberOf(plain["timestamp"]),
    seq: numberOf(plain["seq"]),
    metrics: listOf(plain["metrics"])
      .slice(0, metricsMax)
      .map((it) => metricOf(recordOf(it))),
    body:
      plain["body"] instanceof Uint8Array && plain["body"].length > 0 ? plain["body"] : undefined,
  });
}

function metricOf(plain: Plain): Metric {
  const { name, alias, timestamp, datatype, isHistorical, isNull } = plain;
  return withoutUndefined({
    name: typeof name === "string" ? name : undefined,
    alias: typeof alias === "string" ? alias : undefined,
    timestamp: numberOf(timestamp),
    datatype: numberOf(datatype),
    isHistorical: isHistorical === true ? true : undefined,
    isNull: isNull === true ? true : undefined,
    quality: qualityOf(recordOf(plain["properties"])),
    value: metricValue(plain),
  });
}

function metricValue(plain: Plain): Metric["value"] {
  const { longValue } = plain;
  if (typeof longValue === "string") return BigInt(longValue);
  for (const key of ["intValue", "floatValue", "doubleValue", "booleanValue", "stringValue"]) {
    const value = plain[key];
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
      return value;
  }
  return undefined;
}

function qualityOf(properties: Plain): number | undefined {
  const at = listOf(properties["keys"]).indexOf("Quality");
  const value = recordOf(listOf(properties["values"])[at]);
  return at < 0 ? undefined : numberOf(value["intValue"] ?? value["longValue"]);
}

const integerTypesMax = datatypes.uint64;

function plainMetric(metric: Metric): Plain {
  const { name, alias, timestamp, datatype, isHistorical, isNull, value } = metric;
  const flags = { isHistorical, isNull };
  const plain = { name, alias, timestamp, datatype, ...flags, ...plainValue(value, datatype) };
  return withoutUndefined({ ...plain, properties: plainProperties(metric) });
}

function plainProperties({ quality, notes = {} }: Metric): Plain | undefined {
  const texts = Object.entries(notes);
  if (quality === undefined && texts.length === 0) return undefined;
  const isRated = quality !== undefined;
  return {
    keys: [...(isRated ? ["Quality"] : []), ...texts.map(([key]) => key)],
    values: [
      // An int32 by type. [tck-id-payloads-propertyset-quality-value-type]
      ...(isRated ? [{ type: datatypes.int32, intValue: quality }] : []),
      ...texts.map(([, stringValue]) => ({ type: datatypes.string, stringValue })),
    ],
  };
}

function plainValue(value: Metric["value"], datatype: number = datatypes.double): Plain {
  if (value === undefined) return {};
  if (typeof value === "boolean") return { booleanValue: value };
  if (typeof value === "string") return { stringValue: value };
  const isLong = [datatypes.int64, datatypes.uint64, datatypes.dateTime].some(
    (it) => it === datatype,
  );
  if (isLong) return { longValue: String(BigInt.asUintN(64, BigInt(value))) };
  if (datatype <= integerTypesMax) return { intValue: Number(BigInt.asUintN(32, BigInt(value))) };
  return datatype === datatypes.float
    ? { floatValue: Number(value) }
    : { doubleValue: Number(value) };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function recordOf(value: unknown): Plain {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, it]) => it !== undefined);
  // Only keys whose value is undefined are left out.
  return Object.fromEntries(entries) as Defined<T>;
}
