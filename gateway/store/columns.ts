import { z } from "zod";
import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { decodeNumbers, encodeNumbers } from "./number-column.ts";
import { type Packing, packIntegers, repackAsText, unpackIntegers } from "./packed.ts";
import {
  decodeTimes,
  encodeTimes,
  packOrder,
  packRows,
  unpackOrder,
  unpackRows,
} from "./row-index.ts";
import { storable, textCharsMax } from "./storable.ts";
import { eventKinds, type GatewayEvent, type SentEvent } from "./store.ts";

/** Rows that one set of columns may hold, so that a hostile or damaged count cannot take the memory. */
export const columnRowsMax = 10_000;

/** Rows of one chunk of events; a commit with more becomes several chunks. */
export const eventRowsMax = 1_000;

const text = z.string().max(textCharsMax);
const packed = z.string().max(columnRowsMax * 11);
const numbersSchema = z.strictObject({
  scales: packed,
  deltas: packed,
  rest: z.array(z.union([z.number(), text, z.boolean(), z.null()])).max(columnRowsMax),
});

/** Samples as columns: plain JSON, small after compression. `packed.ts` explains the packed strings. */
const sampleColumnsSchema = z.strictObject({
  v: z.literal(1),
  rows: z.int().min(0).max(columnRowsMax),
  /** Point keys in the order of their first row. */
  points: z.array(text).max(columnRowsMax),
  /** Packed, one a row: point index less the index after the previous row's, modulo the number of points. */
  order: packed,
  /** Time of the first row; `times` packs each row's difference to the row before, or lists times that are no whole ms. */
  from: z.number(),
  times: z.union([packed, z.array(z.number()).max(columnRowsMax)]),
  /** Values of all rows that are not bad. */
  values: numbersSchema,
  /**
   * Rows that are not simply good: `rows` packs the distance to the previous such row, `codes` packs 0 for uncertain,
   * 1 + 2i for uncertain because of `reasons[i]`, 2 + 2i for bad because of it.
   */
  marks: z
    .strictObject({
      count: z.int().min(1).max(columnRowsMax),
      rows: packed,
      codes: packed,
      reasons: z.array(text).max(columnRowsMax),
    })
    .optional(),
  /** What the device said where that differs: distance between such rows, and the numbers. */
  raw: z
    .strictObject({
      count: z.int().min(1).max(columnRowsMax),
      rows: packed,
      values: numbersSchema,
    })
    .optional(),
});
export type SampleColumns = z.infer<typeof sampleColumnsSchema>;

/**
 * Lossless for every sample whose numbers are finite and whose texts are at most `textCharsMax` long; another one
 * becomes a bad sample that says so, because no code becomes a number and one row must fit any batch.
 * @throws Error for more than `columnRowsMax` rows or a time that is no number: a mistake of the caller.
 */
export function encodeSamples(given: readonly Sample[], packing?: Packing): SampleColumns {
  if (given.length > columnRowsMax) throw new Error(`more than ${columnRowsMax} rows`);
  const samples = given.map(storable);
  const { keys, points } =
    packing === "bytes" ? turned(indexPoints(samples)) : indexPoints(samples);
  const valuePoints: number[] = [];
  const values: Value[] = [];
  const rawPoints: number[] = [];
  const rawRows: number[] = [];
  const raws: number[] = [];
  const markRows: number[] = [];
  const markCodes: number[] = [];
  const reasons = new Map<string, number>();
  for (let row = 0; row < samples.length; row += 1) {
    const sample = samples[row];
    const point = points[row];
    if (sample === undefined || point === undefined) break;
    if (sample.quality !== "bad") {
      valuePoints.push(point);
      values.push(sample.value);
    }
    if (sample.quality !== "good") {
      markRows.push(row);
      markCodes.push(markCode(sample, reasons));
    }
    if (sample.raw !== undefined) {
      rawPoints.push(point);
      rawRows.push(row);
      raws.push(sample.raw);
    }
  }
  return {
    v: 1,
    rows: samples.length,
    points: keys,
    order: packOrder(points, keys.length, packing),
    ...encodeTimes(
      samples.map(({ sampledAt }) => sampledAt),
      packing,
    ),
    values: encodeNumbers(valuePoints, values, keys.length, packing),
    ...(markRows.length > 0 && {
      marks: {
        count: markRows.length,
        rows: packRows(markRows),
        codes: packIntegers(markCodes),
        reasons: [...reasons.keys()],
      },
    }),
    ...(rawRows.length > 0 && {
      raw: {
        count: rawRows.length,
        rows: packRows(rawRows),
        values: encodeNumbers(rawPoints, raws, keys.length),
      },
    }),
  };
}

