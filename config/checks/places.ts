import { type Finding, finding } from "../problem.ts";
import type { Subject } from "./subject.ts";

/** No location lies within itself, not even by way of others. */
export function checkPlaces({ config }: Subject): readonly Finding[] {
  const reported = new Set<string>();
  return Object.keys(config.locations).flatMap((start) => {
    const chain = [start];
    for (let at = parentOf(start); at !== undefined; at = parentOf(at)) {
      const again = chain.indexOf(at);
      if (again < 0) {
        chain.push(at);
        continue;
      }
      const circle = chain.slice(again);
      if (circle.some((id) => reported.has(id))) return [];
      for (const id of circle) reported.add(id);
      const params = { chain: [...circle, at] };
      return [finding("location/cycle", ["locations", at, "within"], params)];
    }
    return [];
  });

  function parentOf(id: string): string | undefined {
    return Object.hasOwn(config.locations, id) ? config.locations[id]?.within : undefined;
  }
}
