import type { EpochMs } from "../../../drivers/contract.ts";
import type { Tag } from "../movement.ts";
import type { TagEvent } from "./presence.ts";

/** What a tag is on. */
export type TagFacts = Pick<Tag, "item" | "lot" | "pieces" | "home">;

/** @param epc Hex, upper case. @returns undefined: no item claims it. */
export type ResolveTag = (epc: string) => TagFacts | undefined;

export interface Passing {
  readonly gate: string;
  readonly direction: "in" | "out";
}

/** One tag went from one location to another; absent: from nowhere, or to nowhere that is known. */
export interface TagMove {
  readonly epc: string;
  readonly facts: TagFacts;
  readonly from?: string;
  readonly to?: string;
  readonly at: EpochMs;
  readonly since?: EpochMs;
  readonly first?: true;
  readonly passing?: Passing;
}

/** What is told of moves that were decided together: one event of all tags of one item and lot that went the same way. */
export function eventsOfMoves(moves: readonly TagMove[]): readonly TagEvent[] {
  const alike = Map.groupBy(moves, ({ facts, from, to, since, first, passing }) =>
    JSON.stringify([from, to, facts.item, facts.lot, since, first, passing]),
  );
  return [...alike]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, group]) => eventsOf(group));
}

function eventsOf(group: readonly TagMove[]): readonly TagEvent[] {
  const [one] = group;
  if (one === undefined) return [];
  const { from, to, since, first, passing } = one;
  const base = {
    item: one.facts.item,
    ...(one.facts.lot === undefined ? {} : { lot: one.facts.lot }),
    pieces: group.reduce((sum, { facts }) => sum + facts.pieces, 0),
    tags: group.map(({ epc }) => epc).sort(),
    at: Math.max(...group.map(({ at }) => at)),
  };
  const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (passing !== undefined) return [{ is: "passed", ...passing, ...ends, ...base }];
  const seen = {
    ...base,
    ...(since === undefined ? {} : { since }),
    ...(first === undefined || from !== undefined ? {} : { first }),
  };
  const left = from === undefined ? [] : [{ is: "left" as const, location: from, ...seen }];
  const arrived = to === undefined ? [] : [{ is: "arrived" as const, location: to, ...seen }];
  if (from === undefined || to === undefined) return [...left, ...arrived];
  return [
    ...left.map((event) => ({ ...event, partner: to })),
    ...arrived.map((event) => ({ ...event, partner: from })),
  ];
}
