import { packIntegers, unpackIntegers } from "./packed.ts";

/** Places of the rows that thinning left, as the database holds them: how many, and packed distances, the first from -1. */
export function packKept(kept: readonly number[]): string {
  const steps = kept.map((place, index) => place - (kept[index - 1] ?? -1));
  return `${kept.length} ${packIntegers(steps)}`;
}

/** @throws RackwatchError `store/corrupt`. */
export function unpackKept(text: string): number[] {
  const space = text.indexOf(" ");
  let place = -1;
  return Array.from(unpackIntegers(text.slice(space + 1), Number(text.slice(0, space))), (step) => {
    place += step;
    return place;
  });
}
