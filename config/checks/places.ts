import { type Finding, finding } from "../problem.ts";
import type { Subject } from "./subject.ts";

/** No location lies within itself, not even by way of others. */
export function checkPlaces({ config }: Subject): readonly Finding[] {
  const parents = new Map(Object.entries(config.locations).map(([id, { within }]) => [id, within]));
  const settled = new Set<string>();
  return [...parents.keys()].flatMap((start) => {
    const chain = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !settled.has(at) && !chain.has(at)) {
      chain.add(at);
      at = parents.get(at);
    }
    for (const id of chain) settled.add(id);
    if (at === undefined || !chain.has(at)) return [];
    const circle = [...chain].slice([...chain].indexOf(at));
    const path = ["locations", at, "within"];
    return [finding("location/cycle", path, { chain: [...circle, at] })];
  });
}
