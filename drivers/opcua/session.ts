import type { DataValue, Variant } from "node-opcua";
import type { DriverContext, EpochMs, PointKey, Sample, Session, Value } from "../contract.ts";
import { poll, Schedule } from "../poll.ts";
import { Guards } from "./guards.ts";
import type { Identity } from "./identity.ts";
import type { Library } from "./library.ts";
import type { Link } from "./link.ts";
import { Pending } from "./pending.ts";
import { Reader } from "./reader.ts";
import { Resolver } from "./resolve.ts";
import type { OpcUaChannel } from "./schema.ts";
import { Subscription, type Watched } from "./subscription.ts";
import { type Target, targetsOf } from "./targets.ts";
import { readMassUnits } from "./units.ts";
import { type Reading, readingsOf, sampledAtOf, variantReadings, type Wanted } from "./value.ts";
import { Writer } from "./write.ts";

export interface SessionParts {
  readonly library: Library;
  readonly identity: Identity;
  readonly link: Link;
  readonly context: DriverContext;
}

/** A server whose subscription is silent gets this many of its keep-alive times before it counts as gone. */
const keepAlivesMissed = 3;

/** Nodes that a server does not know, or does not know yet, are looked for again this often. */
const lookAgainMs = 30_000;

/** How often a server that has nothing to say is asked whether it is there. */
const probeMs = 3_000;

/** State of the server (OPC 10000-5, 8.3.2: ServerStatus.State). */
const serverState = "ns=0;i=2259";

/** One open session: subscribed points as they come, polled points at their periods. */
export class OpcUaSession implements Session {
  readonly #channel: OpcUaChannel;
  readonly #parts: SessionParts;
  readonly #targets: readonly Target[];
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #pending = new Pending();
  readonly #guards: Guards;
  readonly #factors = new Map<PointKey, number | undefined>();
  #resolver: Resolver | undefined;
  #reader: Reader | undefined;
  #writer: Writer | undefined;
  #subscription: Subscription | undefined;
  readonly #stamps = new Map<PointKey, EpochMs>();
  #heardMs = 0;
  #isReleasing = false;

  constructor(channel: OpcUaChannel, parts: SessionParts, signal: AbortSignal) {
    this.#channel = channel;
    this.#parts = parts;
    this.#targets = targetsOf(channel);
    this.#guards = new Guards(this.#targets);
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
  }

  /** Learns the server's namespaces and limits. @throws Error of the library. */
  async prepare(): Promise<void> {
    const { library, link } = this.#parts;
    this.#resolver = await Resolver.create(library, link.session);
    this.#reader = await Reader.create(library, link.session);
    this.#writer = new Writer(library, link.session, this.#resolver, this.#targets);
  }

  /** @throws RackwatchError `driver/connection-lost` when the server is gone, or hangs. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    const { link } = this.#parts;
    const ended = AbortSignal.any([this.#signal, link.lost]);
    const work = this.#work(ended).catch((error: unknown) => {
      link.lose("The server has stopped answering", error);
    });
    try {
      while (!ended.aborted) {
        const batch = await this.#pending.take(ended);
        if (batch.length > 0 && !link.lost.aborted) yield batch;
      }
      if (!this.#signal.aborted) link.lost.throwIfAborted();
    } finally {
      this.#closing.abort();
      await work;
    }
  }

  /**
   * Resolves when the server said Good.
   * @throws RackwatchError `driver/not-writable`, `driver/refused`, `driver/connection-lost`.
   */
  async write(point: PointKey, value: Value): Promise<void> {
    if (this.#writer === undefined) throw new Error("the session was not prepared");
    await this.#writer.write(point, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#parts.link[Symbol.asyncDispose]();
    await this.#parts.identity[Symbol.asyncDispose]();
  }

  async #work(ended: AbortSignal): Promise<void> {
    const read = this.#targets.filter(({ point }) => point.access !== "write");
    const { found, missing } = await this.#find(read);
    this.#reportMissing(missing);
    await this.#learnUnits(found);
    const wanted = Map.groupBy(found, ({ target }) => target.mode);
    const refused = await this.#subscribe(wanted.get("subscribe") ?? []);
    const polled = [...(wanted.get("poll") ?? []), ...refused];
    await Promise.all([
      this.#poll(polled, ended),
      this.#lookAgain(missing, ended),
      this.#watch(ended),
    ]);
  }

