import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import type { PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { decodeNumbers, encodeNumbers } from "../store/number-column.ts";
import { packIntegers, unpackIntegers } from "../store/packed.ts";
import { decodeTimes, encodeTimes } from "../store/row-index.ts";
import type { PointRecord, RecordContext } from "./record.ts";

/** Records of one segment: a day at one every nine seconds. A fuller day becomes several segments. */
export const segmentRecordsMax = 10_000;

/** Inflated bytes of a segment, against a damaged or hostile one. */
const segmentBytesMax = 2 * 1_048_576;

/** Hash before the first segment of a point. */
export const segmentHashStart = "0".repeat(64);

const places = ["inside", "outside", "gap"] as const;
const qualities = ["good", "uncertain", "bad"] as const;

const contextSchema = z.strictObject({
  clock: z.enum(["synchronized", "unsynchronized", "unset"]),
  location: z.string().optional(),
  calibration: z.string().optional(),
  late: z.literal(true).optional(),
  correctedMs: z.number().optional(),
  told: z.strictObject({ boot: z.string(), offsetMs: z.number() }).optional(),
});

const packed = z.string().max(segmentRecordsMax * 11);
const numbers = z.strictObject({
  scales: packed,
  deltas: packed,
  rest: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])).max(segmentRecordsMax),
});

const segmentSchema = z.strictObject({
  v: z.literal(1),
  rows: z.int().min(0).max(segmentRecordsMax),
  from: z.number(),
  times: z.union([packed, z.array(z.number()).max(segmentRecordsMax)]),
  /** Values of the rows that have one. */
  values: numbers,
  /** Runs of equal rows: length and code, in turn. */
  marks: packed,
  runs: z.int().min(0).max(segmentRecordsMax),
  contexts: z.array(contextSchema).max(segmentRecordsMax),
  reasons: z.array(z.string()).max(segmentRecordsMax),
  /** What the device said, of the rows that carry it. */
  raw: numbers.optional(),
});

export interface Segment {
  readonly payload: Uint8Array;
  /** SHA-256 of the hash before and the payload, hex: a segment that is missing or changed breaks the chain. */
  readonly hash: string;
}

/** Records of one point in order of time -> some bytes each. @throws Error for more than `segmentRecordsMax`. */
export function packSegment(records: readonly PointRecord[], hashBefore: string): Segment {
  if (records.length > segmentRecordsMax) throw new Error(`more than ${segmentRecordsMax} records`);
  const contexts = new Map<string, { index: number; context: RecordContext }>();
  const reasons = new Map<string, number>();
  const codes = records.map((record) => codeOf(record, contexts, reasons));
  const runs = runsOf(codes);
  const values = records.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const raws = records.flatMap(({ raw }) => (raw === undefined ? [] : [raw]));
  const columns: z.infer<typeof segmentSchema> = {
    v: 1,
    rows: records.length,
    ...encodeTimes(records.map(({ at }) => at)),
    values: column(values),
    marks: packIntegers(runs.flat()),
    runs: runs.length,
    contexts: [...contexts.values()].map(({ context }) => context),
    reasons: [...reasons.keys()],
    ...(raws.length > 0 && { raw: column(raws) }),
  };
  const payload = deflateRawSync(JSON.stringify(columns), { level: 9 });
  return { payload, hash: segmentHash(hashBefore, payload) };
}

export function segmentHash(hashBefore: string, payload: Uint8Array): string {
  return createHash("sha256").update(hashBefore).update(payload).digest("hex");
}

