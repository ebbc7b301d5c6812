import { Shelf } from "../../gateway/stock/weighing/shelf.ts";
import type {
  ShelfEvent,
  ShelfSettings,
  WeightReading,
} from "../../gateway/stock/weighing/weigh.ts";
import { gauss, SimulatedShelf } from "./simulated-shelf.ts";

/** Scale interval of these shelves. */
export const divisionKg = 0.001;

export function shelfOf(unitKg: number, more: Partial<ShelfSettings> = {}, saved?: unknown): Shelf {
  const items = [{ item: "a", kg: unitKg, spread: 0.01, sampled: 10 }];
  const instant = { at: Date.UTC(2027, 2, 1), mono: 0 };
  return new Shelf(
    { location: "s", items, tareKg: 0, divisionKg, settleMs: 1_500, confirmMs: 5_000, ...more },
    saved,
    { instant, boot: "b", clockSynchronized: () => true },
  );
}

export interface Day {
  readonly seed: number;
  readonly unitKg: number;
  readonly hasFlag: boolean;
  readonly handlings: number;
}

/**
 * Picks and puts of 1 to 20 pieces that differ by 1 %, with a hand on the shelf each time and knocks between.
 * @returns how many were told with the right sign and number, and by nothing else
 */
export function handledRight({ seed, unitKg, hasFlag, handlings }: Day): number {
  const sim = new SimulatedShelf({ seed, divisionKg, hasFlag });
  const shelf = shelfOf(unitKg);
  const feed = (readings: readonly WeightReading[]) => readings.flatMap((it) => shelf.next(it));
  feed(sim.readings(5_000));
  const pieces: number[] = [];
  let right = 0;
  for (let turn = 0; turn < handlings; turn += 1) {
    const isPut = pieces.length < 21 || (sim.random() < 0.5 && pieces.length < 400);
    const count = 1 + Math.floor(sim.random() * 20);
    const moved = isPut
      ? Array.from({ length: count }, () => unitKg * (1 + 0.01 * gauss(sim.random)))
      : pieces.splice(0, count);
    if (isPut) pieces.push(...moved);
    const kg = moved.reduce((sum, it) => sum + it, 0);
    const events = [
      ...feed(sim.handle(isPut ? kg : -kg)),
      ...feed(sim.readings(8_000 + sim.random() * 8_000)),
      ...(sim.random() < 0.2 ? feed(sim.knock()) : []),
      ...feed(sim.readings(5_000)),
    ];
    const [event] = events;
    const isRight = event?.is === "moved" && event.pieces === (isPut ? count : -count);
    if (isRight && events.length === 1) right += 1;
  }
  return right;
}

/** What a shelf tells in so many hours in which nobody comes near it. */
export function idleEvents(seed: number, loadKg: number, hours: number): readonly ShelfEvent[] {
  const sim = new SimulatedShelf({ seed, divisionKg, everyMs: 1_000 });
  sim.add(loadKg);
  const shelf = shelfOf(0.005);
  const events: ShelfEvent[] = [];
  for (let second = 0; second < hours * 3_600; second += 1) events.push(...shelf.next(sim.read()));
  return events;
}
