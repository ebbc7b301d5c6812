import type { AlarmView } from "../../api.ts";
import { bulkAcknowledgeMax } from "../../limits.ts";
import { presentAlarms, waitsForPerson } from "../severity.ts";

/** What may be acknowledged together: critical ones are looked at one by one, and the gateway refuses them here. */
export function severalOf(alarms: readonly AlarmView[]): readonly AlarmView[] {
  return presentAlarms(alarms)
    .filter((alarm) => waitsForPerson(alarm) && alarm.priority !== "critical")
    .slice(0, bulkAcknowledgeMax);
}
