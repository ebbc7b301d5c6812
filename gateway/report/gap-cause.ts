import type { EpochMs } from "../../drivers/contract.ts";
import type { Gap } from "./gap.ts";

export const gapCauses = [
  "power",
  "stopped",
  "comms",
  "sensor",
  "clock",
  "storage",
  "damaged",
  "out-of-service",
  "unknown",
] as const;
export type GapCause = (typeof gapCauses)[number];

/** What happened to the gateway itself, by which a silence is explained. */
export interface Incident {
  readonly at: EpochMs;
  /** `power`: the machine started anew. `stopped`: only the program did. */
  readonly kind: "power" | "stopped" | "clock" | "storage";
}

/** A start ends a silence, and the first reading comes some time after it. */
const startMs = 180_000;

/** Words of bad samples by which the line or the network was at fault, not the sensor behind it. */
const ofTheLine = new Set([
  "timeout",
  "checksum",
  "crc",
  "length",
  "stale",
  "session",
  "connection",
]);

/** What a reading said comes first; a silence is explained by what happened to the gateway in it. */
export function causeOf({ from, to, reasons }: Gap, incidents: readonly Incident[]): GapCause {
  if (reasons.includes("out-of-service")) return "out-of-service";
  if (reasons.includes("damaged")) return "damaged";
  const within = incidents.filter(({ at }) => at >= from && at <= to + startMs);
  if (reasons.length === 0) {
    const order = ["power", "stopped", "storage", "clock"] as const;
    const found = order.find((kind) => within.some((incident) => incident.kind === kind));
    return found ?? "unknown";
  }
  return reasons.some((reason) => ofTheLine.has(reason)) ? "comms" : "sensor";
}
