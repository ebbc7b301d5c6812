import type { Config } from "../../config/schema/config.ts";
import type { ProfileLimit } from "../../config/schema/profile.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { PointSettings } from "../../drivers/point-settings.ts";
import { calibrationId } from "../cold-chain/calibration.ts";
import type { RecordSettings } from "./record-book.ts";

/** Where a profile does not say: GSP appendix 3, article 5, for a store. */
const recordEveryMsDefault = 1_800_000;
const recordEveryOutsideMsDefault = 120_000;

/** GSP article 42; a profile may ask for more or, where its rule book does, for less. */
const keepForMsDefault = 5 * 366 * 86_400_000;

/** A point as the point book has it. */
interface KnownPoint {
  readonly everyMs?: number | undefined;
  readonly settings: Pick<PointSettings, "calibrated">;
}

/** What is regulated: the points of the locations that have a profile, with what the profile asks of their record. */
export function recordSettings(
  { locations, profiles }: Pick<Config, "locations" | "profiles">,
  points: ReadonlyMap<PointKey, KnownPoint>,
): ReadonlyMap<PointKey, RecordSettings> {
  const found = new Map<PointKey, RecordSettings>();
  for (const [location, { profile: name, temperature = [], humidity = [] }] of Object.entries(
    locations,
  )) {
    const profile = name === undefined ? undefined : profiles[name];
    if (profile === undefined) continue;
    const { recordEvery, recordEveryOutside } = profile.duties;
    const watch = (watched: readonly PointKey[], limits: readonly ProfileLimit[]) => {
      for (const point of watched) {
        const known = points.get(point);
        const calibrated = known?.settings.calibrated;
        found.set(point, {
          everyMs: recordEvery ?? recordEveryMsDefault,
          everyOutsideMs: recordEveryOutside ?? recordEveryOutsideMsDefault,
          readEveryMs: known?.everyMs,
          isOutside: (value) => limits.some((limit) => limit.excursion && isBeyond(limit, value)),
          location,
          ...(calibrated !== undefined && { calibration: calibrationId(calibrated) }),
        });
      }
    };
    watch(temperature, Object.values(profile.temperature));
    watch(humidity, Object.values(profile.humidity));
  }
  return found;
}

/**
 * How long each point's records are kept: the longest time that a profile of one of its locations asks for. Points
 * that no location names any more are kept as long as any.
 */
export function recordsKeptForMs({
  locations,
  profiles,
}: Pick<Config, "locations" | "profiles">): (point: PointKey) => number {
  const longest = new Map<PointKey, number>();
  for (const { profile, temperature = [], humidity = [] } of Object.values(locations)) {
    if (profile === undefined) continue;
    const keepForMs = profiles[profile]?.duties.keepFor ?? keepForMsDefault;
    for (const point of [...temperature, ...humidity]) {
      longest.set(point, Math.max(keepForMs, longest.get(point) ?? 0));
    }
  }
  const most = Math.max(keepForMsDefault, ...longest.values());
  return (point) => longest.get(point) ?? most;
}

function isBeyond({ above, atOrAbove, below, atOrBelow }: ProfileLimit, value: number): boolean {
  return (
    (above !== undefined && value > above) ||
    (atOrAbove !== undefined && value >= atOrAbove) ||
    (below !== undefined && value < below) ||
    (atOrBelow !== undefined && value <= atOrBelow)
  );
}
