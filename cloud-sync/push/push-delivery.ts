import type { PushText } from "../../config/language/push.ts";
import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Push } from "../../gateway/push/push.ts";
import type { ClockQuality } from "../../gateway/store/store.ts";
import type { Verdict } from "./channel.ts";
import { ClockTrust } from "./clock-trust.ts";
import type { DeliveryBook } from "./delivery-book.ts";
import { type Moment, triedFor } from "./delivery-row.ts";
import { digestOf } from "./digest.ts";
import { Ledger } from "./ledger.ts";
import { Line, type Queue, type Waiting } from "./line.ts";
import type { Outlet, Sent } from "./outlet.ts";
import { pushBackoffMs, pushPauseMs, pushSlowMs } from "./push-backoff.ts";
import { PushProblems } from "./push-problems.ts";
import type { QueuedPushes } from "./push-reader.ts";

/** How often the gateway's queue is looked at: an alarm leaves within this. */
const pollMs = 1_000;

/** A wait is told in such pieces, so that a watchdog sees that it is one. */
const tickMs = 15_000;

/**
 * Messages under way at once, each to another address: sixteen dead servers keep a seventeenth waiting for one deadline
 * at most, and their buffers stay below 2 MB.
 */
export const sendsAtOnceMax = 16;

export interface PushDeliveryOptions {
  readonly gatewayId: string;
  readonly reader: { read(): QueuedPushes };
  readonly book: DeliveryBook;
  readonly outlets: { find(push: Push): Outlet | undefined };
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly boot: string;
  readonly log: Log;
  readonly text: PushText;
  /** 0 <= random < 1; spreads retries. */
  readonly random: () => number;
  /** How long a push to who is not in the configuration waits for one that has him. Default 0: not at all. */
  readonly strangerMs?: number;
}

/**
 * Delivers what the gateway queued, at least once: each address has its own queue and its own pauses, so that none waits
 * for another's failure. What is known is saved before and after each attempt.
 */
export class PushDelivery {
  readonly #with: PushDeliveryOptions;
  readonly #ledger: Ledger;
  readonly #trust = new ClockTrust();
  readonly #problems: PushProblems;
  readonly #lines = new Map<string, Line>();
  readonly #underWay = new Set<Promise<void>>();
  /** Pushes to who is not in the configuration, by id: since when. */
  readonly #strangers = new Map<string, { readonly push: Push; readonly since: MonotonicMs }>();
  #isEnding = false;
  #orders = 0;
  #readProblem: string | undefined;

  constructor(options: PushDeliveryOptions) {
    this.#with = options;
    this.#ledger = new Ledger(options.book, options.log);
    this.#problems = new PushProblems(options);
  }

