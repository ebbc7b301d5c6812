/**
 * The score of the Numenta Anomaly Benchmark 1.1, standard profile: an early hit in a labelled window counts most, a false
 * alarm the more the further it is from the window before. 0 is a detector that says nothing, 100 a perfect one.
 */
const profile = { hit: 1, falseAlarm: 0.11, miss: 1 } as const;

/** First and last row of a labelled window. */
export type LabelledWindow = readonly [first: number, last: number];

export interface Alarms {
  readonly hits: number;
  /** In the whole series, the start that is not judged with it. */
  readonly falseAlarms: number;
  /** Sum of the profile's points, from -windows to windows. */
  readonly points: number;
}

/** Share of a series, and rows at most, at its start that are not judged. */
const probation = { share: 0.15, rowsMax: 750 } as const;

/** @param alarms rows, ascending. @param rows length of the series. */
export function nabScore(
  alarms: readonly number[],
  windows: readonly LabelledWindow[],
  rows: number,
): Alarms {
  const from = Math.min(Math.floor(probation.share * rows), probation.rowsMax);
  const judged = alarms.filter((row) => row >= from);
  const outside = alarms.filter((row) => !windows.some((window) => isIn(row, window)));
  let points = 0;
  let hits = 0;
  for (const window of windows) {
    const first = judged.find((row) => isIn(row, window));
    if (first === undefined) {
      points -= profile.miss;
      continue;
    }
    hits += 1;
    const [left, right] = window;
    const place = -(right - first + 1) / (right - left + 1);
    points += (profile.hit * sigmoid(place)) / sigmoid(-1);
  }
  for (const row of outside.filter((each) => each >= from)) {
    points += profile.falseAlarm * falsePoints(row, windows);
  }
  return { hits, falseAlarms: outside.length, points };
}

/** 0-100 over several series. */
export function normalised(points: number, windows: number): number {
  return (100 * (points + profile.miss * windows)) / ((profile.hit + profile.miss) * windows);
}

function isIn(row: number, [first, last]: LabelledWindow): boolean {
  return row >= first && row <= last;
}

function falsePoints(row: number, windows: readonly LabelledWindow[]): number {
  const before = windows.findLast(([, last]) => last < row);
  if (before === undefined) return -1;
  const [first, last] = before;
  return sigmoid((row - last) / (last - first));
}

function sigmoid(place: number): number {
  return place > 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
}
