import type { Clock, Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { BrokerClient } from "../../../drivers/mqtt/client.ts";

/** First and longest wait before a broker is tried again: gateways wait for central, not for central's patience. */
const againMsMin = 1_000;
const againMsMax = 30_000;

/** Goodbyes that a broker does not take within this are not waited for. */
const goodbyeMsMax = 2_000;

export interface RoadSession {
  readonly client: BrokerClient;
  /** What is to be said before the connection ends. */
  readonly goodbye?: () => Promise<void>;
}

/** A broker from which central reads, by the name in metrics and health. */
export interface BrokerRoad {
  readonly name: string;
  readonly isUp: boolean;
  stop(): Promise<void>;
}

/**
 * Keeps a session with a broker as long as central runs: whatever ends it, it is opened again, by waits that double. Says once
 * that the broker is gone and once that it is back.
 */
export function keepRoad(options: {
  readonly name: string;
  readonly where: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Logs in and subscribes. */
  readonly open: (signal: AbortSignal) => Promise<RoadSession>;
}): BrokerRoad {
  const { name, where, clock, log, random, open } = options;
  const ended = new AbortController();
  let isUp = false;
  let failures = 0;
  let said = false;
  const once = async () => {
    const { client, goodbye } = await open(ended.signal);
    isUp = true;
    failures = 0;
    said = false;
    log.info("central reads from the broker", { road: name, where });
    try {
      await over(AbortSignal.any([client.lost, ended.signal]));
      if (!client.lost.aborted) await inTime(goodbye?.() ?? Promise.resolve());
    } finally {
      isUp = false;
      await client.close();
    }
  };
  const run = async () => {
    while (!ended.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (ended.signal.aborted) break;
        if (!(error instanceof RackwatchError)) throw error;
        const { code, message, todo } = error;
        if (!said) log.error("broker is gone", { road: name, where, code, message, todo });
        said = true;
      }
      failures += 1;
      const ceiling = Math.min(againMsMax, againMsMin * 2 ** Math.min(failures - 1, 6));
      const waitMs = ceiling * (0.5 + random() / 2);
      await clock.sleep(waitMs, ended.signal).catch(() => undefined);
    }
  };
  const running = run();
  return {
    name,
    get isUp() {
      return isUp;
    },
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}

function over(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function inTime(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, goodbyeMsMax);
  await Promise.race([work.catch(() => undefined), late.promise]);
  clearTimeout(timer);
}
