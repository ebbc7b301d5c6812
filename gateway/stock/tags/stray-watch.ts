import { z } from "zod";
import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { Follow } from "../../follow.ts";
import type { Instant } from "../../rules/rule.ts";
import type { TagEvent } from "./presence.ts";
import type { ResolveTag, TagFacts } from "./tag-moves.ts";
import { recordKeys } from "./tag-records.ts";

/** Tags that are followed as misplaced or missing at once. At the limit further ones wait until one of these is found. */
export const straysMax = 5_000;

/** How often waiting tags are looked at: their times are minutes to days. */
export const strayEveryMs = 10_000;

/** How often it is saved how long each has waited: by so much a restart may delay it. */
const waitedSaveMs = 600_000;

export interface StraySettings {
  readonly resolve: ResolveTag;
  /** Where an item is kept; empty: anywhere. */
  readonly homesOf: (item: string) => readonly string[];
  /** `TagWatch.where`. */
  readonly where: (epc: string) => string | undefined;
  /** `TagWatch.isWatched`: time counts only while the reader of a location answers. */
  readonly isWatched: (location: string) => boolean;
  /** Longer than this at a location that is not its home. */
  readonly misplacedAfterMs: number;
  /** Not seen anywhere for so long though it is expected at a location that is watched. */
  readonly missingAfterMs: number;
}

export interface StrayStep {
  readonly events: readonly TagEvent[];
  readonly state: Follow["state"];
}

const savedSchema = z.strictObject({
  version: z.literal(1),
  strays: z.array(
    z.strictObject({
      epc: z.string(),
      is: z.enum(["misplaced", "missing"]),
      location: z.string(),
      home: z.string(),
      waitedMs: z.number(),
      told: z.boolean(),
    }),
  ),
});

type StrayEvent = Extract<TagEvent, { is: "misplaced" | "missing" | "found" }>;

interface Stray {
  readonly is: "misplaced" | "missing";
  /** Misplaced: where it is. Missing: where it should be. */
  readonly location: string;
  readonly home: string;
  readonly waitedMs: number;
  readonly told: boolean;
}

/**
 * Tags that are where they do not belong, and tags that are not where they are expected. Each is told once, and once
 * more when it is found. Pure; an event costs O(its tags), a tick O(tags that wait).
 */
export class StrayWatch {
  readonly #settings: StraySettings;
  /** Where each tag should be by the ledger, as far as it was said. */
  readonly #expected = new Map<string, string>();
  readonly #strays = new Map<string, Stray>();
  /** Told as missing, and booked out since. */
  #released: StrayEvent[] = [];
  #isUnsaved = false;
  #lookedMono: MonotonicMs;
  #savedMono: MonotonicMs;

  constructor(settings: StraySettings, saved: ReadonlyMap<string, unknown>, { mono }: Instant) {
    this.#settings = settings;
    this.#lookedMono = mono;
    this.#savedMono = mono;
    const strays = savedSchema.safeParse(saved.get(recordKeys.strays)).data?.strays ?? [];
    for (const { epc, ...stray } of strays) {
      this.#strays.set(epc, stray);
      if (stray.is === "missing") this.#expected.set(epc, stray.location);
    }
  }

