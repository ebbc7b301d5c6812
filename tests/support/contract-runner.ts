import { expect } from "vitest";
import type { Driver, DriverContext, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";

/** A driver under test as the supervisor would run it: reopened when the connection is lost, for as long as it is used. */
export interface ContractRunner extends AsyncDisposable {
  /** Forgets what came so far. */
  forget(): void;
  readonly samples: readonly Sample[];
  /** Ends of `samples()` and refused openings since `forget`. */
  readonly ends: readonly unknown[];
  /** Waits until this holds. */
  until(holds: (runner: ContractRunner) => boolean, timeoutMs: number): Promise<void>;
}

/** Time between two openings. */
const reopenMs = 50;

/** Samples that are remembered; enough for a reader that sends without pause. */
const samplesMax = 20_000;

export function runDriver(
  driver: Driver,
  channel: unknown,
  context: DriverContext,
): ContractRunner {
  const stop = new AbortController();
  let samples: Sample[] = [];
  let ends: unknown[] = [];
  const once = async () => {
    const session = await driver.open(channel, context, stop.signal);
    try {
      for await (const batch of session.samples()) {
        samples.push(...batch);
        if (samples.length > samplesMax) samples = samples.slice(-samplesMax / 2);
      }
    } finally {
      await session[Symbol.asyncDispose]();
    }
  };
  const loop = async () => {
    while (!stop.signal.aborted) {
      try {
        await once();
        if (!stop.signal.aborted) ends.push("samples() ended without an error");
      } catch (error) {
        if (!stop.signal.aborted) ends.push(error);
      }
      if (!stop.signal.aborted) await context.clock.sleep(reopenMs);
    }
  };
  const ended = loop();
  const runner: ContractRunner = {
    forget: () => {
      samples = [];
      ends = [];
    },
    get samples() {
      return samples;
    },
    get ends() {
      return ends;
    },
    until: (holds, timeoutMs) =>
      expect
        .poll(() => holds(runner) || told(runner), { timeout: timeoutMs, interval: 20 })
        .toBe(true),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
  return runner;
}

/** What a failing test shows in place of `false`. */
function told({ samples, ends }: ContractRunner): unknown {
  return { ends: ends.map(String), last: samples.slice(-4), samples: samples.length };
}

export function isOperating(end: unknown): boolean {
  return end instanceof RackwatchError && end.code.startsWith("driver/");
}

export function isLoss(end: unknown): boolean {
  return end instanceof RackwatchError && end.code === "driver/connection-lost";
}
