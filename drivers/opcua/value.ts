import type { DataValue, Variant } from "node-opcua";
import type { EpochMs, Value } from "../contract.ts";
import { shortestFloat32 } from "../float32.ts";
import { type FieldStep, selectFields } from "./field-path.ts";

/** What a server said about one value: a sample without its point and its time. */
export type Reading =
  | { readonly quality: "good"; readonly value: Value }
  | { readonly quality: "uncertain"; readonly value: Value; readonly reason: string }
  | { readonly quality: "bad"; readonly reason: string };

/** How a point wants its values. */
export interface Wanted {
  readonly kind: "number" | "boolean" | "text";
  readonly enum?: Readonly<Record<string, string>> | undefined;
  readonly field?: readonly FieldStep[] | undefined;
  /** Multiplied with numbers: kilograms in one unit of the server. */
  readonly factor?: number | undefined;
}

/** Built-in data types by their numbers (OPC 10000-6, 5.1.2). */
const builtIn = { int64: 8, uint64: 9, float: 10, dateTime: 13, variant: 24 } as const;

const bad = (reason: string): Reading => ({ quality: "bad", reason });

/**
 * One value of a server, with its status, as readings: several where a path takes each element of a list. The two
 * highest bits of a status are its severity: 0 good, 1 uncertain, 2 and 3 bad (OPC 10000-4, 7.39.1).
 */
export function readingsOf(given: DataValue, wanted: Wanted): readonly Reading[] {
  const status = statusName(given);
  const severity = given.statusCode.value >>> 30;
  if (severity >= 2) return [bad(status)];
  const readings = variantReadings(given.value, wanted);
  if (severity === 0) return readings;
  return readings.map((reading) =>
    reading.quality === "good" ? { ...reading, quality: "uncertain", reason: status } : reading,
  );
}

/** `BadNodeIdUnknown`, without the bits that say how it was sent. */
function statusName({ statusCode }: DataValue): string {
  return statusCode.name.split("#")[0] ?? statusCode.name;
}

export function variantReadings(variant: Variant | undefined, wanted: Wanted): readonly Reading[] {
  if (variant === undefined || variant === null) return [bad("no value")];
  const steps = wanted.field ?? [];
  if (steps.length > 0) {
    return selectFields(variant.value, steps).map((value) => scalarReading(value, wanted));
  }
  // Scalar is 0 (node-opcua's VariantArrayType).
  if (variant.arrayType !== 0) return [bad("not a scalar")];
  return [scalarReading(typed(variant.dataType, variant.value), wanted)];
}

/** A value whose type is known, in the form in which a structure would hold it. */
function typed(dataType: number, value: unknown): unknown {
  if (dataType === builtIn.float && typeof value === "number") return shortestFloat32(value);
  if (dataType === builtIn.int64 || dataType === builtIn.uint64) {
    return wideInteger(value, dataType === builtIn.int64) ?? value;
  }
  return value;
}

/** node-opcua holds 64 bits as two numbers, the higher first. */
function wideInteger(value: unknown, isSigned: boolean): bigint | undefined {
  if (!Array.isArray(value) && !(value instanceof Uint32Array)) return undefined;
  const [high, low] = value;
  if (typeof high !== "number" || typeof low !== "number") return undefined;
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return isSigned ? BigInt.asIntN(64, bits) : bits;
}

function scalarReading(given: unknown, wanted: Wanted): Reading {
  const plain = plainOf(given, 0);
  if (plain === undefined || plain === null) return bad("no value");
  if (typeof plain === "symbol") return bad("not a scalar");
  if (wanted.enum !== undefined) {
    const name = wanted.enum[String(typeof plain === "boolean" ? Number(plain) : plain)];
    return name === undefined ? bad(`unknown value ${plain}`) : { quality: "good", value: name };
  }
  switch (wanted.kind) {
    case "number":
      return numberReading(plain, wanted.factor);
    case "boolean":
      return booleanReading(plain);
    case "text":
      return { quality: "good", value: String(plain) };
  }
}

function numberReading(plain: string | number | boolean | bigint, factor = 1): Reading {
  if (typeof plain === "bigint") {
    const value = Number(plain);
    return Number.isSafeInteger(value) ? { quality: "good", value } : bad("too large");
  }
  if (typeof plain !== "number") return bad("not a number");
  if (Number.isNaN(plain)) return bad("not a number");
  if (!Number.isFinite(plain)) return bad("infinite");
  const value = factor === 1 ? plain : Number((plain * factor).toPrecision(12));
  return { quality: "good", value };
}

function booleanReading(plain: string | number | boolean | bigint): Reading {
  if (typeof plain === "boolean") return { quality: "good", value: plain };
  if (plain === 0 || plain === 1) return { quality: "good", value: plain === 1 };
  return bad("not a switch");
}

/** Marks what has no scalar form. */
const notScalar = Symbol("not a scalar");

/** Variants within unions within variants: deeper nesting is no tag and no weight. */
const depthMax = 4;

type Plain = string | number | boolean | bigint | null | undefined | typeof notScalar;

/**
 * The scalar in a value: bytes as hex, times as ISO 8601, localized text without its language, of a union the member
 * that is set, of a tag's ScanDataEpc (OPC 30010, 9.3.6) the UId.
 */
function plainOf(value: unknown, depth: number): Plain {
  if (value === null || value === undefined) return undefined;
  if (isPlain(value)) return value;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      .toString("hex")
      .toUpperCase();
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || Array.isArray(value) || ArrayBuffer.isView(value)) {
    return notScalar;
  }
  if (depth >= depthMax) return notScalar;
  return plainOfObject({ ...value }, value, depth + 1);
}

function plainOfObject(
  fields: Readonly<Record<string, unknown>>,
  value: object,
  depth: number,
): Plain {
  if ("dataType" in fields && "value" in fields) return plainOf(fields["value"], depth);
  if ("identifierType" in fields) return String(value);
  if ("text" in fields && "locale" in fields) return plainOf(fields["text"], depth);
  if ("namespaceIndex" in fields && "name" in fields) return plainOf(fields["name"], depth);
  if ("uId" in fields) return plainOf(fields["uId"], depth);
  if (!("switchField" in fields)) return notScalar;
  const members = Object.entries(fields).filter(
    ([name, member]) => name !== "switchField" && member !== undefined && member !== null,
  );
  return members.length === 1 ? plainOf(members[0]?.[1], depth) : notScalar;
}

function isPlain(value: unknown): value is string | number | boolean | bigint {
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/**
 * Time stamps of a server further away from the gateway's clock than this are not believed: controllers without a
 * time server are hours off, and a value that has not changed since yesterday is yet true now.
 */
const skewMsMax = 60_000;

/** When a value was taken: by the device, else by the server, else when it came. */
export function sampledAtOf(
  given: Pick<DataValue, "sourceTimestamp" | "serverTimestamp">,
  nowMs: EpochMs,
): EpochMs {
  for (const stamp of [given.sourceTimestamp, given.serverTimestamp]) {
    const at = stamp?.getTime();
    if (at !== undefined && Math.abs(at - nowMs) <= skewMsMax) return at;
  }
  return nowMs;
}
