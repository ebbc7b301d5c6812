import type { ClockQuality } from "../../store/store.ts";
import { type MovementDraft, tagsOnRecordMax } from "../movement.ts";
import type { Item } from "../stocked.ts";
import type { TagEvent } from "../tags/presence.ts";
import type { Drafts } from "./shelf-drafts.ts";

export interface TagDraftWorld {
  readonly clock: ClockQuality;
  readonly itemOf: (id: string) => Item | undefined;
  /** A scale books what moves of the item there: its tags only tell of lots, or it would count twice. */
  readonly isWeighed: (location: string, item: string) => boolean;
  /** Pieces of an item and lot that are believed at a location by their tags, those of this step included. */
  readonly believed: (location: string, item: string, lot: string | undefined) => number;
}

type Going = Extract<TagEvent, { is: "arrived" | "left" | "passed" }>;

const nothing: Drafts = { drafts: [], facts: [] };

/** What the tags told, as movements and as facts for the warnings. Pure. */
export function tagDrafts(event: TagEvent, world: TagDraftWorld): Drafts {
  switch (event.is) {
    case "arrived":
    case "left":
    case "passed":
      return { drafts: moved(event, world), facts: [] };
    case "misplaced":
    case "missing": {
      const { is, location, home, item, lot, tags } = event;
      const about = { location, item, ...(lot === undefined ? {} : { lot }) };
      const figures = { home, tags: tags.length, firstTag: tags[0] ?? "" };
      return { drafts: [], facts: [{ kind: is, ...about, active: true, figures }] };
    }
    case "found": {
      const { was, item, lot } = event;
      // Others of the same item and lot still stray.
      if (was === undefined || was.remaining > 0) return nothing;
      const about = { location: was.location, item, ...(lot === undefined ? {} : { lot }) };
      return { drafts: [], facts: [{ kind: was.is, ...about, active: false, figures: {} }] };
    }
    case "unknown":
      return nothing;
  }
}

function moved(event: Going, world: TagDraftWorld): readonly MovementDraft[] {
  const item = world.itemOf(event.item);
  if (item === undefined) return [];
  const booked = (location: string | undefined) =>
    location === undefined || world.isWeighed(location, item.id) ? undefined : location;
  if (event.is !== "passed" && event.first === true) {
    const location = booked(event.location);
    return location === undefined ? [] : [counted(event, item, location, world)];
  }
  const { from, to } = endsOf(event);
  const [leaves, enters] = [booked(from), booked(to)];
  // Of one that went from place to place both ends are told: the one that it left says it for both.
  const isToldElsewhere = event.is === "arrived" && booked(event.partner) !== undefined;
  if (isToldElsewhere) return [];
  const base = draftOf(event, item, world);
  const quantity = event.pieces;
  if (leaves !== undefined && enters !== undefined) {
    const through = { kind: "transfer", location: leaves, partner: enters } as const;
    return [{ ...base, ...through, quantity: -quantity }];
  }
  if (enters !== undefined) return [{ ...base, kind: "put", location: enters, quantity }];
  if (leaves === undefined) return [];
  return [{ ...base, kind: "pick", location: leaves, quantity: -quantity }];
}

function endsOf(event: Going): {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
} {
  if (event.is === "passed") return { from: event.from, to: event.to };
  const { location, partner } = event;
  return event.is === "left" ? { from: location, to: partner } : { from: partner, to: location };
}

/**
 * Tags that were there before anybody looked: what is there, and no movement. A reader names them little by little, so
 * that each time all of them are counted.
 */
function counted(
  event: Extract<Going, { is: "arrived" | "left" }>,
  item: Item,
  location: string,
  world: TagDraftWorld,
): MovementDraft {
  const base = draftOf(event, item, world);
  const pieces = world.believed(location, item.id, event.lot);
  const evidence = { ...base.evidence, counted: pieces };
  return { ...base, kind: "count", location, quantity: 0, evidence };
}

function draftOf(event: Going, item: Item, { clock }: TagDraftWorld) {
  const { lot, at, tags } = event;
  const since = event.is === "passed" ? undefined : event.since;
  const evidence: MovementDraft["evidence"] = { by: "tags", tags: tags.slice(0, tagsOnRecordMax) };
  return {
    item: item.id,
    ...(lot === undefined ? {} : { lot, lotBy: "tag" as const }),
    unit: item.unit,
    at,
    ...(since === undefined ? {} : { since }),
    clock,
    evidence,
  };
}
