import type { MonotonicMs } from "../drivers/contract.ts";
import type { GatewayEvent } from "./store/store.ts";

/** What follows from a step and belongs into the same transaction. */
export interface Follow {
  readonly events: readonly Pick<GatewayEvent, "kind" | "body">[];
  /** Undefined deletes. */
  readonly state: ReadonlyMap<string, unknown>;
}

export const nothingFollows: Follow = { events: [], state: new Map() };

/** A part that looks at every step of the alarms, and may want to be looked at by clock alone. */
export interface Follower<Input> {
  step(input: Input): Follow;
  /** When it has something to do without being called; undefined: never. */
  nextDue(): MonotonicMs | undefined;
}
