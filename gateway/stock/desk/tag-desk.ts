import type { Config } from "../../../config/schema/config.ts";
import type { MonotonicMs, Sample } from "../../../drivers/contract.ts";
import type { Follow } from "../../follow.ts";
import type { Instant } from "../../rules/rule.ts";
import type { ClockQuality } from "../../store/store.ts";
import type { ItemBook } from "../items/item-book.ts";
import type { Movement, MovementDraft } from "../movement.ts";
import type { GateDoubt, GateSettings } from "../tags/gate-watch.ts";
import type { TagEvent } from "../tags/presence.ts";
import { StrayWatch } from "../tags/stray-watch.ts";
import type { ResolveTag } from "../tags/tag-moves.ts";
import { type TagCount, TagWatch } from "../tags/tag-watch.ts";
import type { Fact } from "../warnings/fact.ts";
import { tagDrafts } from "./tag-drafts.ts";

/** The reader has confirmed it already. */
const arriveMs = 0;

/** What is lifted, looked at and put back was never away. */
const leaveMs = 30_000;

/** An article that is carried about and put back is not misplaced: a shift may leave it until its end. */
const misplacedAfterMs = 15 * 60_000;

/** A tag that nobody sees may stand behind another one: told when it stays away for so long. */
const missingAfterMs = 60 * 60_000;

export interface TagDeskParts {
  readonly config: Pick<Config, "locations">;
  readonly items: ItemBook;
  readonly resolve: ResolveTag;
  readonly isWeighed: (location: string, item: string) => boolean;
  readonly clockQuality: () => ClockQuality;
  /** What the store kept under `presence/`. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly instant: Instant;
}

export interface TagDeskStep extends Follow {
  readonly drafts: readonly MovementDraft[];
  readonly facts: readonly Fact[];
}

const nothingRead: TagDeskStep = { drafts: [], facts: [], events: [], state: new Map() };

/** What readers tell, as movements and facts: which tags are where, what passes a gate, what strays. */
export class TagDesk {
  readonly #parts: TagDeskParts;
  readonly #watch: TagWatch;
  readonly #strays: StrayWatch;
  readonly #points: ReadonlySet<string>;

  constructor(parts: TagDeskParts) {
    this.#parts = parts;
    const { config, items, resolve, saved, instant } = parts;
    const places = Object.entries(config.locations).flatMap(([location, { tags }]) =>
      tags === undefined ? [] : [{ location, point: tags }],
    );
    const gates = Object.entries(config.locations).flatMap(([gate, given]): GateSettings[] => {
      if (given.gate === undefined) return [];
      const { inside, outside, into, from } = given.gate;
      return [{ gate, inside, outside, into, ...(from === undefined ? {} : { from }) }];
    });
    this.#watch = new TagWatch({ places, gates, resolve, arriveMs, leaveMs }, saved, instant);
    this.#points = new Set(this.#watch.points);
    this.#strays = new StrayWatch(
      {
        resolve,
        homesOf: (item) => items.get(item)?.location ?? [],
        where: (epc) => this.#watch.where(epc),
        isWatched: (location) => this.#watch.isWatched(location),
        misplacedAfterMs,
        missingAfterMs,
      },
      saved,
      instant,
    );
  }

  /** No samples: a clock tick. */
  step(samples: readonly Sample[], instant: Instant): TagDeskStep {
    if (this.#points.size === 0) return nothingRead;
    const own = samples.filter(({ point }) => this.#points.has(point));
    const due = this.nextDue();
    const isDue = due !== undefined && due <= instant.mono;
    if (own.length === 0 && samples.length > 0 && !isDue) return nothingRead;
    const { events, doubts, state } = this.#watch.step(own, instant);
    const strays = this.#strays.step(events, instant);
    const { items, isWeighed, clockQuality } = this.#parts;
    const world = {
      clock: clockQuality(),
      itemOf: (id: string) => items.get(id),
      isWeighed,
      believed: (location: string, item: string, lot: string | undefined) =>
        this.#watch.piecesAt(location, item, lot),
    };
    const told = [...uncounted(events), ...strays.events].map((event) => tagDrafts(event, world));
    return {
      drafts: told.flatMap(({ drafts }) => drafts),
      facts: told.flatMap(({ facts }) => facts),
      events: [...events.flatMap(strangersOf), ...doubts.map(doubtOf)],
      state: new Map([...state, ...strays.state]),
    };
  }

  nextDue(): MonotonicMs | undefined {
    const next = Math.min(this.#watch.nextDue() ?? Infinity, this.#strays.nextDue() ?? Infinity);
    return Number.isFinite(next) ? next : undefined;
  }

  /** What the ledger says of tags now: people who book a tagged article out need not be told that it is missing. */
  booked(movements: readonly Movement[]): void {
    for (const { location, quantity, evidence } of movements) {
      if (evidence.tags === undefined) continue;
      if (quantity > 0) this.#strays.expect(location, evidence.tags);
      else this.#strays.release(evidence.tags);
    }
  }

  /** Undefined: no reader watches the location, or it never named a set. */
  counts(location: string): readonly TagCount[] | undefined {
    return this.#watch.tagCounts(location);
  }
}

/** Without arrivals that a count of the same step has in it. */
function uncounted(events: readonly TagEvent[]): readonly TagEvent[] {
  const counted = new Set(
    events.flatMap((event) =>
      event.is === "arrived" && event.first === true ? [keyOf(event)] : [],
    ),
  );
  if (counted.size === 0) return events;
  return events.filter(
    (event) => event.is !== "arrived" || event.first === true || !counted.has(keyOf(event)),
  );
}

function keyOf({ location, item, lot }: Extract<TagEvent, { is: "arrived" | "left" }>): string {
  return JSON.stringify([location, item, lot]);
}

function strangersOf(event: TagEvent): Follow["events"] {
  if (event.is !== "unknown") return [];
  const { location, tags } = event;
  return [{ kind: "stock", body: { do: "unknown-tags", location, tags } }];
}

function doubtOf({ gate, reason, tags }: GateDoubt): Follow["events"][number] {
  return { kind: "stock", body: { do: "gate-doubt", gate, reason, tags } };
}
