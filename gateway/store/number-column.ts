import { RackwatchError } from "../../drivers/errors.ts";
import { type Packing, packedMagnitudeMax, packIntegers, unpackIntegers } from "./packed.ts";

/** A value in `rest`: what does not scale to whole numbers. null stands for -0, which JSON has no word for. */
type RestValue = number | string | boolean | null;

/**
 * Values of many points in row order. Where all numbers of a point are whole multiples of 10^-scale, each is stored
 * as the difference to that point's previous one; a point with scale `unscaled` has its values in `rest`, as they are.
 */
export interface NumberColumn {
  /** Packed, one per point: 0..`scaleMax`, or `unscaled`. */
  readonly scales: string;
  /** Packed, one per value of a scaled point. */
  readonly deltas: string;
  readonly rest: RestValue[];
}

/** Finest step kept as a whole number, 10^-6: no slow sensor reports finer, and float noise goes to `rest` unharmed. */
const scaleMax = 6;
const unscaled = scaleMax + 1;
const powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/** Half of what packs, so that the difference of two still packs. */
const scaledMagnitudeMax = (packedMagnitudeMax - 1) / 2;

/** `value * 10^scale` as a whole number when that gives back the very same double, else NaN. */
function scaled(value: number, scale: number): number {
  const power = powers[scale] ?? Number.NaN;
  const whole = Math.round(value * power);
  if (whole / power !== value || Math.abs(whole) > scaledMagnitudeMax) return Number.NaN;
  return whole === 0 && Object.is(value, -0) ? Number.NaN : whole;
}

/** The smallest scale, at least `from`, at which the value is whole. */
function scaleOf(value: RestValue, from: number): number {
  if (typeof value !== "number") return unscaled;
  for (let scale = from; scale <= scaleMax; scale += 1) {
    if (!Number.isNaN(scaled(value, scale))) return scale;
  }
  return unscaled;
}

/** @param points `points[i]` is the point index of `values[i]`; numbers are finite. */
export function encodeNumbers(
  points: readonly number[],
  values: readonly (number | string | boolean)[],
  pointCount: number,
  packing?: Packing,
): NumberColumn {
  const scales = new Array<number>(pointCount).fill(0);
  for (let row = 0; row < values.length; row += 1) {
    const point = points[row] ?? 0;
    const scale = scales[point] ?? 0;
    if (scale < unscaled) scales[point] = scaleOf(values[row] ?? 0, scale);
  }
  // A value that is whole at its own scale may not be at a later, finer one: such a point is left unscaled.
  for (let row = 0; row < values.length; row += 1) {
    const point = points[row] ?? 0;
    const scale = scales[point] ?? 0;
    const value = values[row];
    if (scale === unscaled || typeof value !== "number") continue;
    if (Number.isNaN(scaled(value, scale))) scales[point] = unscaled;
  }
  const previous = new Float64Array(pointCount);
  const deltas: number[] = [];
  const rest: RestValue[] = [];
  for (let row = 0; row < values.length; row += 1) {
    const point = points[row] ?? 0;
    const value = values[row] ?? 0;
    const scale = scales[point] ?? 0;
    if (typeof value !== "number" || scale === unscaled) {
      rest.push(Object.is(value, -0) ? null : value);
      continue;
    }
    const whole = scaled(value, scale);
    deltas.push(whole - (previous[point] ?? 0));
    previous[point] = whole;
  }
  return { scales: packIntegers(scales), deltas: packIntegers(deltas, packing), rest };
}

/**
 * The values again, in row order.
 * @throws RackwatchError `store/corrupt` when the column does not hold exactly these rows.
 */
export function decodeNumbers(
  column: NumberColumn,
  points: ArrayLike<number>,
  pointCount: number,
  packing?: Packing,
): (number | string | boolean)[] {
  const scales = unpackIntegers(column.scales, pointCount);
  const restCount = column.rest.length;
  if (restCount > points.length) throw badColumn();
  const deltas = unpackIntegers(column.deltas, points.length - restCount, packing);
  const previous = new Float64Array(pointCount);
  const values: (number | string | boolean)[] = [];
  let restRow = 0;
  for (let row = 0; row < points.length; row += 1) {
    const point = points[row] ?? 0;
    const scale = scales[point] ?? -1;
    if (scale === unscaled) {
      const value = column.rest[restRow];
      if (value === undefined) throw badColumn();
      values.push(value === null ? -0 : value);
      restRow += 1;
      continue;
    }
    const power = powers[scale];
    const delta = deltas[row - restRow];
    if (power === undefined || delta === undefined) throw badColumn();
    const whole = (previous[point] ?? 0) + delta;
    if (Math.abs(whole) > scaledMagnitudeMax) throw badColumn();
    previous[point] = whole;
    values.push(whole / power);
  }
  return values;
}

function badColumn(): RackwatchError {
  return new RackwatchError("store/corrupt", "a column of values does not fit its rows");
}
