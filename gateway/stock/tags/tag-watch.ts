import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../../drivers/contract.ts";
import type { Instant } from "../../rules/rule.ts";
import type { Side } from "./gate-stay.ts";
import { type GateDoubt, type GateSettings, GateWatch, type Passage } from "./gate-watch.ts";
import { parseTags } from "./packed-tags.ts";
import type { TagEvent } from "./presence.ts";
import { type FieldChange, ReaderField } from "./reader-field.ts";
import { Strangers } from "./strangers.ts";
import { eventsOfMoves, type ResolveTag, type TagMove } from "./tag-moves.ts";
import {
  listRecord,
  presenceRecord,
  readList,
  readPresence,
  readWatched,
  recordKeys,
  watchedRecord,
} from "./tag-records.ts";
import { type Patience, Whereabouts } from "./whereabouts.ts";

/** How often it is saved when each location was last watched: by so much `since` may be too early after a start. */
export const watchedSaveMs = 600_000;

/** Tags that were told as left and not as arrived: a gate knows by it what was booked before. The oldest are forgotten. */
export const looseTagsMax = 500;

export interface TagWatchSettings extends Patience {
  /** Locations whose `tags` point names what is there. */
  readonly places: readonly { readonly location: string; readonly point: PointKey }[];
  readonly gates: readonly GateSettings[];
  readonly resolve: ResolveTag;
}

export interface TagStep {
  readonly events: readonly TagEvent[];
  /** For the reconciliation: seen in a gate, and nobody knows where they went. */
  readonly doubts: readonly GateDoubt[];
  readonly state: ReadonlyMap<string, unknown>;
}

/** Pieces of one item and lot that are believed at a location by their tags. */
export interface TagCount {
  readonly item: string;
  readonly lot?: string;
  readonly pieces: number;
  /** Pieces of its largest tag: an opened box still has its tag. */
  readonly grain: number;
  /** The reader is silent or does not name all: it may be more. */
  readonly uncertain: boolean;
}

interface Place {
  readonly location: string;
  readonly field: ReaderField;
  /** Something was told of it, and if only that it is empty. */
  isKnown: boolean;
}

/**
 * Which tags are at which location, and what is told of it: arrived, left, passed a gate, unknown. Pure: samples and
 * time are given. A tag is in one place: where a reader came to see it last.
 */
export class TagWatch {
  readonly #resolve: ResolveTag;
  readonly #places: ReadonlyMap<PointKey, Place>;
  readonly #fields: ReadonlyMap<string, ReaderField>;
  readonly #gates: readonly GateWatch[];
  readonly #whereabouts: Whereabouts;
  readonly #strangers: Strangers;
  readonly #loose: Set<string>;
  #watchedSavedMono: MonotonicMs;

