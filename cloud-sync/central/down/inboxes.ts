import type { Clock } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { type Inbox, inboxRequestSchema, inboxWaitMsMax } from "../../protocol-down.ts";
import type { DatabaseLink } from "../database-link.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { RefusalError } from "../refusals.ts";
import { composeDue, composedAtOnce } from "./groups.ts";
import { messagesFor, pruneMessages } from "./messages.ts";

/** How often it is looked whether somebody who waits has messages: one query for all of them. */
const lookMs = 1_000;

/**
 * How often it is looked whether somebody who waits was revoked, who then goes home and is refused: the road decides whether a
 * gateway still may ask.
 */
const revokedLookMs = 5_000;

/** How often settled messages are forgotten. */
const pruneMs = 3_600_000;

/** Requests that wait at once, each some 10 KB: two for each of ten thousand gateways. Further ones are answered at once. */
const waitersMax = 20_000;

/** Of them of one gateway: its roads, and what is left of a connection that died. The oldest goes home with nothing. */
const waitersOfGatewayMax = 4;

interface Waiter {
  readonly after: number;
  readonly wake: () => void;
}

/**
 * Answers agents that ask for messages, whichever road they come on, and lets them wait: ten thousand that wait cost one
 * query a second.
 */
export class Inboxes {
  readonly #link: DatabaseLink;
  readonly #signer: SigningKey;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<Waiter>>();
  #count = 0;
  #prunedAt: number | undefined;
  #revokedLookAt = 0;
  #closed = false;

  constructor(options: {
    readonly link: DatabaseLink;
    readonly signer: SigningKey;
    readonly clock: Clock;
  }) {
    this.#link = options.link;
    this.#signer = options.signer;
    this.#clock = options.clock;
  }

  /** Requests that wait now. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * Messages after the one that `body` names; waits for one as long as it says, or until the signal is aborted. Who asks is
   * proven already. @throws RefusalError 400; RackwatchError `central/database`.
   */
  async take(gateway: string, body: unknown, signal?: AbortSignal): Promise<Inbox> {
    const asked = inboxRequestSchema.safeParse(body);
    if (!asked.success) {
      const message = "after: a number from 0 on; waitMs: at most 25000";
      throw new RefusalError(400, { code: "bad-request", message });
    }
    const { after, waitMs } = asked.data;
    const now = await this.#read(gateway, after);
    if (now.messages.length > 0 || waitMs === 0 || this.#closed) return now;
    if (this.#count >= waitersMax) return now;
    await this.#wait(gateway, after, Math.min(waitMs, inboxWaitMsMax), signal);
    return signal?.aborted === true ? now : this.#read(gateway, after);
  }

  async #read(gateway: string, after: number): Promise<Inbox> {
    return this.#link.use(async ({ database, generation }) => {
      const now = this.#clock.now();
      const messages = await messagesFor(database, this.#signer, gateway, after, now);
      return { messages: [...messages], after, generation, serverTime: now };
    });
  }

  async #wait(gateway: string, after: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const ended = signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]);
    const waiter: Waiter = { after, wake: () => woken.abort() };
    const all = this.#waiting.get(gateway) ?? new Set();
    this.#waiting.set(gateway, all.add(waiter));
    this.#count += 1;
    if (all.size > waitersOfGatewayMax) [...all][0]?.wake();
    try {
      await this.#clock.sleep(waitMs, ended);
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      all.delete(waiter);
      this.#count -= 1;
      if (all.size === 0 && this.#waiting.get(gateway) === all) this.#waiting.delete(gateway);
    }
  }

  /** Issues what groups still have to tell, and wakes whoever waits and has a message that it does not hold. */
  async step(): Promise<void> {
    await this.#link.use(async ({ database }) => {
      await composeDue(database, this.#signer, this.#clock.now(), composedAtOnce);
      if (this.#count > 0) {
        const rows = await database.query(
          `SELECT d.gateway, max(m.number) AS last FROM down d JOIN message m ON m.gateway = d.gateway
             AND m.number > d.held AND m.settled_at IS NULL
             AND (m.expires_at IS NULL OR m.expires_at > to_timestamp($1::float8 / 1000))
           WHERE d.last_number > d.held GROUP BY d.gateway`,
          [this.#clock.now()],
        );
        for (const { gateway, last } of rows) {
          for (const waiter of this.#waiting.get(String(gateway)) ?? []) {
            if (waiter.after < Number(last)) waiter.wake();
          }
        }
      }
      const now = this.#clock.monotonicMs();
      if (this.#count > 0 && now >= this.#revokedLookAt) {
        this.#revokedLookAt = now + revokedLookMs;
        const revoked = await database.query(revokedSql);
        for (const { gateway } of revoked) {
          for (const waiter of this.#waiting.get(String(gateway)) ?? []) waiter.wake();
        }
      }
      if (this.#prunedAt !== undefined && now - this.#prunedAt < pruneMs) return;
      this.#prunedAt = now;
      await pruneMessages(database, this.#clock.now());
    });
  }

  /** Looks until the signal is aborted; then nobody waits any more. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // The link says once that the database is gone; who waits goes home in time.
      await this.step().catch(unlessDatabase);
      await this.#clock.sleep(lookMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
    this.#closed = true;
    for (const all of this.#waiting.values()) for (const waiter of all) waiter.wake();
  }
}

/** Lately: a transaction that revokes may end some time after it began. */
const revokedSql = `SELECT gateway FROM gateway WHERE revoked_at > now() - interval '1 minute'
  UNION SELECT gateway FROM certificate WHERE revoked_at > now() - interval '1 minute'`;

function unlessDatabase(error: unknown): void {
  if (!(error instanceof RackwatchError)) throw error;
}
