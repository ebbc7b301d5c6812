import type { MovementDraft } from "../movement.ts";
import { eventHash } from "./event-hash.ts";
import { movementEvent, rackwatchNamespace } from "./movement-event.ts";

/**
 * A movement's identity: the hash of its EPCIS event. The same movement has the same on every machine, whatever the
 * order of its keys or tags; what it says differently makes it another one.
 */
export function movementId(draft: MovementDraft): string {
  return eventHash(movementEvent(draft), { rackwatch: rackwatchNamespace });
}
