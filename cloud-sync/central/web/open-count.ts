import type { Fleet } from "../fleet.ts";

/** Open alarms of all gateways, and central's own of those that are silent or stand still. */
export function openCount(fleet: Fleet | undefined): number {
  if (fleet === undefined) return 0;
  const { states, alarms } = fleet;
  return Object.values(alarms).reduce((sum, count) => sum + count, states.silent + states.stopped);
}
