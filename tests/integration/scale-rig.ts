import type { PointKey, Sample, Session } from "../../drivers/contract.ts";
import { scale } from "../../drivers/scale/driver.ts";
import type { ScaleProtocol } from "../../drivers/scale/protocol.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { channelSchema, type ScaleChannel } from "../../drivers/scale/schema.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

/** An open scale whose samples a test takes as they come. */
export interface ScaleRig extends AsyncDisposable {
  readonly session: Session;
  /** Takes samples until one fits, for at most a minute. */
  until(point: PointKey, fits: (sample: Sample) => boolean): Promise<Sample>;
}

export function language(name: string): ScaleProtocol {
  const protocol = scaleProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no language ${name}`);
  return protocol;
}

export function openScale(channel: object, device: object = {}): Promise<ScaleRig> {
  return openChannel(channelSchema.parse({ driver: "scale", devices: { s: device }, ...channel }));
}

export async function openChannel(channel: ScaleChannel): Promise<ScaleRig> {
  const controller = new AbortController();
  const context = { clock: systemClock, log: memoryLog().log };
  const session = await scale.open(channel, context, controller.signal);
  const iterator = session.samples()[Symbol.asyncIterator]();
  let batch: readonly Sample[] = [];
  return {
    session,
    until: async (point, fits) => {
      const seen: Sample[] = [];
      const limit = AbortSignal.timeout(60_000);
      for (;;) {
        for (const [at, sample] of batch.entries()) {
          if (sample.point !== point || !fits(sample)) continue;
          batch = batch.slice(at + 1);
          return sample;
        }
        seen.push(...batch);
        if (limit.aborted) throw new Error(`still waiting; came: ${JSON.stringify(seen)}`);
        const next = await iterator.next();
        if (next.done === true) throw new Error("the session ended");
        batch = next.value;
      }
    },
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await session[Symbol.asyncDispose]();
    },
  };
}

export function readOf(sample: Sample): unknown {
  return sample.quality === "bad" ? undefined : sample.value;
}

export const isGood = ({ quality }: Sample): boolean => quality === "good";
