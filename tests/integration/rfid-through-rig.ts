import { expect, onTestFinished } from "vitest";
import { rfid } from "../../drivers/rfid/driver.ts";
import { type ReaderSimulatorOptions, startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { type SimulatedTag, TagField } from "../../drivers/rfid/tag-field.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { runDriver } from "../support/contract-runner.ts";
import { memoryLog } from "../support/manual-clock.ts";

export interface ThroughOptions {
  readonly protocol: ReaderSimulatorOptions["protocol"];
  readonly tags: readonly SimulatedTag[];
  readonly readsPerSecond?: number;
  /** Changes of the channel, as it stands in YAML. */
  readonly channel?: object;
  /** Changes of the reader before anyone connects. */
  readonly prepare?: (simulator: Awaited<ReturnType<typeof startReaderSimulator>>) => void;
}

/** A simulated reader on a real socket, and the whole driver on it. */
export async function through({ protocol, tags, channel, ...options }: ThroughOptions) {
  const { readsPerSecond = 60, prepare } = options;
  const field = new TagField(tags, { readsPerSecond });
  const simulator = await startReaderSimulator({ protocol, field });
  onTestFinished(() => simulator.stop());
  prepare?.(simulator);
  const settings = rfid.schema.parse({
    driver: "rfid",
    port: simulator.address,
    protocol,
    ...(protocol === "thingmagic" ? { region: "EU" } : {}),
    presence: { within: "5s", hold: "1s" },
    devices: { gate: { every: "200ms" } },
    ...channel,
  });
  const runner = runDriver(rfid, settings, { clock: systemClock, log: memoryLog().log });
  onTestFinished(() => runner[Symbol.asyncDispose]());
  const last = (point: string) => runner.samples.findLast((sample) => sample.point === point);
  const until = (point: string, expected: object, timeout = 20_000) =>
    expect.poll(() => last(point), { timeout, interval: 20 }).toMatchObject(expected);
  return { field, simulator, runner, last, until };
}