  async #find(targets: readonly Target[]) {
    const resolver = this.#resolver;
    if (resolver === undefined) throw new Error("the session was not prepared");
    const nodes = await resolver.find(targets.map(({ place }) => place));
    const withEvent = targets.filter(({ event }) => event !== undefined);
    const types = await resolver.find(
      withEvent.flatMap(({ event }) => (event === undefined ? [] : [event.type])),
    );
    const typeOf = new Map(withEvent.map((target, index) => [target, types[index]?.nodeId]));
    const found: Watched[] = [];
    const missing: { target: Target; reason: string }[] = [];
    for (const [index, target] of targets.entries()) {
      const { nodeId, reason } = nodes[index] ?? { reason: "BadNoMatch" };
      const eventType = typeOf.get(target);
      if (nodeId === undefined) missing.push({ target, reason: reason ?? "BadNoMatch" });
      else if (target.event !== undefined && eventType === undefined)
        missing.push({ target, reason: "unknown event type" });
      else found.push({ target, nodeId, eventType });
    }
    return { found, missing };
  }

  async #learnUnits(found: readonly Watched[]): Promise<void> {
    const { library, link } = this.#parts;
    if (this.#reader === undefined) return;
    const asking = found.filter(({ target }) => target.point.engineeringUnits);
    const factors = await readMassUnits(library, link.session, this.#reader, asking);
    for (const [key, factor] of factors) this.#factors.set(key, factor);
  }

  /** @returns what is to be polled, because the server does not monitor it. */
  async #subscribe(watched: readonly Watched[]): Promise<readonly Watched[]> {
    if (watched.length === 0) return [];
    const { library, link, context } = this.#parts;
    const resolver = this.#resolver;
    if (resolver === undefined) return watched;
    const heard = () => this.#hear();
    try {
      this.#subscription = await Subscription.create({
        library,
        session: link.session,
        resolver,
        log: context.log,
        publishingMs: this.#channel.publishing,
        value: (target, value) => this.#deliver(target, value),
        event: (target, fields) => this.#deliverEvent(target, fields),
        heard,
        ended: (why) => {
          if (!this.#closing.signal.aborted) link.lose(why);
        },
      });
    } catch (error) {
      link.lost.throwIfAborted();
      context.log.warn("opcua subscription refused, polling instead", { err: error });
      return this.#pollable(watched.map((one) => ({ watched: one, reason: "no subscription" })));
    }
    return this.#pollable(await this.#subscription.monitor(watched));
  }

  /** Events cannot be polled: their points are bad as long as the server refuses. */
  #pollable(refused: readonly { readonly watched: Watched; readonly reason: string }[]) {
    if (refused.length === 0) return [];
    const reasons = refused.map(({ watched, reason }) => `${watched.target.key}: ${reason}`);
    this.#parts.context.log.warn("opcua items polled", { reasons: reasons.slice(0, 20) });
    for (const { watched, reason } of refused) {
      if (watched.target.event !== undefined) this.#bad(watched.target, reason);
    }
    return refused.map(({ watched }) => watched).filter(({ target }) => target.event === undefined);
  }

  async #poll(watched: readonly Watched[], ended: AbortSignal): Promise<void> {
    const { clock } = this.#parts.context;
    const reader = this.#reader;
    if (watched.length === 0 || reader === undefined) return;
    const groups = Map.groupBy(watched, ({ target }) => target.everyMs);
    const schedule = new Schedule(
      [...groups].map(([everyMs, item]) => ({ everyMs, item })),
      clock.monotonicMs(),
    );
    for await (const { item } of poll(schedule, clock, ended)) {
      const values = await reader.values(item.map(({ nodeId }) => nodeId));
      this.#hear();
      for (const [index, { target }] of item.entries()) {
        const value = values[index];
        if (value !== undefined) this.#deliver(target, value, this.#confirmedAt(target, value));
      }
    }
  }

  /** Servers stamp a value when it changes: what is read again with the same stamp is true now. */
  #confirmedAt({ key }: Target, given: DataValue): EpochMs | undefined {
    const stamp = given.sourceTimestamp?.getTime();
    const isSame = stamp !== undefined && this.#stamps.get(key) === stamp;
    if (stamp !== undefined) this.#stamps.set(key, stamp);
    return isSame ? this.#parts.context.clock.now() : undefined;
  }

  /** A node that appears later, for example when a PLC program was loaded, is polled from then on. */
  async #lookAgain(
    missing: readonly { readonly target: Target }[],
    ended: AbortSignal,
  ): Promise<void> {
    let open = missing.map(({ target }) => target);
    const polling: Promise<void>[] = [];
    while (open.length > 0 && (await this.#pause(lookAgainMs, ended))) {
      const { found, missing: still } = await this.#find(open);
      this.#reportMissing(still);
      open = still.map(({ target }) => target);
      if (found.length === 0) continue;
      await this.#learnUnits(found);
      const events = found.filter(({ target }) => target.event !== undefined);
      await this.#subscription?.monitor(events);
      const values = found.filter(({ target }) => target.event === undefined);
      polling.push(this.#poll(values, ended));
    }
    await Promise.all(polling);
  }

  /** A server that hangs keeps its connection: only asking it tells. A subscription that died alone is noticed too. */
  async #watch(ended: AbortSignal): Promise<void> {
    const { library, link, context } = this.#parts;
    const silentMsMax = keepAlivesMissed * (this.#subscription?.keepAliveMs ?? Infinity);
    this.#hear();
    while (await this.#pause(probeMs, ended)) {
      const state = await link.session.read({
        nodeId: serverState,
        attributeId: library.AttributeIds.Value,
      });
      const isRunning = state.statusCode.isBad() || state.value.value === 0;
      if (!isRunning) return link.lose(`The server is not running (state ${state.value.value})`);
      this.#reportDropped();
      const silentMs = context.clock.monotonicMs() - this.#heardMs;
      if (silentMs > silentMsMax + probeMs)
        return link.lose("The server sends nothing for its subscription any more");
    }
  }

  #reportDropped(): void {
    const dropped = this.#pending.droppedToTell(this.#parts.context.clock.monotonicMs());
    if (dropped > 0) this.#parts.context.log.warn("opcua samples dropped", { dropped });
  }

  #hear(): void {
    this.#heardMs = this.#parts.context.clock.monotonicMs();
  }

  /** @returns whether to go on. */
  async #pause(ms: number, ended: AbortSignal): Promise<boolean> {
    await this.#parts.context.clock.sleep(ms, ended).catch(() => undefined);
    return !ended.aborted;
  }

  #deliver(target: Target, given: DataValue, confirmedAt?: EpochMs): void {
    const sampledAt = confirmedAt ?? sampledAtOf(given, this.#parts.context.clock.now());
    this.#push(target, readingsOf(given, this.#wantedOf(target)), sampledAt);
  }

  #deliverEvent(target: Target, [time, field]: readonly Variant[]): void {
    const nowMs = this.#parts.context.clock.now();
    const stamp = time?.value instanceof Date ? time.value : null;
    const sampledAt = sampledAtOf({ sourceTimestamp: stamp, serverTimestamp: null }, nowMs);
    this.#push(target, variantReadings(field, target.wanted), sampledAt);
  }

  #push(target: Target, readings: readonly Reading[], sampledAt: number): void {
    const isUnitUnknown =
      target.point.engineeringUnits && this.#factors.get(target.key) === undefined;
    for (const reading of readings) {
      const checked =
        isUnitUnknown && reading.quality !== "bad"
          ? ({ quality: "bad", reason: "unknown unit" } as const)
          : reading;
      this.#hand(target, checked, sampledAt);
    }
  }

  /** A message of the server is handed over in one go: when that is done its guarded points are told. */
  #hand({ key }: Target, reading: Reading, sampledAt: number): void {
    const sample = this.#guards.take(key, reading, sampledAt);
    if (sample !== undefined) this.#pending.push(sample);
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    queueMicrotask(() => {
      this.#isReleasing = false;
      for (const released of this.#guards.release()) this.#pending.push(released);
    });
  }

  #wantedOf(target: Target): Wanted {
    const factor = this.#factors.get(target.key);
    return factor === undefined ? target.wanted : { ...target.wanted, factor };
  }

  #reportMissing(missing: readonly { readonly target: Target; readonly reason: string }[]): void {
    for (const { target, reason } of missing) this.#bad(target, reason);
  }

  #bad(target: Target, reason: string): void {
    this.#hand(target, { quality: "bad", reason }, this.#parts.context.clock.now());
  }
}