/** @throws RackwatchError `store/corrupt` for anything that `packSegment` cannot have made. */
export function unpackSegment(
  point: PointKey,
  { payload, hash }: Segment,
  hashBefore: string,
): readonly PointRecord[] {
  if (segmentHash(hashBefore, payload) !== hash) throw damaged("it does not match its hash");
  const parsed = segmentSchema.safeParse(inflate(payload));
  if (!parsed.success) throw damaged("these are no records", parsed.error);
  const { rows, values, marks, runs, contexts, reasons, raw } = parsed.data;
  const times = decodeTimes(parsed.data, rows);
  const codes = expand(unpackIntegers(marks, runs * 2), rows).map(partsOf);
  const valued = codes.filter(({ hasValue }) => hasValue).length;
  const valuesOf = decodeNumbers(values, new Int32Array(valued), 1);
  const rawed = codes.filter(({ hasRaw }) => hasRaw).length;
  const raws = raw === undefined ? [] : decodeNumbers(raw, new Int32Array(rawed), 1);
  let nextValue = 0;
  let nextRaw = 0;
  return codes.map(({ place, quality, hasValue, hasRaw, context, reason }, row): PointRecord => {
    const at = times[row];
    const under = contexts[context];
    if (at === undefined || under === undefined)
      throw damaged("a record lacks its time or context");
    const value = hasValue ? numberAt(valuesOf, nextValue++) : undefined;
    const rawValue = hasRaw ? numberAt(raws, nextRaw++) : undefined;
    return {
      point,
      at,
      place: places[place] ?? "gap",
      quality: qualities[quality] ?? "bad",
      ...(value !== undefined && { value }),
      ...(rawValue !== undefined && { raw: rawValue }),
      ...(reason > 0 && { reason: reasons[reason - 1] ?? "" }),
      clock: under.clock,
      ...(under.location !== undefined && { location: under.location }),
      ...(under.calibration !== undefined && { calibration: under.calibration }),
      ...(under.late === true && { late: under.late }),
      ...(under.correctedMs !== undefined && { correctedMs: under.correctedMs }),
      ...(under.told !== undefined && { told: under.told }),
    };
  });
}

function column(values: readonly number[]) {
  const { scales, deltas, rest } = encodeNumbers(
    new Array<number>(values.length).fill(0),
    values,
    1,
  );
  return { scales, deltas, rest: [...rest] };
}

function codeOf(
  record: PointRecord,
  contexts: Map<string, { index: number; context: RecordContext }>,
  reasons: Map<string, number>,
): number {
  const { clock, location, calibration, late, correctedMs, told, reason } = record;
  const context = {
    clock,
    ...(location !== undefined && { location }),
    ...(calibration !== undefined && { calibration }),
    ...(late === true && { late }),
    ...(correctedMs !== undefined && { correctedMs }),
    ...(told !== undefined && { told }),
  };
  const key = JSON.stringify(context);
  const known = contexts.get(key) ?? { index: contexts.size, context };
  contexts.set(key, known);
  const reasonIndex = reason === undefined ? 0 : (reasons.get(reason) ?? reasons.size + 1);
  if (reason !== undefined) reasons.set(reason, reasonIndex);
  const flags =
    places.indexOf(record.place) +
    4 * qualities.indexOf(record.quality) +
    16 * Number(record.value !== undefined) +
    32 * Number(record.raw !== undefined);
  return flags + 64 * (known.index + (segmentRecordsMax + 1) * reasonIndex);
}

function partsOf(code: number) {
  const flags = code % 64;
  const rest = (code - flags) / 64;
  const context = rest % (segmentRecordsMax + 1);
  return {
    place: flags % 4,
    quality: Math.floor(flags / 4) % 4,
    hasValue: (flags & 16) !== 0,
    hasRaw: (flags & 32) !== 0,
    context,
    reason: (rest - context) / (segmentRecordsMax + 1),
  };
}

function runsOf(codes: readonly number[]): [length: number, code: number][] {
  const runs: [number, number][] = [];
  for (const code of codes) {
    const last = runs.at(-1);
    if (last?.[1] === code) last[0] += 1;
    else runs.push([1, code]);
  }
  return runs;
}

function expand(runs: Float64Array, rows: number): number[] {
  const codes: number[] = [];
  for (let index = 0; index < runs.length; index += 2) {
    const length = runs[index] ?? 0;
    if (length < 1 || codes.length + length > rows) throw damaged("its runs do not fit");
    for (let count = 0; count < length; count += 1) codes.push(runs[index + 1] ?? 0);
  }
  if (codes.length !== rows) throw damaged("its runs do not fit");
  return codes;
}

function numberAt(values: ArrayLike<unknown>, index: number): number {
  const value = values[index];
  if (typeof value !== "number") throw damaged("a value is no number");
  return value;
}

function inflate(payload: Uint8Array): unknown {
  try {
    const text = inflateRawSync(payload, { maxOutputLength: segmentBytesMax }).toString("utf8");
    return JSON.parse(text);
  } catch (cause) {
    throw damaged("it cannot be unpacked", cause);
  }
}

function damaged(why: string, cause?: unknown): RackwatchError {
  return new RackwatchError("store/corrupt", `a segment of records is damaged: ${why}`, { cause });
}