/**
 * The samples again, in their order; of one point only, when it is named.
 * @throws RackwatchError `store/corrupt` for anything that `encodeSamples` cannot have made.
 */
export function decodeSamples(columns: unknown, only?: PointKey, packing?: Packing): Sample[] {
  const parsed = sampleColumnsSchema.safeParse(columns);
  if (!parsed.success) throw damaged("these are no sample columns", parsed.error);
  const { rows, points: keys, marks, raw } = parsed.data;
  const wanted = only === undefined ? undefined : keys.indexOf(only);
  if (wanted === -1) return [];
  const points = unpackOrder(parsed.data.order, rows, keys.length, packing);
  const times = decodeTimes(parsed.data, rows, packing);
  const codes = decodeMarks(marks, rows);
  const valuePoints = codes.size === 0 ? points : points.filter((_, row) => !isBad(codes.get(row)));
  const values = decodeNumbers(parsed.data.values, valuePoints, keys.length, packing);
  const raws = decodeRaws(raw, points, rows, keys.length);
  const samples: Sample[] = [];
  let nextValue = 0;
  for (let row = 0; row < rows; row += 1) {
    const code = codes.get(row);
    const value = isBad(code) ? undefined : values[nextValue];
    if (!isBad(code)) nextValue += 1;
    if (wanted !== undefined && points[row] !== wanted) continue;
    const key = keys[points[row] ?? -1];
    const sampledAt = times[row];
    if (key === undefined || !isPointKey(key) || sampledAt === undefined) {
      throw damaged("a row has no point");
    }
    const rawValue = raws.get(row);
    const head =
      rawValue === undefined ? { point: key, sampledAt } : { point: key, sampledAt, raw: rawValue };
    samples.push(sampleOf(head, value, code, marks?.reasons ?? []));
  }
  return samples;
}

/**
 * Columns packed as text for the wire, of columns in either packing, without building the rows.
 * @throws RackwatchError `store/corrupt`.
 */
export function columnsAsText(columns: unknown, packing: Packing): SampleColumns {
  const parsed = sampleColumnsSchema.safeParse(columns);
  if (!parsed.success) throw damaged("these are no sample columns", parsed.error);
  if (packing === "text") return parsed.data;
  const { order, times, values, ...others } = parsed.data;
  return {
    ...others,
    order: repackAsText(order),
    times: typeof times === "string" ? repackAsText(times) : times,
    values: { ...values, deltas: repackAsText(values.deltas) },
  };
}

/** Time of the first row, by the clock of that moment. */
export function firstTimeOf({ from, times }: SampleColumns): number {
  return typeof times === "string" ? from : (times[0] ?? from);
}

function decodeMarks(marks: SampleColumns["marks"], rows: number): ReadonlyMap<number, number> {
  if (marks === undefined) return new Map();
  const codes = unpackIntegers(marks.codes, marks.count);
  const marked = unpackRows(marks.rows, marks.count, rows);
  return new Map(marked.map((row, index) => [row, codes[index] ?? -1]));
}

function sampleOf(
  head: Pick<Sample, "point" | "sampledAt" | "raw">,
  value: Value | undefined,
  code: number | undefined,
  reasons: readonly string[],
): Sample {
  const reason = reasonOf(code, reasons);
  if (isBad(code)) return { ...head, quality: "bad", reason: reason ?? "" };
  if (value === undefined) throw damaged("a row has no value");
  if (code === undefined) return { ...head, quality: "good", value };
  return { ...head, quality: "uncertain", value, ...(reason !== undefined && { reason }) };
}

