import type { LocationConfig } from "../../../config/schema/location.ts";
import type { PointKey, Sample } from "../../../drivers/contract.ts";
import { conversion } from "../../pipeline/unit.ts";
import type { Instant } from "../../rules/rule.ts";
import type { WeightReading } from "../weighing/weigh.ts";

/** Where a shelf's weight comes from, and how it is read. */
export interface WeightPoint {
  readonly location: string;
  readonly weight: PointKey;
  readonly celsius: PointKey | undefined;
  readonly toKg: (value: number) => number;
  /** The device says itself whether the load rests: a good weight is a stable one then. */
  readonly saysStable: boolean;
}

type Known = ReadonlyMap<PointKey, { readonly unit?: string }>;

/** The locations that stand on a scale. One whose unit is no mass has none: the configuration's check says so. */
export function weightPoints(
  locations: Readonly<Record<string, LocationConfig>>,
  points: Known,
): readonly WeightPoint[] {
  return Object.entries(locations).flatMap(([location, given]) => {
    const { weight, shelfTemperature, temperature = [] } = given;
    if (weight === undefined) return [];
    const toKg = conversion(points.get(weight)?.unit ?? "kg", "kg");
    if (toKg === undefined) return [];
    const [device = ""] = weight.split("/");
    return [
      {
        location,
        weight,
        celsius: shelfTemperature ?? temperature[0],
        toKg,
        saysStable: points.has(`${device}/stable`),
      },
    ];
  });
}

/** What a sample says of the weight; undefined: nothing, nobody can tell what is on the shelf. */
export function readingOf(
  { toKg, saysStable }: Pick<WeightPoint, "toKg" | "saysStable">,
  sample: Sample,
  { mono }: Pick<Instant, "mono">,
  celsius: number | undefined,
): WeightReading | undefined {
  if (sample.quality === "bad" || typeof sample.value !== "number") return undefined;
  const moves = sample.quality === "uncertain";
  const stable = moves ? false : saysStable ? true : undefined;
  return {
    kg: toKg(sample.value),
    at: sample.sampledAt,
    mono,
    ...(stable === undefined ? {} : { stable }),
    ...(celsius === undefined ? {} : { celsius }),
  };
}
