import type { Clock, Log, PointKey, Sample } from "../drivers/contract.ts";
import { type DurableStore, openStore } from "../gateway/store/open-store.ts";
import type { GatewayEvent } from "../gateway/store/store.ts";
import { noise } from "./slow-sensors.ts";

/** Flushes of a gateway, each followed by what its upkeep does to the log; history is pruned as often as upkeep does. */
const pruneEveryMs = 30_000;

/** One alarm in so long while there is no link. */
const alarmEveryMs = 300_000;

const alarmRules = 20;
const boot = "6b1f6c5e-4d7e-4b7e-9a55-1f2f3a4b5c6d";

export const silent: Log = {
  child: () => silent,
  debug() {},
  info() {},
  warn() {},
  error() {},
};

/** Wall and monotonic clock of a machine that runs faster than real time, until it has caught up with it. */
class QuickClock implements Clock {
  #at: number;
  constructor(at: number) {
    this.#at = at;
  }
  now = () => this.#at;
  monotonicMs = () => this.#at;
  sleep = () => Promise.resolve();
  set(at: number): void {
    this.#at = at;
  }
}

/**
 * A gateway's store and what fills it: points with two decimals that walk at random, 20 ms of jitter, one commit a
 * flush, upkeep as in the gateway. First weeks in minutes, then live.
 */
export class OfflineGateway implements Disposable {
  readonly store: DurableStore;
  readonly #clock: QuickClock;
  readonly #random = noise(42);
  readonly #values: number[];
  readonly #points: readonly PointKey[];
  #prunedAt: number;
  #raised = 0;

  constructor(dir: string, gatewayId: string, points: number, startAt: number) {
    this.#clock = new QuickClock(startAt);
    this.store = openStore({ dir, gatewayId, clock: this.#clock, log: silent }).store;
    this.#values = Array.from({ length: points }, () => 500 + Math.floor(this.#random() * 2_000));
    this.#points = this.#values.map(
      (_, point): PointKey => `room-${point >> 1}/${point % 2 === 0 ? "temperature" : "humidity"}`,
    );
    this.#prunedAt = startAt;
  }

  /** Rounds of all points from the clock's time until then. */
  fill(until: number, everyMs: number): void {
    let alarmAt = this.#clock.now() + alarmEveryMs;
    for (let at = this.#clock.now(); at < until; at += everyMs) {
      this.#clock.set(at);
      if (at >= alarmAt) {
        this.alarm(at);
        alarmAt += alarmEveryMs;
      }
      this.round(at, 0, this.#points.length);
      this.store.merge();
      if (at - this.#prunedAt >= pruneEveryMs) {
        this.store.prune(at);
        this.#prunedAt = at;
      }
    }
  }

  /** One flush of some of the points. */
  round(at: number, from: number, count: number): void {
    this.#clock.set(at);
    const samples = this.#points.slice(from, from + count).map((point, index): Sample => {
      const walked = (this.#values[from + index] ?? 0) + Math.round((this.#random() - 0.5) * 6);
      this.#values[from + index] = walked;
      const sampledAt = at + Math.floor(this.#random() * 41) - 20;
      return { point, sampledAt, quality: "good", value: walked / 100 };
    });
    this.store.commit({ clock: this.#mark(), samples, events: [], state: new Map() });
  }

  /** An alarm is raised, its event and its state in one commit. Returns its rule. */
  alarm(at: number): string {
    this.#clock.set(at);
    this.#raised += 1;
    const rule = `high-${this.#raised % alarmRules}`;
    const occurrence = Math.ceil(this.#raised / alarmRules);
    const said = { priority: "high", message: "too warm", point: "room-0/temperature", value: 9.5 };
    const event: GatewayEvent = {
      kind: "alarm",
      at,
      mono: at,
      body: {
        alarm: `${rule}#${occurrence}`,
        rule,
        from: "normal",
        to: "unacknowledged",
        at,
        ...said,
      },
    };
    const saved = {
      version: 1,
      occurrence,
      state: "unacknowledged",
      raisedAt: at,
      since: at,
      ...said,
    };
    const state = new Map([[`alarm/${rule}`, saved]]);
    this.store.commit({ clock: this.#mark(), samples: [], events: [event], state });
    return rule;
  }

  #mark() {
    return { boot, offsetMs: Math.round(this.#random() * 4), quality: "synchronized" } as const;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}
