import type { EpochMs, MonotonicMs, Sample } from "../contract.ts";
import type { Received } from "./client.ts";
import { Conflator } from "./conflate.ts";
import { decode, decodeTime, type Reading, wordOf } from "./decode.ts";
import { Payload } from "./payload.ts";
import type { Plan, PlannedAvailability, PlannedPoint, Route } from "./plan.ts";
import { SilenceWatch } from "./silence.ts";
import { SparkplugNode } from "./sparkplug-node.ts";
import type { SparkplugCodec } from "./sparkplug-payload.ts";

export interface Now {
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
}

/** Something that is to be published. */
export type Effect =
  | { readonly is: "rebirth"; readonly group: string; readonly node: string }
  /** The device is back: it may have forgotten what it was told. */
  | { readonly is: "online"; readonly device: string };

/**
 * Messages that are decoded in one window: 4,000 a second, a hundred times what a site's sensors send. Of those
 * beyond, the newest of each topic is decoded when the window ends, so that a flood costs a copy in place of a JSON.
 */
export const decodesPerWindowMax = 1_000;
export const windowMs = 250;

/** Memory for messages that wait for the window's end. One that does not fit is decoded at once. */
const heldBytesMax = 4_194_304;

/** How often silence is looked for; it is counted in tens of seconds. */
const silenceEveryMs = 1_000;

/** A node may need some seconds for its birth, and one that is away hears nothing. */
export const rebirthEveryMs = 30_000;

/** A device's clock that is ahead by more is wrong, one before 2020 was never set. */
const aheadMsMax = 60_000;
const clockSetAt = Date.UTC(2020, 0, 1);

interface NodeState {
  readonly node: SparkplugNode;
  needsBirth: boolean;
  askedMs: MonotonicMs;
}

export interface ReceptionParts {
  readonly plan: Plan;
  readonly everyMs: number;
  /** Needed where the plan has Sparkplug nodes. */
  readonly codec?: SparkplugCodec | undefined;
}

