import type { EpochMs, MonotonicMs, Sample } from "../contract.ts";
import { type Doubt, GhostBook } from "./ghosts.ts";
import type { TagRead } from "./protocol.ts";
import {
  heartbeatMs,
  type LastRead,
  lastSamples,
  type Stay,
  sampleOf,
  setSamples,
  type Trust,
} from "./samples.ts";
import { Gate } from "./session-gate.ts";
import type { Zone } from "./zones.ts";

/** Counters move with nearly every read: told oftener they would only wear out the card. */
const countersMs = 5_000;

/** What is to be told of one device of a reader. */
export class Place {
  readonly zone: Zone;
  /** Devices that exchanged a tag with this one since the set was told: all tell theirs at once. */
  readonly partners = new Set<Place>();
  readonly set: Gate;
  readonly #last: Gate;
  readonly #counters = new Gate(countersMs, heartbeatMs);
  readonly #ghosts = new GhostBook();
  #trust: Trust | undefined;
  #lastRead: LastRead | undefined;
  #lastReason: Doubt | undefined;
  #reads = 0;

  constructor(zone: Zone, everyMs: number) {
    this.zone = zone;
    this.set = new Gate(everyMs, heartbeatMs);
    this.#last = new Gate(everyMs, heartbeatMs);
  }

  noteRead(read: TagRead, stay: Stay, now: EpochMs): void {
    this.#reads += read.count ?? 1;
    this.#counters.change();
    const known = this.#lastRead?.read;
    if (known?.epc !== read.epc || known.antenna !== read.antenna) this.#last.change();
    this.#lastRead = { read, stay, seenAt: read.seenAt ?? now };
  }

  /** A tag is gone: when it was the last one, its stay is told as a whole. */
  noteLeft(epc: string): void {
    if (this.#lastRead?.read.epc === epc) this.#last.change();
  }

  noteGhost(reason: Doubt): void {
    this.#ghosts.add(reason);
    this.#lastReason = reason;
    this.#counters.change();
  }

  /** What is bad is told at once, everything else in its turn. */
  believe(trust: Trust): void {
    const known = this.#trust;
    const reasonOf = (it: Trust | undefined) =>
      it !== undefined && "reason" in it ? it.reason : "";
    if (known?.quality === trust.quality && reasonOf(known) === reasonOf(trust)) return;
    this.#trust = trust;
    if (trust.quality === "bad") this.set.urge();
    else this.set.change();
  }

  /** When the set is due: with those of all devices that exchanged tags, so that no tag is told in two places. */
  get setDueMs(): MonotonicMs {
    let dueMs = this.set.dueMs;
    if (this.#trust?.quality === "bad") return dueMs;
    const seen = new Set<Place>([this]);
    for (const place of seen) {
      dueMs = Math.max(dueMs, place.set.dueMs);
      for (const partner of place.partners) seen.add(partner);
    }
    return dueMs;
  }

  get dueMs(): MonotonicMs {
    return Math.min(this.setDueMs, this.#last.dueMs, this.#counters.dueMs);
  }

  /** Call it for all places whose `setDueMs` has come before one of them is asked for its other points. */
  setSamples(tags: ReadonlySet<string>, nowMs: MonotonicMs, now: EpochMs): readonly Sample[] {
    this.set.pass(nowMs);
    this.partners.clear();
    if (this.#trust === undefined) return [];
    return setSamples(this.zone.device, tags, now, this.#trust);
  }

  /** Last read and counters, as far as they are due. */
  otherSamples(
    nowMs: MonotonicMs,
    now: EpochMs,
    uriOf: (read: TagRead) => string,
  ): readonly Sample[] {
    const { device } = this.zone;
    const samples: Sample[] = [];
    if (this.#last.dueMs <= nowMs && this.#lastRead !== undefined) {
      this.#last.pass(nowMs);
      const { read } = this.#lastRead;
      samples.push(...lastSamples(device, this.#lastRead, uriOf(read), read.seenAt ?? now));
    }
    if (this.#counters.dueMs <= nowMs) {
      this.#counters.pass(nowMs);
      samples.push(sampleOf(device, "reads", this.#reads, now));
      samples.push(sampleOf(device, "ghosts", this.#ghosts.total, now));
      if (this.#ghosts.total > 0)
        samples.push(sampleOf(device, "ghost-reason", this.#ghosts.text(this.#lastReason), now));
    }
    return samples;
  }
}
