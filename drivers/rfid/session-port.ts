import { stat } from "node:fs/promises";
import { parseAddress } from "../address.ts";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";

/** How soon it is noticed that an adapter was pulled out whose port nobody writes to: reading alone gives no event. */
const everyMs = 2_000;

/**
 * For readers that are only listened to: watches whether the serial port is still there, until the signal is aborted.
 * @throws RackwatchError `driver/connection-lost`.
 */
export async function watchPort(address: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const parsed = parseAddress(address);
  if (parsed.kind !== "serial") return;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!signal.aborted && !(await exists(parsed.path)))
      throw new RackwatchError("driver/connection-lost", `The port ${parsed.path} is gone`, {
        where: address,
        todo: "Check that the adapter is plugged in",
      });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
