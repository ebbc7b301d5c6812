import type { Instant } from "../../rules/rule.ts";
import type { GatewayEvent } from "../../store/store.ts";
import type { Movement } from "../movement.ts";

/** The movement that an event tells of, for the ledger's table; undefined: it tells of something else. */
export function movementOf({ kind, body }: GatewayEvent): Movement | undefined {
  return kind === "movement" && isMovement(body) ? body : undefined;
}

/**
 * Only the ledger makes events of this kind, and it made them of movements: while a disk refuses, thousands of them are
 * looked at with each attempt, and a whole validation would cost more than the commit.
 */
function isMovement(body: object): body is Movement {
  return "id" in body && typeof body.id === "string" && "quantity" in body;
}

export function movementEvent(movement: Movement, instant: Instant): GatewayEvent {
  return { kind: "movement", ...instant, body: { ...movement } };
}
