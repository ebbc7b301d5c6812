import type { Sample } from "../../drivers/contract.ts";
import { hourMs } from "./aggregates/marks.ts";
import { type Block, seqOf } from "./blocks.ts";
import {
  CopyRows,
  isStorableText,
  isStorableTime,
  storableStart,
  textField,
} from "./database/copy-rows.ts";

/** Longer keys do not fit an index page together with the gateway's id; real ones have at most 127 characters. */
export const pointCharsMax = 256;

/** How much of a rejected row is kept on record. */
const rejectCharsMax = 2_000;

export const sampleColumns =
  "sample (gateway, point, sampled_at, epoch_number, seq, quality, kind, value, text_value, reason, raw)";

export const qualities: readonly Sample["quality"][] = ["good", "uncertain", "bad"];

export interface Reject {
  readonly seq: number;
  readonly reason: string;
  readonly content: string;
}

/** One row of `latest`; the names are the columns'. */
export interface LatestValue {
  readonly point: string;
  readonly at: number;
  readonly seq: number;
  readonly quality: number;
  readonly kind: string | null;
  readonly value: number | null;
  readonly text_value: string | null;
  readonly reason: string | null;
}

export interface SampleRows {
  /** One COPY file in slices, made while they are taken, point after point. */
  readonly copy: Iterable<Uint8Array>;
  readonly rows: number;
  readonly latest: readonly LatestValue[];
  readonly rejects: readonly Reject[];
  /** In which they lie, numbered since 1970. */
  readonly hours: ReadonlySet<number>;
  /** The row with the highest sequence number. */
  readonly newest: { readonly seq: number; readonly at: number } | undefined;
}

/** What makes of a sample a row that PostgreSQL cannot hold, or undefined. */
function rejection(sample: Sample): string | undefined {
  if (sample.point.length > pointCharsMax) return `point longer than ${pointCharsMax} characters`;
  if (!isStorableTime(sample.sampledAt)) return "time out of range";
  if (!isStorableText(sample.point)) return "point holds a character that cannot be stored";
  if ("value" in sample && typeof sample.value === "string" && !isStorableText(sample.value)) {
    return "text holds a character that cannot be stored";
  }
  if (sample.quality !== "good" && sample.reason !== undefined && !isStorableText(sample.reason)) {
    return "reason holds a character that cannot be stored";
  }
  return undefined;
}

/**
 * Table rows of the samples that follow `mark`. Rows of one point lie together: they go to the same page of the index,
 * and whoever reads the point's history finds them on fewer pages.
 */
export function sampleRows(
  of: { readonly gateway: string; readonly epochNumber: number; readonly mark: number },
  blocks: readonly Block<Sample>[],
): SampleRows {
  const rejects: Reject[] = [];
  const byPoint = new Map<string, NumberedSample[]>();
  const hours = new Set<number>();
  let rows = 0;
  let lastHour: number | undefined;
  let newest: { readonly seq: number; readonly at: number } | undefined;
  for (const block of blocks) {
    if (block.lastSeq <= of.mark) continue;
    for (const [index, sample] of block.rows.entries()) {
      const seq = seqOf(block, index);
      if (seq <= of.mark) continue;
      const reason = rejection(sample);
      if (reason !== undefined) {
        rejects.push({
          seq,
          reason,
          content: storableStart(JSON.stringify(sample), rejectCharsMax),
        });
        continue;
      }
      const others = byPoint.get(sample.point);
      if (others === undefined) byPoint.set(sample.point, [{ seq, sample }]);
      else others.push({ seq, sample });
      rows += 1;
      newest = { seq, at: sample.sampledAt };
      const hour = Math.floor(sample.sampledAt / hourMs);
      if (hour !== lastHour) hours.add(hour);
      lastHour = hour;
    }
  }
  return {
    copy: { [Symbol.iterator]: () => copySlices(of, byPoint) },
    rows,
    latest: [...byPoint.values()].flatMap((group) => group.slice(-1)).map(latestValue),
    rejects,
    hours,
    newest,
  };
}

/** What a snapshot says of each point: the newest of those that PostgreSQL can hold. */
export function newestValues(
  samples: readonly Sample[],
  seqs: readonly number[],
): { readonly latest: readonly LatestValue[]; readonly newest: LatestValue | undefined } {
  const byPoint = new Map<string, LatestValue>();
  let newest: LatestValue | undefined;
  for (const [index, sample] of samples.entries()) {
    const seq = seqs[index];
    if (seq === undefined || rejection(sample) !== undefined) continue;
    const value = latestValue({ seq, sample });
    if (seq > (byPoint.get(sample.point)?.seq ?? 0)) byPoint.set(sample.point, value);
    if (seq > (newest?.seq ?? 0)) newest = value;
  }
  return { latest: [...byPoint.values()], newest };
}

export interface NumberedSample {
  readonly seq: number;
  readonly sample: Sample;
}

/** A COPY file of these rows, in the order of the groups; a group's rows are all of the point that is its key. */
export function* copySlices(
  { gateway, epochNumber }: { readonly gateway: string; readonly epochNumber: number },
  groups: Iterable<readonly [point: string, rows: readonly NumberedSample[]]>,
): Generator<Uint8Array, undefined> {
  const copy = new CopyRows();
  for (const [point, rows] of groups) {
    const heading = Buffer.concat([textField(gateway), textField(point)]);
    for (const { seq, sample } of rows) {
      writeSample(copy, heading, epochNumber, seq, sample);
      if (copy.full) yield copy.slice();
    }
  }
  yield copy.finish();
}

function writeSample(
  copy: CopyRows,
  heading: Uint8Array,
  epochNumber: number,
  seq: number,
  sample: Sample,
): void {
  copy.row(11);
  copy.fields(heading);
  copy.timestamp(sample.sampledAt);
  copy.int4(epochNumber);
  copy.int8(seq);
  copy.int2(qualities.indexOf(sample.quality));
  if (sample.quality === "bad") {
    copy.nothing();
    copy.nothing();
    copy.nothing();
    copy.text(sample.reason);
  } else {
    writeValue(copy, sample.value);
    if (sample.quality === "good" || sample.reason === undefined) copy.nothing();
    else copy.text(sample.reason);
  }
  if (sample.raw === undefined) copy.nothing();
  else copy.double(sample.raw);
}

const kindFields = { n: textField("n"), b: textField("b"), t: textField("t") } as const;

function writeValue(copy: CopyRows, value: number | string | boolean): void {
  copy.fields(kindFields[kindOf(value)]);
  if (typeof value === "string") {
    copy.nothing();
    copy.text(value);
    return;
  }
  copy.double(Number(value));
  copy.nothing();
}

function kindOf(value: number | string | boolean): "n" | "b" | "t" {
  if (typeof value === "number") return "n";
  return typeof value === "boolean" ? "b" : "t";
}

function latestValue({ seq, sample }: NumberedSample): LatestValue {
  const value = sample.quality === "bad" ? undefined : sample.value;
  return {
    point: sample.point,
    at: sample.sampledAt,
    seq,
    quality: qualities.indexOf(sample.quality),
    kind: value === undefined ? null : kindOf(value),
    value: value === undefined || typeof value === "string" ? null : Number(value),
    text_value: typeof value === "string" ? value : null,
    reason: sample.quality === "good" ? null : (sample.reason ?? null),
  };
}
