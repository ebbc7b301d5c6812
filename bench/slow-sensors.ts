import type { Sample } from "../drivers/contract.ts";
import type { MemoryOutbox } from "../tests/support/memory-outbox.ts";

/** Repeatable noise: xorshift, 0 <= x < 1. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

export interface Sensors {
  readonly points: number;
  readonly everyMs: number;
  /** Each sample's time is off by up to this. */
  readonly jitterMs: number;
}

/** Fills a log as a gateway does: one chunk each flush, values with two decimals that walk at random. */
export function fillLog(
  outbox: MemoryOutbox,
  { points, everyMs, jitterMs }: Sensors,
  rounds: number,
  from: number,
): void {
  const random = noise(42);
  const values = Array.from({ length: points }, () => 500 + Math.floor(random() * 2_000));
  for (let round = 0; round < rounds; round += 1) {
    const samples = values.map((value, point): Sample => {
      const walked = value + Math.round((random() - 0.5) * 6);
      values[point] = walked;
      return {
        point: `device-${point >> 1}/${point % 2 === 0 ? "temperature" : "humidity"}`,
        sampledAt: from + round * everyMs + Math.round((random() * 2 - 1) * jitterMs),
        quality: "good",
        value: walked / 100,
      };
    });
    outbox.addSamples(samples, {
      boot: "6b1f6c5e-4d7e-4b7e-9a55-1f2f3a4b5c6d",
      offsetMs: from + Math.round(random() * 4),
      quality: "synchronized",
    });
  }
}
