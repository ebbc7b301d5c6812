import { z } from "zod";
import type { EpochMs } from "../../../drivers/contract.ts";
import { stockKeys } from "../movement.ts";
import { packedTagsSchema, packTags, unpackTags } from "./packed-tags.ts";
import type { TagFacts } from "./tag-moves.ts";

/** `presence/<location>`: what was told to be there, with what it was told as. */
const savedPresenceSchema = z.strictObject({
  version: z.literal(1),
  groups: z.array(
    z.strictObject({
      item: z.string(),
      lot: z.string().optional(),
      pieces: z.number(),
      tags: z.array(packedTagsSchema),
    }),
  ),
});

const savedWatchedSchema = z.strictObject({
  version: z.literal(1),
  /** When the set of a location was last whole. */
  at: z.record(z.string(), z.number()),
});

const savedListSchema = z.strictObject({ version: z.literal(1), tags: z.array(packedTagsSchema) });

/** No location is called so: names begin with a letter or a digit. */
export const recordKeys = {
  presence: (location: string) => `${stockKeys.presence}${location}`,
  watched: `${stockKeys.presence}@watched`,
  strangers: `${stockKeys.presence}@strangers`,
  loose: `${stockKeys.presence}@loose`,
  strays: `${stockKeys.presence}@strays`,
  gate: (gate: string) => `${stockKeys.presence}@gate:${gate}`,
} as const;

export function presenceRecord(tags: Iterable<readonly [string, TagFacts]>): unknown {
  const groups = Map.groupBy(tags, ([, { item, lot, pieces }]) =>
    JSON.stringify([item, lot, pieces]),
  );
  return {
    version: 1,
    groups: [...groups].flatMap(([, alike]) => {
      const [one] = alike;
      if (one === undefined) return [];
      const { item, lot, pieces } = one[1];
      const packed = packTags(alike.map(([epc]) => epc));
      return [{ item, ...(lot === undefined ? {} : { lot }), pieces, tags: packed }];
    }),
  };
}

/** @returns undefined: nothing was ever told of the location. */
export function readPresence(saved: unknown): readonly (readonly [string, TagFacts])[] | undefined {
  return savedPresenceSchema
    .safeParse(saved)
    .data?.groups.flatMap(({ item, lot, pieces, tags }) =>
      unpackTags(tags).map(
        (epc) => [epc, { item, ...(lot === undefined ? {} : { lot }), pieces }] as const,
      ),
    );
}

export function watchedRecord(at: ReadonlyMap<string, EpochMs>): unknown {
  return { version: 1, at: Object.fromEntries(at) };
}

export function readWatched(saved: unknown): ReadonlyMap<string, EpochMs> {
  return new Map(Object.entries(savedWatchedSchema.safeParse(saved).data?.at ?? {}));
}

export function listRecord(tags: Iterable<string>): unknown {
  return { version: 1, tags: packTags([...tags]) };
}

export function readList(saved: unknown): readonly string[] {
  return unpackTags(savedListSchema.safeParse(saved).data?.tags ?? []);
}