  /** By the ledger or the registry these are at that location. At a start: all of them. */
  expect(location: string, epcs: Iterable<string>): void {
    for (const epc of epcs) {
      this.#expected.set(epc, location);
      if (!this.#strays.has(epc)) this.#missed(epc);
    }
  }

  /** Booked out: nobody looks for them any more. Those that were told as missing are told as found at the next step. */
  release(epcs: Iterable<string>): void {
    for (const epc of epcs) {
      this.#expected.delete(epc);
      const known = this.#strays.get(epc);
      if (known?.is === "missing") this.#found(epc, known, known.location, 0, this.#released);
    }
  }

  /** @param events What the tag watch told in this step; none: a clock tick. */
  step(events: readonly TagEvent[], { at, mono }: Instant): StrayStep {
    const told: TagEvent[] = this.#released.map((event) => ({ ...event, at }));
    this.#released = [];
    for (const event of events) {
      if (event.is === "arrived") this.#arrived(event.location, event.tags, at, told);
      else if (event.is === "passed") this.#passed(event.to, event.tags, at, told);
      // Of a tag that moved, `arrived` says where it is.
      else if (event.is === "left" && event.partner === undefined) this.#left(event.tags, at, told);
    }
    const waited = this.#look(mono);
    const due = this.#due(at);
    const isDue = mono - this.#savedMono >= waitedSaveMs && waited;
    const all = [...told, ...due];
    if (!this.#isUnsaved && all.length === 0 && !isDue) return { events: [], state: new Map() };
    this.#savedMono = mono;
    this.#isUnsaved = false;
    return { events: all, state: new Map([[recordKeys.strays, this.#record()]]) };
  }

  nextDue(): MonotonicMs | undefined {
    const someWait = [...this.#strays.values()].some(({ told }) => !told);
    return someWait ? this.#lookedMono + strayEveryMs : undefined;
  }

  #arrived(location: string, tags: readonly string[], at: EpochMs, told: TagEvent[]): void {
    for (const epc of tags) {
      const facts = this.#settings.resolve(epc);
      const homes = facts === undefined ? [] : this.#homesOf(facts);
      const isHome = homes.length === 0 || homes.includes(location);
      const known = this.#strays.get(epc);
      if (known?.is === "misplaced" && known.location === location) continue;
      if (known !== undefined) this.#found(epc, known, location, at, told);
      if (isHome) continue;
      this.#wait(epc, { is: "misplaced", location, home: homes[0] ?? "" });
    }
  }

  #passed(to: string | undefined, tags: readonly string[], at: EpochMs, told: TagEvent[]): void {
    for (const epc of tags) {
      const known = this.#strays.get(epc);
      if (known !== undefined) this.#found(epc, known, to ?? known.location, at, told);
      this.#expected.delete(epc);
    }
  }

  #left(tags: readonly string[], at: EpochMs, told: TagEvent[]): void {
    for (const epc of tags) {
      const known = this.#strays.get(epc);
      if (known?.is === "misplaced") this.#found(epc, known, known.location, at, told);
      this.#missed(epc);
    }
  }

  #missed(epc: string): void {
    const location = this.#expected.get(epc);
    if (location === undefined || this.#settings.where(epc) !== undefined) return;
    this.#wait(epc, { is: "missing", location, home: location });
  }

  #wait(epc: string, stray: Pick<Stray, "is" | "location" | "home">): void {
    if (this.#strays.size >= straysMax) return;
    this.#strays.set(epc, { ...stray, waitedMs: 0, told: false });
    this.#isUnsaved = true;
  }

  #found(epc: string, known: Stray, location: string, at: EpochMs, told: TagEvent[]): void {
    this.#strays.delete(epc);
    this.#isUnsaved = true;
    if (!known.told) return;
    const { is, home } = known;
    const was = { is, location: known.location, remaining: this.#alike(epc, known) };
    told.push({ ...this.#eventOf("found", [epc], { location, home }, at), was });
  }

  /** Others of the same item and lot that were told as the same, there. */
  #alike(epc: string, { is, location }: Stray): number {
    const lotOf = (tag: string) => {
      const { item, lot } = this.#settings.resolve(tag) ?? {};
      return JSON.stringify([item, lot]);
    };
    const own = lotOf(epc);
    return [...this.#strays].filter(
      ([other, stray]) =>
        stray.told && stray.is === is && stray.location === location && lotOf(other) === own,
    ).length;
  }

  /** @returns whether any waits. */
  #look(mono: MonotonicMs): boolean {
    const passedMs = mono - this.#lookedMono;
    if (passedMs < strayEveryMs) return false;
    this.#lookedMono = mono;
    let waits = false;
    for (const [epc, stray] of this.#strays) {
      if (stray.told || !this.#settings.isWatched(stray.location)) continue;
      this.#strays.set(epc, { ...stray, waitedMs: stray.waitedMs + passedMs });
      waits = true;
    }
    return waits;
  }

  /** Those that waited long enough, together by what they are on. */
  #due(at: EpochMs): readonly TagEvent[] {
    const { misplacedAfterMs, missingAfterMs } = this.#settings;
    const due = [...this.#strays].filter(
      ([, { is, waitedMs, told }]) =>
        !told && waitedMs >= (is === "missing" ? missingAfterMs : misplacedAfterMs),
    );
    for (const [epc, stray] of due) this.#strays.set(epc, { ...stray, told: true });
    const alike = Map.groupBy(due, ([epc, { is, location, home }]) => {
      const facts = this.#settings.resolve(epc);
      return JSON.stringify([is, location, home, facts?.item, facts?.lot]);
    });
    return [...alike.values()].flatMap((group) => {
      const [one] = group;
      if (one === undefined) return [];
      const tags = group.map(([epc]) => epc).sort();
      return [this.#eventOf(one[1].is, tags, one[1], at)];
    });
  }

  #eventOf(
    is: "misplaced" | "missing" | "found",
    tags: readonly string[],
    { location, home }: Pick<Stray, "location" | "home">,
    at: EpochMs,
  ): StrayEvent {
    const { item = "", lot } = this.#settings.resolve(tags[0] ?? "") ?? {};
    const what = lot === undefined ? { item } : { item, lot };
    return { is, location, home, ...what, tags, at };
  }

  #homesOf({ item, home }: TagFacts): readonly string[] {
    return home === undefined ? this.#settings.homesOf(item) : [home];
  }

  #record(): unknown {
    const strays = [...this.#strays].map(([epc, stray]) => ({ epc, ...stray }));
    return { version: 1, strays };
  }
}
