import type { EpochMs, MonotonicMs } from "../contract.ts";
import { Crowd } from "./crowd.ts";
import type { Doubt } from "./ghosts.ts";
import type { TagRead } from "./protocol.ts";
import type { Stay } from "./samples.ts";
import { EpochHistory, epochMs, windowEpochsMax } from "./smurf.ts";
import { chooseZone, Signals, strengthOf, type Zone, zoneOf } from "./zones.ts";

/** Tags that are followed at once, present or not yet: four times what one reader is planned for, 2 MB. */
export const tagsMax = 2_000;

export interface PresenceSettings {
  /** Present after that many reads within that time. */
  readonly reads: number;
  readonly withinMs: number;
  /** Absent after that long without a read, or longer where the tag is seldom read and the window is adaptive. */
  readonly holdMs: number;
  readonly isAdaptive: boolean;
  /** Weaker reads are ghosts: dBm, or the reader's own steps. */
  readonly minRssi: number | undefined;
  readonly margin: number;
}

/** Two clocks: `watchedMs` runs only while the reader is known to watch, so that silence makes no tag absent. */
export interface Sighting {
  readonly watchedMs: MonotonicMs;
  readonly now: EpochMs;
}

/** What became of a tag. A tag that moves leaves one device and arrives at another in one step. */
export type Change =
  | {
      readonly is: "arrived" | "left";
      readonly device: string;
      readonly epc: string;
      /** First sighting for `arrived`, time of the decision for `left`. */
      readonly at: EpochMs;
      /** It is at another device in place of this one. */
      readonly moved: boolean;
    }
  | { readonly is: "ghost"; readonly device: string | undefined; readonly reason: Doubt };

/** What came of one read. */
export interface Outcome {
  /** Of the tag, and growing with it; undefined when the read does not count. */
  readonly stay: Stay | undefined;
  readonly changes: readonly Change[];
}

interface Tag {
  readonly epc: string;
  readonly history: EpochHistory;
  /** Undefined with one zone: there is nothing to choose. */
  readonly signals: Signals | undefined;
  /** Times of the last reads, while it is not present yet. */
  readonly readMs: MonotonicMs[];
  /** Sightings since the first. */
  reads: number;
  device: string | undefined;
  /** Where it was seen last, present or not. */
  seenBy: string;
  firstSeenAt: EpochMs;
  lastSeenMs: MonotonicMs;
  wasReadInEpoch: boolean;
}

/** Which tags are where. Pure: time is given. O(1) a read; O(tags) an epoch of 250 ms. */
export class Presence {
  readonly #settings: PresenceSettings;
  readonly #zones: readonly Zone[];
  /** Oldest sighting first. */
  readonly #candidates = new Map<string, Tag>();
  readonly #present = new Map<string, Tag>();
  readonly #byDevice: ReadonlyMap<string, Set<string>>;
  #epochEndMs: MonotonicMs | undefined;
  /** Of a tag that does not know its own rate yet. */
  #crowdEpochs = 0;

  constructor(settings: PresenceSettings, zones: readonly Zone[]) {
    this.#settings = settings;
    this.#zones = zones;
    this.#byDevice = new Map(zones.map(({ device }) => [device, new Set<string>()]));
  }

  /** EPCs of the tags that are present at a device, in no order. */
  tags(device: string): ReadonlySet<string> {
    return this.#byDevice.get(device) ?? new Set();
  }

