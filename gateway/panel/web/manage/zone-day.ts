/** Days of the place that is watched, as instants. */

const dayMs = 86_400_000;

/** The first instant of a day. @param day YYYY-MM-DD. @param timezone IANA name. */
export function dayStart(day: string, timezone: string | undefined): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(utc)) return Number.NaN;
  // The offset of that instant is not known before the instant is: the second look is right after a change of clocks.
  const first = utc - offsetMs(utc, timezone);
  return utc - offsetMs(first, timezone);
}

/** The last millisecond of a day. */
export function dayEnd(day: string, timezone: string | undefined): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(utc)) return Number.NaN;
  return dayStart(new Date(utc + dayMs).toISOString().slice(0, 10), timezone) - 1;
}

/** How far the zone's wall clock is ahead of UTC at an instant. */
function offsetMs(at: number, timezone: string | undefined): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    ...(timezone !== undefined && { timeZone: timezone }),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((it) => it.type === type)?.value);
  const wall = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}