  /** True when the gateway's queue was read and every push in it is delivered or dead. */
  get drained(): boolean {
    if (this.#readProblem !== undefined || this.#ledger.epoch === "") return false;
    return this.#strangers.size === 0 && this.#queues().every(({ items }) => items.size === 0);
  }

  /** True when all that waits is kept waiting by a failure or by the clock, and not by a limit. */
  get stuck(): boolean {
    if (this.#underWay.size > 0) return false;
    const blocked = this.#trust.doubt(this.#moment()) !== undefined;
    return this.#queues().every(
      ({ items, failures, outlet }) =>
        items.size === 0 || failures > 0 || (blocked && outlet.signed),
    );
  }

  /** Resolves when no message is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Takes in what is queued and begins to send what is due; does not wait for it. Returns how long to wait. */
  step(signal: AbortSignal): number {
    const now = this.#moment();
    this.#take(now);
    this.#expire(now);
    const waitMs = this.#pump(signal);
    this.#ledger.flush();
    this.#problems.save(this.#queues(), this.#trust.doubt(now), now);
    return Math.max(0, Math.min(pollMs, waitMs));
  }

  /**
   * Steps until the signal is aborted; `ticked` is called after each step. What is under way then is awaited until `cut`
   * is aborted.
   */
  async run(
    signal: AbortSignal,
    ticked: () => void = () => undefined,
    cut: AbortSignal = signal,
  ): Promise<void> {
    const { clock } = this.#with;
    while (!signal.aborted) {
      const waitMs = this.step(cut);
      ticked();
      await clock.sleep(Math.min(waitMs, tickMs), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
    this.#isEnding = true;
    await this.idle();
    this.#ledger.flush();
  }

  #moment(): Moment {
    const { clock, boot, clockQuality } = this.#with;
    return { at: clock.now(), mono: clock.monotonicMs(), boot, quality: clockQuality() };
  }

  #queues(): readonly Queue[] {
    return [...this.#lines.values()].flatMap(({ queues }) => [...queues.values()]);
  }

  #take(now: Moment): void {
    const { reader, log, text } = this.#with;
    try {
      const { epoch, pushes, unreadable } = reader.read();
      this.#readProblem = undefined;
      // A database that is away for a moment takes no delivery with it.
      if (epoch === "") return;
      if (epoch !== this.#ledger.epoch) {
        this.#strangers.clear();
        for (const { items } of this.#queues()) items.clear();
      }
      const fresh = this.#ledger.follow(epoch, [...pushes.map(({ id }) => id), ...unreadable], now);
      for (const queue of this.#queues()) {
        for (const id of queue.items.keys()) if (!this.#ledger.waits(id)) queue.items.delete(id);
      }
      for (const push of pushes) if (fresh.has(push.id)) this.#enqueue(push, now);
      for (const id of unreadable) {
        if (!fresh.has(id)) continue;
        log.error("push cannot be read", { id });
        this.#ledger.change(id, now, { state: "dead", problem: text.unreadable });
      }
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo } = error;
      if (message !== this.#readProblem) {
        log.error("pushes cannot be read", { code, message, where, todo });
      }
      this.#readProblem = message;
    }
  }

  #enqueue(push: Push, now: Moment): void {
    const { outlets, book, boot, log } = this.#with;
    const { receiver, channel, address } = push;
    const row = this.#ledger.row(push.id);
    if (row === undefined || row.state !== "waiting") return;
    const outlet = outlets.find(push);
    if (outlet === undefined) {
      this.#strangers.set(push.id, { push, since: now.mono });
      return;
    }
    let line = this.#lines.get(outlet.robot);
    if (line === undefined) {
      line = new Line(outlet, this.#ledger.attempt(() => book.sentTo(outlet.robot, boot)) ?? []);
      this.#lines.set(outlet.robot, line);
      log.debug("push line begun", { robot: outlet.robot });
    }
    const key = `${receiver}/${channel}/${address}`;
    let queue = line.queues.get(key);
    if (queue === undefined) {
      queue = { key, outlet, items: new Map(), failures: 0, notBefore: Number.NEGATIVE_INFINITY };
      line.queues.set(key, queue);
    }
    this.#orders += 1;
    queue.items.set(push.id, { push, order: this.#orders, attempts: row.attempts });
  }

  #expire(now: Moment): void {
    const { text, strangerMs = 0 } = this.#with;
    for (const [id, { push, since }] of [...this.#strangers]) {
      const isGone = !this.#ledger.waits(id);
      if (!isGone && now.mono - since < strangerMs) continue;
      this.#strangers.delete(id);
      if (!isGone) this.#dead([push], text.noReceiver(push.receiver, push.channel), now);
    }
    for (const line of this.#lines.values()) {
      // What is under way may still arrive.
      if (line.busy) continue;
      for (const { items } of line.queues.values()) {
        for (const { push } of [...items.values()]) {
          const row = this.#ledger.row(push.id);
          if (row === undefined || triedFor(row, now) < push.ttlMs) continue;
          items.delete(push.id);
          this.#dead([push], text.expired(row.attempts, row.problem ?? ""), now);
        }
      }
    }
  }

  #dead(pushes: readonly Push[], problem: string, now: Moment): void {
    for (const { id, receiver, channel, priority } of pushes) {
      this.#with.log.error("push given up", { id, receiver, channel, priority, problem });
      this.#ledger.change(id, now, { state: "dead", problem });
    }
  }

  /** Begins all that is due. Returns when the next one may be. */
  #pump(signal: AbortSignal): number {
    let waitMs = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) {
      if (signal.aborted || this.#isEnding) break;
      if (line.busy) continue;
      const now = this.#moment();
      const next = line.next(now.mono, this.#trust.doubt(now) !== undefined);
      if ("waitMs" in next) {
        waitMs = Math.min(waitMs, next.waitMs);
        continue;
      }
      if (this.#underWay.size >= sendsAtOnceMax) return waitMs;
      const work = this.#send(line, next.queue, next.items, now, signal);
      const kept = work.finally(() => this.#underWay.delete(kept));
      this.#underWay.add(kept);
    }
    return waitMs;
  }

  async #send(
    line: Line,
    queue: Queue,
    items: readonly Waiting[],
    now: Moment,
    signal: AbortSignal,
  ): Promise<void> {
    const [first] = items;
    if (first === undefined) return;
    line.busy = true;
    line.leaves(now.mono, items.length);
    if (queue.outlet.signed) this.#trust.tried(now);
    for (const item of items) {
      item.attempts += 1;
      this.#ledger.change(item.push.id, now, { attempts: item.attempts });
    }
    this.#ledger.flush({ robot: line.robot, boot: now.boot, mono: now.mono });
    const { gatewayId } = this.#with;
    const pushes = items.map((item) => item.push);
    const push = items.length === 1 ? first.push : digestOf(ownOf(queue, first), pushes);
    const { epoch } = this.#ledger;
    const key = `${epoch.slice(0, 8)}-${push.id}`;
    try {
      const sent = await queue.outlet.send({ push, gateway: gatewayId, key, now: now.at }, signal);
      // Ids of another epoch mean other pushes.
      if (epoch === this.#ledger.epoch) this.#settle(line, queue, items, sent);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      line.busy = false;
    }
    this.#ledger.flush();
    if (!signal.aborted) this.#pump(signal);
  }

  #settle(line: Line, queue: Queue, items: readonly Waiting[], { verdict, heard }: Sent): void {
    const now = this.#moment();
    if (heard !== undefined) this.#trust.heard(heard.host, heard.date, now);
    if (verdict.is === "delivered") {
      this.#recovered(queue);
      for (const { push } of items) {
        this.#ledger.change(push.id, now, { state: "delivered" });
        for (const { items: waiting } of line.queues.values()) waiting.delete(push.id);
      }
      return;
    }
    if (verdict.is === "dead" && items.length === 1) {
      this.#recovered(queue);
      for (const { push } of items) queue.items.delete(push.id);
      this.#dead(
        items.map(({ push }) => push),
        verdict.why,
        now,
      );
      return;
    }
    this.#failed(line, queue, items, verdict, now);
  }

  #recovered(queue: Queue): void {
    if (queue.failures > 0) this.#with.log.info("pushes are taken again", { to: queue.key });
    queue.failures = 0;
    queue.notBefore = Number.NEGATIVE_INFINITY;
    delete queue.problem;
  }

  #failed(
    line: Line,
    queue: Queue,
    items: readonly Waiting[],
    verdict: Exclude<Verdict, { is: "delivered" }>,
    now: Moment,
  ): void {
    const { random, log } = this.#with;
    const { why } = verdict;
    queue.failures += 1;
    const slow = verdict.is === "retry" && verdict.slow === true;
    const pause = verdict.is === "retry" ? verdict.afterMs : undefined;
    const backoff = pushBackoffMs(queue.failures, random());
    const waitMs = slow
      ? pushSlowMs(random())
      : Math.max(backoff, pushPauseMs(pause ?? 0, random()));
    queue.notBefore = now.mono + waitMs;
    // A provider that asks for a pause means the robot, whoever uses it.
    if (pause !== undefined) {
      for (const other of line.queues.values()) {
        other.notBefore = Math.max(other.notBefore, queue.notBefore);
      }
    }
    if (queue.problem?.why !== why)
      log.warn("push failed", { to: queue.key, problem: why, waitMs });
    queue.problem = { why, slow, since: queue.problem?.since ?? now.at };
    for (const { push } of items) this.#ledger.change(push.id, now, { problem: why });
  }
}

/** A digest goes in the name and language of the queue that it leaves from. */
function ownOf(queue: Queue, first: Waiting): Push {
  const own = queue.items.values().next().value;
  return own?.push ?? first.push;
}