const eventSchema = z.strictObject({
  kind: z.enum(eventKinds),
  at: z.number(),
  mono: z.number(),
  body: z.record(z.string(), z.unknown()),
});

const eventRowsSchema = z.strictObject({
  v: z.literal(1),
  events: z.array(eventSchema).max(eventRowsMax),
});

/** Longer than any word for a kind of event. */
const kindCharsMax = 64;

const sentRowsSchema = eventRowsSchema.extend({
  events: z
    .array(eventSchema.extend({ kind: z.string().min(1).max(kindCharsMax) }))
    .max(eventRowsMax),
});
export type EventRows = z.infer<typeof eventRowsSchema>;

/** Events as rows of plain JSON: they are few, and what a lawyer may read one day is better plain. */
export function encodeEvents(events: readonly GatewayEvent[]): EventRows {
  if (events.length > eventRowsMax) throw new Error(`more than ${eventRowsMax} events`);
  return { v: 1, events: events.map(({ kind, at, mono, body }) => ({ kind, at, mono, body })) };
}

/** @throws RackwatchError `store/corrupt` for anything but what `encodeEvents` makes. */
export function decodeEvents(rows: unknown): GatewayEvent[] {
  const parsed = eventRowsSchema.safeParse(rows);
  if (parsed.success) return parsed.data.events;
  throw damaged("these are no event rows", parsed.error);
}

/**
 * The same of another version: a receiver that is older than the sender keeps what it does not know, and is not in the
 * way of what it does. @throws RackwatchError `store/corrupt`.
 */
export function decodeSentEvents(rows: unknown): SentEvent[] {
  const parsed = sentRowsSchema.safeParse(rows);
  if (parsed.success) return parsed.data.events;
  throw damaged("these are no event rows", parsed.error);
}

function damaged(message: string, cause?: unknown): RackwatchError {
  return new RackwatchError("store/corrupt", message, { cause });
}

function isPointKey(key: string): key is PointKey {
  return key.includes("/");
}

function indexPoints(samples: readonly Sample[]) {
  const indexes = new Map<string, number>();
  const points = samples.map(({ point }) => {
    const known = indexes.get(point);
    if (known !== undefined) return known;
    indexes.set(point, indexes.size);
    return indexes.size - 1;
  });
  return { keys: [...indexes.keys()], points };
}

/** The round of points beginning at the least key: neighbouring chunks then name the same points alike. */
function turned({ keys, points }: ReturnType<typeof indexPoints>) {
  const by = keys.reduce((least, key, index) => (key < (keys[least] ?? "") ? index : least), 0);
  const count = keys.length;
  return {
    keys: [...keys.slice(by), ...keys.slice(0, by)],
    points: points.map((point) => (point - by + count) % count),
  };
}

function markCode(sample: Sample, reasons: Map<string, number>): number {
  if (sample.quality === "good" || sample.reason === undefined) return 0;
  const known = reasons.get(sample.reason);
  const index = known ?? reasons.size;
  if (known === undefined) reasons.set(sample.reason, index);
  return 1 + 2 * index + (sample.quality === "bad" ? 1 : 0);
}

function isBad(code: number | undefined): boolean {
  return code !== undefined && code > 0 && code % 2 === 0;
}

function reasonOf(code: number | undefined, reasons: readonly string[]): string | undefined {
  if (code === undefined || code === 0) return undefined;
  const reason = reasons[Math.floor((code - 1) / 2)];
  if (reason === undefined) throw damaged("a mark names a reason that is not there");
  return reason;
}

function decodeRaws(
  raw: SampleColumns["raw"],
  points: ArrayLike<number>,
  rows: number,
  pointCount: number,
): ReadonlyMap<number, number> {
  if (raw === undefined) return new Map();
  const rawRows = unpackRows(raw.rows, raw.count, rows);
  const rawPoints = rawRows.map((row) => points[row] ?? -1);
  const values = decodeNumbers(raw.values, rawPoints, pointCount);
  return new Map(
    rawRows.map((row, index) => {
      const value = values[index];
      if (typeof value !== "number") throw damaged("a raw value is no number");
      return [row, value];
    }),
  );
}