  /** One sighting. Weak ones, and those by antennas that belong to no device, are ghosts. */
  read(read: TagRead, at: Sighting): Outcome {
    this.#epochEndMs ??= at.watchedMs + epochMs;
    const device = zoneOf(this.#zones, read.antenna)?.device;
    if (device === undefined) return refused("no-device", device);
    const strength = strengthOf(read);
    const { minRssi } = this.#settings;
    if (minRssi !== undefined && strength !== undefined && strength < minRssi)
      return refused("weak-signal", device);
    const tag = this.#present.get(read.epc);
    if (tag !== undefined) {
      this.#note(tag, read, device, at);
      return { stay: tag, changes: [] };
    }
    return this.#readCandidate(read, device, at);
  }

  /** The reader has watched until then: closes epochs, lets tags go and move. */
  advance(at: Sighting): readonly Change[] {
    this.#epochEndMs ??= at.watchedMs + epochMs;
    const epochs = Math.floor((at.watchedMs - this.#epochEndMs) / epochMs) + 1;
    if (epochs <= 0) return [];
    // Beyond the longest window another epoch changes nothing.
    for (let closed = 0; closed < Math.min(epochs, windowEpochsMax); closed += 1) {
      for (const tag of this.#present.values()) closeEpoch(tag);
      for (const tag of this.#candidates.values()) closeEpoch(tag);
    }
    this.#epochEndMs += epochs * epochMs;
    this.#crowdEpochs = this.#settings.isAdaptive ? crowdEpochsOf(this.#present.values()) : 0;
    return [...this.#decidePresent(at), ...this.#giveUpCandidates(at)];
  }

  #readCandidate(read: TagRead, device: string, at: Sighting): Outcome {
    const changes: Change[] = [];
    let tag = this.#candidates.get(read.epc);
    if (tag === undefined) {
      if (this.#present.size >= tagsMax) return refused("field-full", device);
      if (this.#present.size + this.#candidates.size >= tagsMax) changes.push(...this.#giveUpOne());
      tag = this.#newTag(read, device, at);
    } else {
      this.#candidates.delete(read.epc);
    }
    this.#note(tag, read, device, at);
    if (!isConfirmed(tag, read.count ?? 1, at.watchedMs, this.#settings)) {
      this.#candidates.set(read.epc, tag);
      return { stay: tag, changes };
    }
    tag.device = this.#choose(tag, at) ?? device;
    tag.readMs.length = 0;
    this.#present.set(tag.epc, tag);
    this.#byDevice.get(tag.device)?.add(tag.epc);
    changes.push(change("arrived", tag.device, tag, tag.firstSeenAt, false));
    return { stay: tag, changes };
  }

  #newTag({ epc, seenAt }: TagRead, device: string, { watchedMs, now }: Sighting): Tag {
    return {
      epc,
      history: new EpochHistory(),
      signals: this.#zones.length > 1 ? new Signals() : undefined,
      readMs: [],
      reads: 0,
      device: undefined,
      seenBy: device,
      firstSeenAt: seenAt ?? now,
      lastSeenMs: watchedMs,
      wasReadInEpoch: false,
    };
  }

  #note(tag: Tag, read: TagRead, device: string, { watchedMs }: Sighting): void {
    tag.lastSeenMs = watchedMs;
    tag.seenBy = device;
    tag.reads += read.count ?? 1;
    tag.wasReadInEpoch = true;
    tag.signals?.note(read.antenna ?? 0, strengthOf(read), watchedMs);
  }

  /** Zones are weighed over the time after which the tag would be gone: so long each of them has seen it if it can. */
  #choose(tag: Tag, { watchedMs }: Sighting): string | undefined {
    const { margin, reads } = this.#settings;
    const scores = tag.signals?.scores(this.#zones, watchedMs - this.#patienceMs(tag)) ?? [];
    return chooseZone(tag.device, scores, { margin, reads });
  }

  /** How long the tag may go unread. */
  #patienceMs({ history }: Tag): number {
    const { holdMs, isAdaptive } = this.#settings;
    if (!isAdaptive) return holdMs;
    const isYoung = history.knownEpochs < this.#crowdEpochs;
    const epochs = Math.max(history.windowEpochs, isYoung ? this.#crowdEpochs : 0);
    return Math.max(holdMs, epochs * epochMs);
  }

  #decidePresent(at: Sighting): readonly Change[] {
    const changes: Change[] = [];
    for (const tag of this.#present.values()) {
      const { device } = tag;
      if (device === undefined) continue;
      const unreadMs = at.watchedMs - tag.lastSeenMs;
      if (unreadMs >= this.#patienceMs(tag)) {
        this.#present.delete(tag.epc);
        this.#byDevice.get(device)?.delete(tag.epc);
        changes.push(change("left", device, tag, at.now, false));
        continue;
      }
      // Without another read no other place can have become stronger.
      const chosen = unreadMs < 2 * epochMs ? (this.#choose(tag, at) ?? device) : device;
      if (chosen === device) continue;
      tag.device = chosen;
      this.#byDevice.get(device)?.delete(tag.epc);
      this.#byDevice.get(chosen)?.add(tag.epc);
      changes.push(change("left", device, tag, at.now, true));
      changes.push(change("arrived", chosen, tag, at.now, true));
    }
    return changes;
  }

  #giveUpCandidates({ watchedMs }: Sighting): readonly Change[] {
    const { withinMs, holdMs } = this.#settings;
    const changes: Change[] = [];
    for (const tag of this.#candidates.values()) {
      if (watchedMs - tag.lastSeenMs < Math.max(withinMs, holdMs)) break;
      this.#candidates.delete(tag.epc);
      changes.push({ is: "ghost", device: tag.seenBy, reason: "single-read" });
    }
    return changes;
  }

  /** The field is full: the tag that was not confirmed for the longest time makes room. */
  #giveUpOne(): readonly Change[] {
    const [oldest] = this.#candidates.values();
    if (oldest === undefined) return [];
    this.#candidates.delete(oldest.epc);
    return [{ is: "ghost", device: oldest.seenBy, reason: "field-full" }];
  }
}

function refused(reason: Doubt, device: string | undefined): Outcome {
  return { stay: undefined, changes: [{ is: "ghost", device, reason }] };
}

function crowdEpochsOf(tags: Iterable<Tag>): number {
  const crowd = new Crowd();
  for (const { history } of tags) crowd.count(history);
  return crowd.windowEpochs;
}

function closeEpoch(tag: Tag): void {
  tag.history.close(tag.wasReadInEpoch);
  tag.wasReadInEpoch = false;
}

/** Books the reads, and tells whether enough of them fall within the time. */
function isConfirmed(
  tag: Tag,
  count: number,
  watchedMs: MonotonicMs,
  { reads, withinMs }: PresenceSettings,
): boolean {
  for (let one = 0; one < Math.min(count, reads); one += 1) tag.readMs.push(watchedMs);
  while (tag.readMs.length > reads) tag.readMs.shift();
  const oldestMs = tag.readMs[0];
  return tag.readMs.length === reads && oldestMs !== undefined && watchedMs - oldestMs <= withinMs;
}

function change(
  is: "arrived" | "left",
  device: string,
  { epc }: Tag,
  at: EpochMs,
  moved: boolean,
): Change {
  return { is, device, epc, at, moved };
}
