import type { GatewayEvent } from "../../store/store.ts";
import { type Movement, movementSchema } from "../movement.ts";

/** The movement that an event tells of, for the ledger's table; undefined: it tells of something else. */
export function movementOf({ kind, body }: GatewayEvent): Movement | undefined {
  return kind === "movement" ? movementSchema.safeParse(body).data : undefined;
}
