import { readEvents } from "../../gateway/store/chunk.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";

/** Every event on record in a data folder, oldest first, read while the gateway runs. */
export function storedEvents(dataDir: string): readonly GatewayEvent[] {
  using outbox = openOutbox(dataDir);
  return outbox.read("events", 0, 100_000).flatMap(readEvents);
}
