import type { EpochMs } from "../../../drivers/contract.ts";
import type { Movement } from "../movement.ts";
import { movementEvent, rackwatchNamespace } from "./movement-event.ts";

/** Named, never loaded: a gateway has no way out, and the hash does not need it. */
const epcisContext = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/**
 * Movements as an EPCIS 2.0 document, JSON-LD. Each event's id is its movement's: the CBV 2.0 hash of the event as it
 * stands here. `createdAt` is now.
 */
export function epcisDocument(
  movements: readonly Movement[],
  world: { readonly createdAt: EpochMs },
): Readonly<Record<string, unknown>> {
  return {
    "@context": [epcisContext, { rackwatch: rackwatchNamespace }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: new Date(world.createdAt).toISOString(),
    epcisBody: {
      eventList: movements.map((movement) => ({
        eventID: movement.id,
        ...movementEvent(movement),
      })),
    },
  };
}