  /** @param saved State under `presence/`, with whole keys. */
  constructor(settings: TagWatchSettings, saved: ReadonlyMap<string, unknown>, instant: Instant) {
    const { places, gates, resolve } = settings;
    this.#resolve = resolve;
    this.#whereabouts = new Whereabouts(settings);
    const watched = readWatched(saved.get(recordKeys.watched));
    this.#places = new Map(
      places.map(({ location, point }) => {
        const known = this.#restore(location, saved, false);
        const field = new ReaderField(known ?? [], watched.get(location));
        return [point, { location, field, isKnown: known !== undefined }];
      }),
    );
    this.#fields = new Map([...this.#places.values()].map((it) => [it.location, it.field]));
    const rooms = gates.flatMap(({ into, from }) => (from === undefined ? [into] : [into, from]));
    for (const room of new Set(rooms))
      if (!this.#fields.has(room)) this.#restore(room, saved, true);
    this.#gates = gates.map(
      (gate) => new GateWatch(gate, saved.get(recordKeys.gate(gate.gate)), instant.mono),
    );
    this.#strangers = new Strangers(saved);
    this.#loose = new Set(readList(saved.get(recordKeys.loose)));
    this.#watchedSavedMono = instant.mono;
  }

  /** Points that it reads. */
  get points(): readonly PointKey[] {
    const ofGates = this.#gates.flatMap(({ settings: { inside, outside } }) => [inside, outside]);
    return [...this.#places.keys(), ...ofGates];
  }

  /** Where a tag was last told to be. */
  where(epc: string): string | undefined {
    return this.#whereabouts.where(epc);
  }

  /** The reader of the location answers: a tag that is not seen is not there. */
  isWatched(location: string): boolean {
    return this.#fields.get(location)?.isWhole === true;
  }

  /** Pieces of one item and lot by the tags that were told to be there, whether or not the set was ever whole. */
  piecesAt(location: string, item: string, lot: string | undefined): number {
    let pieces = 0;
    for (const epc of this.#whereabouts.tagsAt(location)) {
      const facts = this.#whereabouts.factsOf(epc);
      if (facts?.item === item && facts.lot === lot) pieces += facts.pieces;
    }
    return pieces;
  }

  /** Undefined: no reader ever named a set of this location. Sorted by item and lot. */
  tagCounts(location: string): readonly TagCount[] | undefined {
    const field = this.#fields.get(location);
    if (field?.watchedAt === undefined) return undefined;
    const groups = new Map<string, { item: string; lot?: string; pieces: number; grain: number }>();
    for (const epc of this.#whereabouts.tagsAt(location)) {
      const facts = this.#whereabouts.factsOf(epc);
      if (facts === undefined) continue;
      const { item, lot, pieces } = facts;
      const key = JSON.stringify([item, lot]);
      const known = groups.get(key);
      if (known === undefined) {
        const base = { item, pieces, grain: pieces };
        groups.set(key, lot === undefined ? base : { ...base, lot });
      } else {
        known.pieces += pieces;
        known.grain = Math.max(known.grain, pieces);
      }
    }
    const uncertain = !field.isWhole;
    return [...groups]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, group]) => ({ ...group, uncertain }));
  }

  /** No samples: a clock tick. The order of samples of different readers does not matter. */
  step(samples: readonly Sample[], instant: Instant): TagStep {
    const state = new Map<string, unknown>();
    const ordered = samples.toSorted((a, b) => a.sampledAt - b.sampledAt || byPoint(a, b));
    const unknown = ordered.flatMap((sample) => this.#read(sample, instant, state));
    const { moves, doubts } = this.#passGates(ordered, instant, state);
    const decided = [...moves, ...this.#whereabouts.due(instant.mono)];
    this.#keepMoves(decided, state);
    if (unknown.length > 0) state.set(recordKeys.strangers, this.#strangers.record);
    this.#keepWatched(instant.mono, state);
    return { events: [...eventsOfMoves(decided), ...unknown], doubts, state };
  }

  /** When something is to be told without a sample; undefined: nothing is. */
  nextDue(): MonotonicMs | undefined {
    const dues = [this.#whereabouts, ...this.#gates].map((it) => it.nextDue() ?? Infinity);
    const next = Math.min(...dues);
    return Number.isFinite(next) ? next : undefined;
  }

  #restore(
    location: string,
    saved: ReadonlyMap<string, unknown>,
    isPassage: boolean,
  ): readonly string[] | undefined {
    const known = readPresence(saved.get(recordKeys.presence(location)));
    for (const [epc, facts] of known ?? [])
      this.#whereabouts.restore(epc, facts, location, isPassage);
    return known?.map(([epc]) => epc);
  }

  #read(sample: Sample, { mono }: Instant, state: Map<string, unknown>): readonly TagEvent[] {
    const place = this.#places.get(sample.point);
    if (place === undefined) return [];
    const isKnown = (epc: string) => this.#resolve(epc) !== undefined;
    const change = place.field.read(sample, mono, isKnown);
    this.#apply(place, change, mono, sample.sampledAt);
    if (!place.isKnown && place.field.watchedAt !== undefined) {
      place.isKnown = true;
      state.set(recordKeys.presence(place.location), presenceRecord([]));
    }
    return this.#strangersOf(place, sample);
  }

  #apply(
    { location, field, isKnown }: Place,
    { entered, gone, since, dark }: FieldChange,
    mono: MonotonicMs,
    at: EpochMs,
  ): void {
    if (dark) for (const epc of this.#whereabouts.darken(location)) field.restore(epc);
    const sight = { location, mono, at, ...(since === undefined ? {} : { since }) };
    for (const epc of gone) this.#whereabouts.leave(epc, sight);
    for (const epc of entered) {
      const facts = this.#resolve(epc);
      if (facts === undefined) continue;
      const where = this.#whereabouts.where(epc);
      const isWeak = since !== undefined && where !== undefined && this.#fields.has(where);
      const first = isKnown ? {} : { first: true as const };
      this.#whereabouts.enter(epc, facts, { ...sight, ...first, isWeak });
    }
  }

  #strangersOf({ location, field }: Place, sample: Sample): readonly TagEvent[] {
    if (sample.quality === "bad" || typeof sample.value !== "string") return [];
    const isKnown = (epc: string) => this.#resolve(epc) !== undefined;
    const strangers = parseTags(sample.value).filter((epc) => !field.has(epc) && !isKnown(epc));
    const tags = this.#strangers.note(strangers, isKnown);
    return tags.length === 0 ? [] : [{ is: "unknown", location, tags, at: sample.sampledAt }];
  }

  #passGates(
    samples: readonly Sample[],
    instant: Instant,
    state: Map<string, unknown>,
  ): { readonly moves: readonly TagMove[]; readonly doubts: readonly GateDoubt[] } {
    const moves: TagMove[] = [];
    const doubts: GateDoubt[] = [];
    for (const gate of this.#gates) {
      const { settings } = gate;
      const isKnown = (epc: string) => this.#resolve(epc) !== undefined;
      const sideOf = (epc: string): Side | undefined => {
        const where = this.#whereabouts.where(epc);
        if (where === undefined) return undefined;
        return where === settings.from ? "outside" : "inside";
      };
      const step = gate.step(samples, instant, isKnown, sideOf);
      doubts.push(...step.doubts);
      for (const passage of step.passages) moves.push(...this.#pass(settings, passage, instant));
      if (step.saved !== undefined) state.set(recordKeys.gate(settings.gate), step.saved);
    }
    return { moves, doubts };
  }

  #pass(
    { gate, into, from }: GateSettings,
    { epc, direction, at, sinceMono }: Passage,
    { mono }: Instant,
  ): readonly TagMove[] {
    const facts = this.#whereabouts.factsOf(epc) ?? this.#resolve(epc);
    if (facts === undefined) return [];
    const [source, target] = direction === "in" ? [from, into] : [into, from];
    const ends = {
      ...(source === undefined || this.#loose.has(epc) ? {} : { from: source }),
      ...(target === undefined ? {} : { to: target }),
    };
    const through = { ...ends, mono, at, sinceMono };
    const move = this.#whereabouts.pass(epc, facts, { gate, direction }, through);
    return move === undefined ? [] : [move];
  }

  #keepMoves(moves: readonly TagMove[], state: Map<string, unknown>): void {
    const touched = new Set(moves.flatMap(({ from, to }) => [from, to]));
    for (const location of touched) {
      if (location === undefined) continue;
      const tags = [...this.#whereabouts.tagsAt(location)].flatMap((epc) => {
        const facts = this.#whereabouts.factsOf(epc);
        return facts === undefined ? [] : [[epc, facts] as const];
      });
      state.set(recordKeys.presence(location), presenceRecord(tags));
    }
    if (this.#gates.length > 0 && moves.length > 0) this.#keepLoose(moves, state);
  }

  #keepLoose(moves: readonly TagMove[], state: Map<string, unknown>): void {
    for (const { epc, to, passing } of moves) {
      this.#loose.delete(epc);
      if (to === undefined && passing === undefined) this.#loose.add(epc);
    }
    for (const epc of this.#loose) {
      if (this.#loose.size <= looseTagsMax) break;
      this.#loose.delete(epc);
    }
    state.set(recordKeys.loose, listRecord(this.#loose));
  }

  #keepWatched(mono: MonotonicMs, state: Map<string, unknown>): void {
    const isDue = mono - this.#watchedSavedMono >= watchedSaveMs;
    if (!isDue && state.size === 0) return;
    const watched = [...this.#places.values()].flatMap(({ location, field }) =>
      field.watchedAt === undefined ? [] : [[location, field.watchedAt] as const],
    );
    if (watched.length === 0) return;
    this.#watchedSavedMono = mono;
    state.set(recordKeys.watched, watchedRecord(new Map(watched)));
  }
}

function byPoint(one: Sample, other: Sample): number {
  if (one.point === other.point) return 0;
  return one.point < other.point ? -1 : 1;
}
