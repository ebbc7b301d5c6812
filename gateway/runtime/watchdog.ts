import type { Clock, MonotonicMs } from "../../drivers/contract.ts";
import type { Notifier } from "./notify.ts";

/** A function for a loop to call as often as it likes: pings the watchdog when half of its time is over. */
export function watchdogPing(notifier: Notifier, clock: Clock): () => void {
  const everyMs = (notifier.watchdogMs ?? Number.POSITIVE_INFINITY) / 2;
  let pingedAt: MonotonicMs = clock.monotonicMs();
  return () => {
    const now = clock.monotonicMs();
    if (now - pingedAt < everyMs) return;
    pingedAt = now;
    notifier.watchdog();
  };
}