/** Messages in, samples out: routing, availability, silence, floods. Time is given, nothing is sent. */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #conflator: Conflator;
  readonly #silence: SilenceWatch;
  readonly #nodes: ReadonlyMap<string, NodeState>;
  readonly #byDevice: ReadonlyMap<string, readonly PlannedPoint[]>;
  readonly #offline = new Set<string>();
  readonly #held = new Map<string, { readonly payload: Uint8Array; readonly retained: boolean }>();
  #heldBytes = 0;
  #effects: Effect[] = [];
  #windowEndMs: MonotonicMs;
  #decodes = 0;
  #skipped = 0;
  #silenceMs: MonotonicMs;

  constructor(parts: ReceptionParts, { mono }: Now) {
    const { plan, everyMs } = parts;
    this.#parts = parts;
    this.#conflator = new Conflator(everyMs);
    this.#silence = new SilenceWatch(plan.points, mono);
    this.#windowEndMs = mono + windowMs;
    this.#silenceMs = mono + silenceEveryMs;
    this.#nodes = new Map(
      plan.nodes.map((planned) => [
        `${planned.group}/${planned.node}`,
        // Births are not retained: a node that is up already has to be asked.
        { node: new SparkplugNode(planned), needsBirth: true, askedMs: Number.NEGATIVE_INFINITY },
      ]),
    );
    const devices = new Set(plan.points.map(({ device }) => device));
    this.#byDevice = new Map(
      [...devices].map((id) => [id, plan.points.filter(({ device }) => device === id)]),
    );
  }

  /** Messages and samples in whose place newer ones were taken. */
  get conflated(): number {
    return this.#skipped + this.#conflator.replaced;
  }

  hear({ topic, payload, retained }: Received, now: Now): void {
    this.#turnWindow(now);
    const isFree = this.#decodes < decodesPerWindowMax;
    const state = this.#nodeOf(topic);
    if (state !== undefined) {
      if (isFree) this.#hearNode(state, topic, payload, retained, now);
      else this.#missNode(state);
      return;
    }
    const waiting = this.#held.get(topic);
    const bytes = this.#heldBytes - (waiting?.payload.length ?? 0) + payload.length;
    if ((isFree && waiting === undefined) || bytes > heldBytesMax) {
      this.#decode(topic, payload, retained, now);
      return;
    }
    if (waiting !== undefined) this.#skipped += 1;
    this.#heldBytes = bytes;
    // Copied: the library's buffer is a window into all that came with it.
    this.#held.set(topic, { payload: Uint8Array.from(payload), retained });
  }

  /** A message was longer than the limit. */
  tooLarge(topic: string, now: Now): void {
    const state = this.#nodeOf(topic);
    if (state !== undefined) this.#missNode(state);
    const points =
      state === undefined
        ? (this.#parts.plan.routes.get(topic)?.points ?? [])
        : pointsOf(state.node);
    for (const point of points) this.#put(point, bad("too large"), now);
  }

  /** The broker does not let us hear these. */
  refused(topics: readonly string[], now: Now): void {
    const nodes = [...this.#nodes.values()].filter(({ node: { planned } }) =>
      topics.includes(`spBv1.0/${planned.group}/+/${planned.node}/#`),
    );
    const routed = topics.flatMap((topic) => this.#parts.plan.routes.get(topic)?.points ?? []);
    for (const point of [...routed, ...nodes.flatMap(({ node }) => pointsOf(node))]) {
      this.#put(point, bad("not allowed"), now);
      this.#silence.excuse(point);
    }
  }

  /** What time alone brings about. */
  tick(now: Now): void {
    this.#turnWindow(now);
    for (const state of this.#nodes.values()) this.#askForBirth(state, now);
    if (now.mono < this.#silenceMs) return;
    this.#silenceMs = now.mono + silenceEveryMs;
    for (const { key } of this.#silence.due(now.mono))
      this.#conflator.put({ point: key, sampledAt: now.at, ...bad("timeout") });
  }

  take(nowMs: MonotonicMs): readonly Sample[] {
    return this.#conflator.take(nowMs);
  }

  takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** When `tick` and `take` are due; undefined while only a message can bring something. */
  nextMs(): MonotonicMs | undefined {
    const isWatched = this.#silence.isNeeded || this.#nodes.size > 0;
    const due = [
      this.#conflator.nextMs(),
      this.#held.size > 0 ? this.#windowEndMs : undefined,
      isWatched ? this.#silenceMs : undefined,
    ].filter((it) => it !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  #turnWindow(now: Now): void {
    if (now.mono < this.#windowEndMs) return;
    this.#windowEndMs = now.mono + windowMs;
    this.#decodes = 0;
    const held = [...this.#held];
    this.#held.clear();
    this.#heldBytes = 0;
    for (const [topic, { payload, retained }] of held) this.#decode(topic, payload, retained, now);
  }

  #decode(topic: string, bytes: Uint8Array, retained: boolean, now: Now): void {
    this.#decodes += 1;
    const route = this.#parts.plan.routes.get(topic);
    if (route === undefined) return;
    const payload = new Payload(bytes);
    for (const it of route.availabilities) this.#noteAvailability(it, payload, now);
    this.#readPoints(route, payload, retained, now);
  }

  #readPoints({ points }: Route, payload: Payload, retained: boolean, now: Now): void {
    for (const point of points) {
      if (retained && !point.takesRetained) continue;
      const reading = decode(payload, point);
      if (reading === undefined) continue;
      if (retained) {
        const doubted = reading.quality === "bad" ? reading : doubt(reading, "retained");
        this.#conflator.put({ point: point.key, sampledAt: now.at, ...doubted });
        continue;
      }
      // What a device sends now is stronger than what its will said before.
      this.#offline.delete(point.device);
      const timed = timedReading(point, payload, reading, now.at);
      this.#put(point, timed.reading, now, timed.sampledAt);
    }
  }

  #noteAvailability(
    { device, steps, online, offline }: PlannedAvailability,
    payload: Payload,
    now: Now,
  ): void {
    const word = wordOf(payload, steps);
    if (word === online) {
      this.#offline.delete(device);
      this.#effects.push({ is: "online", device });
      return;
    }
    if (word !== offline || this.#offline.has(device)) return;
    this.#offline.add(device);
    for (const point of this.#byDevice.get(device) ?? []) {
      this.#put(point, bad("offline"), now);
      this.#silence.excuse(point);
    }
  }

  #hearNode(state: NodeState, topic: string, bytes: Uint8Array, retained: boolean, now: Now): void {
    this.#decodes += 1;
    const [, , type = "", , ...rest] = topic.split("/");
    // No Sparkplug message is retained: this one is from a broker that was misused, of unknown age.
    if (retained) return;
    const payload = this.#parts.codec?.decode(bytes);
    const { readings, needsBirth } = state.node.receive(type, rest.join("/"), payload);
    if (type === "NBIRTH") state.needsBirth = false;
    if (needsBirth) state.needsBirth = true;
    for (const [point, reading] of readings) {
      this.#put(point, reading, now);
      if (reading.quality === "bad" && reading.reason === "offline") this.#silence.excuse(point);
    }
    this.#askForBirth(state, now);
  }

  /** Its messages build on each other: the newest alone is worth nothing. */
  #missNode(state: NodeState): void {
    this.#skipped += 1;
    state.node.loseStep();
    state.needsBirth = true;
  }

  #askForBirth(state: NodeState, { mono }: Now): void {
    if (!state.needsBirth || state.askedMs + rebirthEveryMs > mono) return;
    state.askedMs = mono;
    const { group, node } = state.node.planned;
    this.#effects.push({ is: "rebirth", group, node });
  }

  #put(point: PlannedPoint, reading: Reading, now: Now, sampledAt = now.at): void {
    this.#silence.heard(point, now.mono);
    this.#conflator.put({ point: point.key, sampledAt, ...reading });
  }

  #nodeOf(topic: string): NodeState | undefined {
    if (!topic.startsWith("spBv1.0/")) return undefined;
    const [, group, , node] = topic.split("/");
    return this.#nodes.get(`${group}/${node}`);
  }
}

function pointsOf({ planned }: SparkplugNode): readonly PlannedPoint[] {
  return [...planned.points.values()].flatMap((metrics) => [...metrics.values()].flat());
}

/** A value with the device's own time, where the message has one that can be believed. */
function timedReading(
  { timeSteps, silentAfterMs = Number.POSITIVE_INFINITY }: PlannedPoint,
  payload: Payload,
  reading: Reading,
  at: EpochMs,
): { readonly reading: Reading; readonly sampledAt: EpochMs } {
  if (timeSteps === undefined || reading.quality === "bad") return { reading, sampledAt: at };
  const told = decodeTime(payload, timeSteps);
  if (told === undefined) return { reading: doubt(reading, "no timestamp"), sampledAt: at };
  if (told < clockSetAt || told > at + aheadMsMax)
    return { reading: doubt(reading, "device clock"), sampledAt: at };
  if (at - told > silentAfterMs) return { reading: bad("stale"), sampledAt: at };
  return { reading, sampledAt: told };
}

function doubt(reading: Exclude<Reading, { quality: "bad" }>, reason: string): Reading {
  return { quality: "uncertain", value: reading.value, reason };
}

function bad(reason: string) {
  return { quality: "bad", reason } as const;
}
