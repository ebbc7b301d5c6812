import type { EpochMs } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";
import type { Message } from "./message.ts";

/** A clock that is further behind central's than this says nothing about an age. */
export const clockBehindMsMax = 60_000;

export type Age = "good" | "expired" | "unset" | "behind";

/**
 * Whether a message may still be carried out. One without an expiry always may. A clock that was never set knows no age; one
 * that nobody keeps is believed only where it is stricter than the time that passed here.
 * @param waitedMs since the message came to this machine, as far as that is known.
 */
export function ageOf(
  { issuedAt, expiresAt }: Pick<Message, "issuedAt" | "expiresAt">,
  now: EpochMs,
  quality: ClockQuality,
  waitedMs: number,
): Age {
  if (expiresAt === undefined) return "good";
  if (waitedMs > expiresAt - issuedAt) return "expired";
  if (quality === "unset") return "unset";
  if (now > expiresAt) return "expired";
  if (now < issuedAt - clockBehindMsMax) return "behind";
  return "good";
}
