const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** From here on days say more than hours do. */
const daysFromMs = 2 * dayMs;

export interface DurationWords {
  seconds(n: number): string;
  minutes(n: number): string;
  hours(n: number): string;
  days(n: number): string;
}

/** A time span in its two largest units, rounded down: nobody is told that more has passed than has. */
export function durationText(ms: number, words: DurationWords): string {
  if (ms < minuteMs) return words.seconds(Math.max(0, Math.floor(ms / 1_000)));
  if (ms < hourMs) return words.minutes(Math.floor(ms / minuteMs));
  if (ms < daysFromMs) {
    const rest = Math.floor((ms % hourMs) / minuteMs);
    return both(words.hours(Math.floor(ms / hourMs)), rest, words.minutes);
  }
  const rest = Math.floor((ms % dayMs) / hourMs);
  return both(words.days(Math.floor(ms / dayMs)), rest, words.hours);
}

function both(large: string, rest: number, small: (n: number) => string): string {
  return rest === 0 ? large : `${large} ${small(rest)}`;
}
