import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sending, Verdict } from "../../cloud-sync/push/channel.ts";
import { DeliveryBook } from "../../cloud-sync/push/delivery-book.ts";
import type { Outlet, Sent } from "../../cloud-sync/push/outlet.ts";
import { PushDelivery } from "../../cloud-sync/push/push-delivery.ts";
import { pushText } from "../../config/language/push.ts";
import { syncText } from "../../config/language/sync.ts";
import type { Push } from "../../gateway/push/push.ts";
import { DeliveryFile } from "../../gateway/store/delivery-file.ts";
import type { ClockQuality } from "../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";

let made = 0;

/** A push to the DingTalk of `shift`, with an id of its own. */
export function aPush(more: Partial<Push> = {}): Push {
  made += 1;
  return {
    version: 1,
    id: `p${String(made).padStart(6, "0")}`,
    receiver: "shift",
    channel: "dingtalk",
    address: 0,
    kind: "raised",
    alarm: `rule-${made}#1`,
    priority: "high",
    language: "en",
    short: `cold-2 is warm ${made}`,
    title: `cold-2 is warm ${made}`,
    text: "8.6 Cel, limit 8.0, since 03:12",
    fields: { rule: "cold-2-warm", value: 8.6 },
    createdAt: Date.UTC(2026, 10, 22),
    ttlMs: 86_400_000,
    ...more,
  };
}

export interface Leaving extends Sending {
  /** Monotonic time. */
  readonly at: number;
}

/** What the world of a push answers; a promise that never settles is a server that hangs. */
export type Answer = (sending: Leaving) => Verdict | Sent | Promise<Verdict | Sent>;

/** The agent's pushes over a gateway's queue and receivers of the test, with a real sync.db; may be killed at any time. */
export class PushWorld implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), "rackwatch-push-"));
  readonly clock = new ManualClock(Date.UTC(2026, 10, 22));
  readonly #log = memoryLog();
  readonly queued: Push[] = [];
  readonly left: Leaving[] = [];
  epoch = "0e1f2a3b-epoch-1";
  boot = "boot-1";
  quality: ClockQuality = "synchronized";
  answer: Answer = () => ({ is: "delivered" });
  /** Of the outlet of a push; undefined: it is configured no more. */
  traits: (push: Push) => Partial<Outlet> | undefined = () => ({});
  #book = this.#newBook();
  delivery = this.#newDelivery();
  #life = new AbortController();
  readonly file = new DeliveryFile(this.dir);

  get entries() {
    return this.#log.entries;
  }

  add(...pushes: readonly Push[]): readonly Push[] {
    this.queued.push(...pushes);
    return pushes;
  }

  /** One step, and whatever it began that ends at once. */
  async step(): Promise<number> {
    const waitMs = this.delivery.step(this.#life.signal);
    await this.clock.advance(0);
    return waitMs;
  }

  /** Steps while the time passes. */
  async pass(ms: number, everyMs = 1_000): Promise<void> {
    await this.step();
    for (let gone = 0; gone < ms; gone += everyMs) {
      await this.clock.advance(Math.min(everyMs, ms - gone));
      await this.step();
    }
  }

  /** kill -9 and a start: what was under way never comes back. */
  kill(): void {
    this.#book[Symbol.dispose]();
    this.#life.abort();
    this.#life = new AbortController();
    this.#book = this.#newBook();
    this.delivery = this.#newDelivery();
  }

  /** What the gateway sees of a push. */
  seen(id: string) {
    return this.file.read(this.epoch).get(id);
  }

  problems() {
    return this.file.problems();
  }

  /** All of sync.db and of the log, to look for what must not be in it. */
  everythingKept(): string {
    const db = readFileSync(join(this.dir, "sync/sync.db"), "latin1");
    return `${db}\n${JSON.stringify(this.entries)}`;
  }

  [Symbol.dispose](): void {
    this.#life.abort();
    this.#book[Symbol.dispose]();
    this.file[Symbol.dispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #newBook(): DeliveryBook {
    return new DeliveryBook(this.dir, syncText.en);
  }

  #newDelivery(): PushDelivery {
    return new PushDelivery({
      gatewayId: "wh1",
      reader: { read: () => ({ epoch: this.epoch, pushes: [...this.queued], unreadable: [] }) },
      book: this.#book,
      outlets: { find: (push) => this.#outlet(push) },
      clock: this.clock,
      clockQuality: () => this.quality,
      boot: this.boot,
      log: this.#log.log,
      text: pushText.en,
      random: () => 0.5,
    });
  }

  #outlet(push: Push): Outlet | undefined {
    const traits = this.traits(push);
    if (traits === undefined) return undefined;
    return {
      robot: `${push.channel}-${push.receiver}-${push.address}`,
      limits: [],
      overflow: "wait",
      signed: false,
      send: async (sending, signal) => {
        const leaving = { ...sending, at: this.clock.monotonicMs() };
        this.left.push(leaving);
        const aborted = new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
        });
        const answer = await Promise.race([this.answer(leaving), aborted]);
        return "is" in answer ? { verdict: answer } : answer;
      },
      ...traits,
    };
  }
}

/** Most events in any window of this length. */
export function mostIn(times: readonly number[], windowMs: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length),
  );
}
