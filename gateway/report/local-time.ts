import type { EpochMs } from "../../drivers/contract.ts";

/** No time zone in use has changed its clocks at another moment than a whole quarter of an hour, UTC. */
const quarterMs = 900_000;

/** What clocks of one time zone show: a report is read years later, by people who stand there. */
export interface LocalTime {
  /** `2026-10-25 02:30:00`. */
  text(at: EpochMs): string;
  /** `+02:00`: tells apart the hour that comes twice in autumn. */
  offset(at: EpochMs): string;
}

/** @param timezone IANA name. @throws RangeError when there is none such. */
export function localTimeOf(timezone: string): LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    timeZoneName: "longOffset",
  });
  let known = { quarter: Number.NaN, offset: "+00:00", offsetMs: 0 };
  /** Asking ICU for each record of a month took most of the time of its CSV. */
  const zoneAt = (at: EpochMs) => {
    const quarter = Math.floor(at / quarterMs);
    if (quarter !== known.quarter) {
      const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value;
      const [, sign = "+", hours = "00", minutes = "00"] =
        /GMT([+-])(\d\d):(\d\d)/.exec(name ?? "") ?? [];
      const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
      const offsetMs = sign === "-" ? -size : size;
      known = { quarter, offset: `${sign}${hours}:${minutes}`, offsetMs };
    }
    return known;
  };
  return {
    text: (at) =>
      new Date(Math.floor(at) + zoneAt(at).offsetMs).toISOString().slice(0, 19).replace("T", " "),
    offset: (at) => zoneAt(at).offset,
  };
}
