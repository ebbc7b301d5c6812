import type { Sample } from "../../../drivers/contract.ts";
import { seeded } from "../simulated-shelf.ts";

/** Temperatures and humidities of two decimals that drift, read within 20 ms of when they are due. */
export function sensorWalk(points: number): (at: number) => Sample[] {
  const random = seeded(1);
  const values = Array.from({ length: points }, (_, n): number => (n % 2 === 0 ? 500 : 6_000));
  return (at) =>
    values.map((value, n) => {
      const next = value + Math.round((random() - 0.5) * 20);
      values[n] = next;
      const point = `room-${n >> 1}/${n % 2 === 0 ? "temperature" : "humidity"}` as const;
      const sampledAt = at + Math.floor(random() * 20);
      return { point, sampledAt, quality: "good", value: next / 100 };
    });
}
