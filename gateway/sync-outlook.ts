const dayMs = 86_400_000;

/** Less time than this says nothing about a day. */
const spanMsMin = 600_000;

/** How many hourly marks are remembered: the rate is that of the last day. */
const marksMax = 25;

const markEveryMs = 3_600_000;

interface Mark {
  readonly mono: number;
  readonly head: number;
}

/** How fast rows come, from the numbers that the store gave out: over the last day, or as long as is known. */
export class RowRate {
  #marks: readonly Mark[] = [];

  note(mono: number, head: number): void {
    const last = this.#marks.at(-1);
    // A store that was born anew counts from 1.
    if (last !== undefined && head < last.head) this.#marks = [];
    else if (last !== undefined && mono - last.mono < markEveryMs) return;
    this.#marks = [...this.#marks, { mono, head }].slice(-marksMax);
  }

  /** Undefined until enough is known. */
  rowsPerDay(mono: number, head: number): number | undefined {
    const first = this.#marks[0];
    if (first === undefined || mono - first.mono < spanMsMin || head <= first.head)
      return undefined;
    return ((head - first.head) * dayMs) / (mono - first.mono);
  }
}

export interface Room {
  /** Rows that central does not have. */
  readonly backlogRows: number;
  /** All rows in the store, those that central has included: they make room first. */
  readonly storedRows: number;
  readonly storeBytes: number;
  readonly storeBytesMax: number;
  /** Free bytes of the disk. */
  readonly freeBytes: number;
  readonly rowsPerDay: number;
}

/**
 * Days until nothing more can be kept at this rate, when central takes nothing meanwhile. Undefined while a row has no
 * known size. Thinning, which comes then, stretches it further.
 */
export function daysOfRoom(room: Room): number | undefined {
  if (room.storedRows <= 0 || room.rowsPerDay <= 0) return undefined;
  const rowBytes = room.storeBytes / room.storedRows;
  const bytesMax = Math.min(room.storeBytesMax, room.storeBytes + room.freeBytes);
  return Math.max(0, bytesMax / rowBytes - room.backlogRows) / room.rowsPerDay;
}
