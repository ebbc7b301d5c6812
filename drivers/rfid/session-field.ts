import type { EpochMs, MonotonicMs, Sample } from "../contract.ts";
import { type Change, Presence, type PresenceSettings } from "./presence.ts";
import type { ReaderEvent, TagRead } from "./protocol.ts";
import { sampleOf } from "./samples.ts";
import { ReaderHealth } from "./session-health.ts";
import { Place } from "./session-place.ts";
import { WatchedTime } from "./session-watch.ts";
import { type Zone, zoneOf } from "./zones.ts";

/**
 * Arrivals and departures that wait to be taken. The reader of samples takes them in the same turn; beyond this the
 * oldest go, and the set of tags is still right.
 */
export const changesMax = 4_000;

export interface Now {
  readonly monotonicMs: MonotonicMs;
  readonly now: EpochMs;
}

export interface FieldSettings {
  readonly presence: PresenceSettings;
  /** Devices with the time between two changes that are told. */
  readonly zones: readonly (Zone & { readonly everyMs: number })[];
  readonly uriOf: (read: TagRead) => string;
}

/** What a reader sees: its events in, samples of its devices out when they are due. Pure: time is given. */
export class Field {
  readonly #settings: FieldSettings;
  readonly #presence: Presence;
  readonly #places: readonly Place[];
  readonly #health = new ReaderHealth();
  readonly #watched = new WatchedTime();
  #changes: Sample[] = [];
  #dropped = 0;
  /** In watched time: until then tags that are there may not have been seen yet. */
  #settledMs: MonotonicMs | undefined;

  constructor(settings: FieldSettings) {
    this.#settings = settings;
    this.#presence = new Presence(settings.presence, settings.zones);
    this.#places = settings.zones.map((zone) => new Place(zone, zone.everyMs));
  }

  /** Arrivals and departures so far that nobody took in time. */
  get dropped(): number {
    return this.#dropped;
  }

  absorb(events: readonly ReaderEvent[], at: Now): void {
    for (const event of events) this.#absorbOne(event, at);
    const { watchedMs } = this.#watched;
    if (watchedMs !== undefined) this.#apply(this.#presence.advance({ watchedMs, now: at.now }));
    this.#judge(at.monotonicMs);
  }

  /** The reader does not answer, or answers and does not read. */
  fail(reason: string, { monotonicMs }: Now): void {
    this.#health.fail(reason, monotonicMs);
    if (!this.#health.isReading(monotonicMs)) this.#watched.pause();
    this.#judge(monotonicMs);
  }

  /** When there is something to take; infinite while there is nothing. */
  get dueMs(): MonotonicMs {
    if (this.#changes.length > 0) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#health.dueMs, ...this.#places.map(({ dueMs }) => dueMs));
  }

  /** All samples that are due. */
  take({ monotonicMs, now }: Now): readonly Sample[] {
    const samples = this.#changes;
    this.#changes = [];
    const due = this.#places.filter(({ setDueMs }) => setDueMs <= monotonicMs);
    for (const place of due) {
      const tags = this.#presence.tags(place.zone.device);
      samples.push(...place.setSamples(tags, monotonicMs, now));
    }
    for (const place of this.#places)
      samples.push(...place.otherSamples(monotonicMs, now, this.#settings.uriOf));
    samples.push(...this.#health.samples(this.#settings.zones, monotonicMs, now));
    return samples;
  }

  #absorbOne(event: ReaderEvent, at: Now): void {
    if (event.is !== "fault")
      this.#live(event.is === "read" ? event.read : undefined, at.monotonicMs);
    switch (event.is) {
      case "fault":
        this.fail(event.reason, at);
        return;
      case "read":
        this.#read(event.read, at);
        return;
      case "ghost":
        // The link does not know by which antenna: it counts for every device of the reader.
        for (const place of this.#places) place.noteGhost(event.reason);
        return;
      case "health":
        this.#health.measure(event);
        return;
      case "alive":
        return;
    }
  }

  #live(read: TagRead | undefined, nowMs: MonotonicMs): void {
    this.#health.live(read, nowMs);
    if (read === undefined && this.#health.isFaulted(nowMs)) return;
    if (!this.#health.isReading(nowMs) || !this.#watched.live(nowMs)) return;
    this.#settledMs = (this.#watched.watchedMs ?? 0) + this.#settings.presence.holdMs;
  }

  #read(read: TagRead, { now }: Now): void {
    const { watchedMs } = this.#watched;
    if (watchedMs === undefined) return;
    const { stay, changes } = this.#presence.read(read, { watchedMs, now });
    const device = zoneOf(this.#settings.zones, read.antenna)?.device;
    if (stay !== undefined) this.#placeOf(device)?.noteRead(read, stay, now);
    this.#apply(changes);
  }

  #apply(changes: readonly Change[]): void {
    let left: Place | undefined;
    for (const change of changes) {
      const place = this.#placeOf(change.device);
      if (change.is === "ghost") {
        for (const each of place === undefined ? this.#places : [place])
          each.noteGhost(change.reason);
        continue;
      }
      if (place === undefined) continue;
      place.set.change();
      if (change.moved && change.is === "arrived" && left !== undefined) {
        place.partners.add(left);
        left.partners.add(place);
      }
      left = change.is === "left" ? place : undefined;
      left?.noteLeft(change.epc);
      this.#changes.push(sampleOf(change.device, change.is, change.epc, change.at));
    }
    const excess = this.#changes.length - changesMax;
    if (excess <= 0) return;
    this.#changes.splice(0, excess);
    this.#dropped += excess;
  }

  #judge(nowMs: MonotonicMs): void {
    const { watchedMs } = this.#watched;
    const isSettling =
      watchedMs === undefined || this.#settledMs === undefined || watchedMs < this.#settledMs;
    for (const place of this.#places) {
      const trust = this.#health.trust(place.zone, isSettling, nowMs);
      if (trust !== undefined) place.believe(trust);
    }
  }

  #placeOf(device: string | undefined): Place | undefined {
    return this.#places.find(({ zone }) => zone.device === device);
  }
}
