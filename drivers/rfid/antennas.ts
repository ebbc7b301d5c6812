import type { ReaderEvent } from "./protocol.ts";

/** A fault when antennas are configured that a reader with `count` of them has not. */
export function antennaFault(antennas: readonly number[], count: number): ReaderEvent[] {
  const missing = antennas.filter((antenna) => antenna > count);
  if (missing.length === 0) return [];
  const absent = Object.fromEntries(missing.map((antenna) => [antenna, false]));
  return [
    { is: "health", antennas: absent },
    { is: "fault", reason: "antenna" },
  ];
}
