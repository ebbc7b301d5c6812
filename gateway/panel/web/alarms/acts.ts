import type { AlarmCause } from "../../../alarms/alarm.ts";
import { apply } from "../../../alarms/lifecycle.ts";
import type { AlarmView } from "../../api.ts";
import type { Permission } from "../../duties.ts";

/** What a person does with an alarm; `POST /api/alarms/{id}/<act>`. */
export type Act =
  | "acknowledge"
  | "reset"
  | "shelve"
  | "unshelve"
  | "suppress"
  | "unsuppress"
  | "out-of-service"
  | "return-to-service";

interface ActForm {
  readonly act: Act;
  readonly permission: Permission;
  readonly cause: AlarmCause;
}

/** In the order in which they are offered: what ends the matter first, what puts it aside last. */
const acts: readonly ActForm[] = [
  { act: "acknowledge", permission: "acknowledge", cause: "acknowledged" },
  { act: "reset", permission: "reset", cause: "reset" },
  { act: "return-to-service", permission: "service", cause: "return-to-service" },
  { act: "unsuppress", permission: "suppress", cause: "unsuppressed" },
  { act: "unshelve", permission: "shelve", cause: "unshelved" },
  { act: "shelve", permission: "shelve", cause: "shelved" },
  { act: "suppress", permission: "suppress", cause: "suppressed" },
  { act: "out-of-service", permission: "service", cause: "out-of-service" },
];

/** The acts that the gateway would not refuse to this alarm as it is: asked of the same table. */
export function actsFor(alarm: AlarmView): readonly ActForm[] {
  const flags = {
    active: alarm.active,
    acknowledged: alarm.acknowledged,
    latched: alarm.latched,
    shelved: alarm.shelved !== undefined,
    suppressed: alarm.suppressed !== undefined,
    outOfService: alarm.outOfService !== undefined,
  };
  return acts.filter(({ cause }) => "flags" in apply(flags, cause));
}
