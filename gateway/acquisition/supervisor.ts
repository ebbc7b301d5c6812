import type {
  Driver,
  DriverContext,
  PointDescription,
  PointKey,
  Sample,
  Session,
  Value,
} from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Health, Part } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";

/** First and longest pause before a channel is opened again: quick after a hiccup, never a storm. */
const reopenMs = { first: 500, longest: 30_000 };

/**
 * A channel is well when one of its devices answered, or when it stayed open this long. One that is opened and closed
 * again and again would otherwise be well in between, and never come to its alarm.
 */
const steadyMs = 5_000;

/** A session that lived this long was healthy: the next pause starts from the first one again. */
const healthyMs = 60_000;

export interface Channel {
  readonly id: string;
  /** What the driver's schema made of the channel's YAML. */
  readonly settings: unknown;
  readonly driver: Driver;
  readonly points: readonly PointDescription[];
}

export interface SupervisorParts {
  readonly context: DriverContext;
  readonly health: Health;
  readonly deliver: (samples: readonly Sample[]) => void;
  /** Called each time the channel was opened. */
  readonly opened: () => void;
}

/** Owns one channel: opens it, passes its samples on, says how it is, reopens it for ever. */
export class Supervisor {
  readonly #channel: Channel;
  readonly #parts: SupervisorParts;
  #session: Session | undefined;
  #pauseMs = reopenMs.first;

  constructor(channel: Channel, parts: SupervisorParts) {
    this.#channel = channel;
    this.#parts = parts;
  }

  /** Whether the driver has it open. */
  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step(signal);
      if (signal.aborted) return;
      await this.#parts.context.clock.sleep(this.#pauseMs, signal).catch(() => undefined);
      this.#pauseMs = Math.min(this.#pauseMs * 2, reopenMs.longest);
    }
  }

  /** One life of the channel: from opening to its end. */
  async step(signal: AbortSignal): Promise<void> {
    const { context, health, deliver } = this.#parts;
    const part: Part = `channel-${this.#channel.id}`;
    const startedAt = context.clock.monotonicMs();
    const ended = new AbortController();
    const well = () => health.report(part, undefined);
    try {
      await using session = await this.#channel.driver.open(
        this.#channel.settings,
        context,
        signal,
      );
      this.#session = session;
      void context.clock.sleep(steadyMs, ended.signal).then(well, () => undefined);
      context.log.info("channel open");
      this.#parts.opened();
      for await (const samples of session.samples()) {
        if (signal.aborted) break;
        if (samples.some(({ quality }) => quality !== "bad")) well();
        deliver(samples);
      }
      if (!signal.aborted) throw closedByPeer(this.#channel.id);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RackwatchError)) context.log.error("driver failed", { err: error });
      const problem = problemOf(error, "driver/unavailable");
      health.report(part, problem);
      deliver(this.#allBad(problem.code));
    } finally {
      ended.abort();
      this.#session = undefined;
      if (context.clock.monotonicMs() - startedAt >= healthyMs) this.#pauseMs = reopenMs.first;
    }
  }

  /** @throws RackwatchError `driver/unavailable` while the channel is closed, `driver/not-writable`. */
  async write(point: PointKey, value: Value): Promise<void> {
    const session = this.#session;
    if (session === undefined) {
      throw new RackwatchError(
        "driver/unavailable",
        `channel ${this.#channel.id} is not connected`,
        {
          where: point,
        },
      );
    }
    if (session.write === undefined) {
      throw new RackwatchError("driver/not-writable", `${point} cannot be written`, {
        where: point,
      });
    }
    await session.write(point, value);
  }

  /** Nobody may take the last value of a lost channel for a live one. */
  #allBad(reason: string): readonly Sample[] {
    const sampledAt = this.#parts.context.clock.now();
    return this.#channel.points
      .filter(({ access }) => access !== "write")
      .map(({ key }) => ({ point: key, sampledAt, quality: "bad", reason }));
  }
}

function closedByPeer(channel: string): RackwatchError {
  return new RackwatchError("driver/connection-lost", `the other end closed channel ${channel}`, {
    where: channel,
    todo: "Check the device and the cable; the gateway reconnects by itself",
  });
}
