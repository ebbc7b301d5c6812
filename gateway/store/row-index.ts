import { RackwatchError } from "../../drivers/errors.ts";
import { type Packing, packedMagnitudeMax, packIntegers, unpackIntegers } from "./packed.ts";

/** Which point each row belongs to: the difference to the point after the previous row's, round and round. */
export function packOrder(
  points: readonly number[],
  pointCount: number,
  packing?: Packing,
): string {
  let expected = 0;
  return packIntegers(
    points.map((point) => {
      const step = point - expected;
      expected = (point + 1) % pointCount;
      return step;
    }),
    packing,
  );
}

/** @throws RackwatchError `store/corrupt` when a row names a point that is not there. */
export function unpackOrder(
  order: string,
  rows: number,
  pointCount: number,
  packing?: Packing,
): Int32Array {
  const points = new Int32Array(rows);
  let expected = 0;
  let row = 0;
  for (const step of unpackIntegers(order, rows, packing)) {
    const point = expected + step;
    if (point < 0 || point >= pointCount) throw damaged("a row names a point that is not there");
    points[row] = point;
    row += 1;
    expected = point + 1 === pointCount ? 0 : point + 1;
  }
  return points;
}

export interface Times {
  /** Time of the first row. */
  readonly from: number;
  /** Packed steps from row to row, or the times themselves where they are no whole milliseconds. */
  readonly times: string | number[];
}

/** @throws Error for a time that is no number: a mistake of the caller. */
export function encodeTimes(times: readonly number[], packing?: Packing): Times {
  if (!times.every(Number.isFinite)) throw new Error("a sample's time is no number");
  const from = times[0] ?? 0;
  const steps = times.map((time, row) => time - (times[row - 1] ?? from));
  const whole = times.every(
    (time, row) =>
      Number.isSafeInteger(time) &&
      !Object.is(time, -0) &&
      Math.abs(steps[row] ?? 0) <= packedMagnitudeMax,
  );
  return whole
    ? { from, times: packIntegers(steps, packing) }
    : { from: 0, times: times.map(negativeZero) };
}

/** JSON has no -0. */
function negativeZero(time: number): number {
  return time === 0 ? 0 : time;
}

/** @throws RackwatchError `store/corrupt` when there is not one time for each row. */
export function decodeTimes(
  { from, times }: Times,
  rows: number,
  packing?: Packing,
): ArrayLike<number> {
  if (typeof times !== "string") {
    if (times.length !== rows) throw damaged("the times do not fit the rows");
    return times;
  }
  const decoded = unpackIntegers(times, rows, packing);
  let time = from;
  for (let row = 0; row < rows; row += 1) {
    time += decoded[row] ?? 0;
    if (!Number.isSafeInteger(time)) throw damaged("a time is no whole millisecond");
    decoded[row] = time;
  }
  return decoded;
}

/** Row numbers that rise, as distances. */
export function packRows(rows: readonly number[]): string {
  return packIntegers(rows.map((row, index) => row - (rows[index - 1] ?? 0)));
}

/** @throws RackwatchError `store/corrupt` when a row lies outside the rows or does not rise. */
export function unpackRows(text: string, count: number, rowCount: number): number[] {
  let row = 0;
  return Array.from(unpackIntegers(text, count), (distance, index) => {
    row += distance;
    if ((index > 0 && distance <= 0) || row < 0 || row >= rowCount) {
      throw damaged("a mark stands outside the rows");
    }
    return row;
  });
}

function damaged(message: string): RackwatchError {
  return new RackwatchError("store/corrupt", message);
}
