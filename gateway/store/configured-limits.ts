import { centralRoad, countedRoads } from "../../config/roads.ts";
import type { Config } from "../../config/schema/config.ts";
import type { StoreLimits } from "./limits.ts";

const megabyte = 1_000_000;

/** What the configuration says of the store. */
export function configuredLimits({ store, sync }: Config): Partial<StoreLimits> {
  return {
    keepForMs: store.keepFor,
    sizeBytesMax: store.maxSize * megabyte,
    awaitsCentral: sync !== undefined,
    roads: sync === undefined ? [centralRoad] : countedRoads(sync),
  };
}
