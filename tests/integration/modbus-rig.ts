import type { PointKey, Sample, Session } from "../../drivers/contract.ts";
import { modbus } from "../../drivers/modbus/driver.ts";
import { channelSchema } from "../../drivers/modbus/schema.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

/** What a channel says in YAML, but for its driver. */
type ChannelInput = Readonly<Record<string, unknown>>;

/** An open channel whose samples a test takes as they come. */
export interface Rig extends AsyncDisposable {
  readonly session: Session;
  /** Batches until `done` says so of all samples so far, or a minute. */
  until(done: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]>;
  /** The next sample of a point. */
  next(point: PointKey): Promise<Sample>;
}

export async function openChannel(input: ChannelInput): Promise<Rig> {
  const controller = new AbortController();
  const channel = channelSchema.parse({ driver: "modbus", ...input });
  const context = { clock: systemClock, log: memoryLog().log };
  const session = await modbus.open(channel, context, controller.signal);
  const iterator = session.samples()[Symbol.asyncIterator]();
  const until = async (done: (samples: readonly Sample[]) => boolean) => {
    const samples: Sample[] = [];
    const limit = AbortSignal.timeout(60_000);
    while (!done(samples)) {
      if (limit.aborted) throw new Error(`still waiting; came: ${JSON.stringify(samples)}`);
      const batch = await iterator.next();
      if (batch.done === true) throw new Error("the session ended");
      samples.push(...batch.value);
    }
    return samples;
  };
  return {
    session,
    until,
    next: async (point) => {
      const of = (samples: readonly Sample[]) => samples.find((sample) => sample.point === point);
      const sample = of(await until((samples) => of(samples) !== undefined));
      if (sample === undefined) throw new Error("unreachable");
      return sample;
    },
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await session[Symbol.asyncDispose]();
    },
  };
}

/** Registers that hold their own address, so that a value tells where it came from. */
export function ownAddresses(count: number): Map<number, number> {
  return new Map(Array.from({ length: count }, (_, address) => [address, address]));
}

export function readValue(sample: Sample | undefined): unknown {
  return sample === undefined || sample.quality === "bad" ? undefined : sample.value;
}
