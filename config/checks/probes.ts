import type { PointKey } from "../../drivers/contract.ts";
import { formatDuration } from "../../drivers/quantity.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { LocationConfig } from "../schema/location.ts";
import type { Profile } from "../schema/profile.ts";
import { settingsPath } from "./settings.ts";
import type { Subject } from "./subject.ts";

const dayMs = 86_400_000;
/** A calibration without a date of its own lasts a year. */
const calibrationDaysDefault = 365;

export interface Watched {
  readonly id: string;
  readonly location: LocationConfig;
  readonly profile: Profile;
}

/** Locations with a storage profile that is right in itself. */
export function watchedLocations({ config }: Pick<Subject, "config">): readonly Watched[] {
  return Object.entries(config.locations).flatMap(([id, location]) => {
    const profile = config.profiles[location.profile ?? ""];
    return profile === undefined ? [] : [{ id, location, profile }];
  });
}

interface Probe {
  readonly point: PointKey;
  readonly quantity: "temperature" | "humidity";
  readonly path: Path;
}

/** The probes that a location's profile watches. */
function probesOf({ id, location }: Watched): readonly Probe[] {
  return (["temperature", "humidity"] as const).flatMap((quantity) =>
    (location[quantity] ?? []).map((point, index, { length }) => ({
      ...{ point, quantity },
      path: ["locations", id, quantity, ...(length === 1 ? [] : [index])],
    })),
  );
}

/** There are enough probes, of the right kind, read often enough and calibrated. */
export function checkProbes(subject: Subject): readonly Finding[] {
  const watched = watchedLocations(subject);
  return [
    ...watched.flatMap((where) => [
      ...missing(where),
      ...probesOf(where).flatMap((probe) => [
        ...unitFindings(probe, subject),
        ...refreshFindings(probe, where, subject),
        ...calibratedFindings(probe, where, subject),
      ]),
      ...countFindings(where),
    ]),
    ...dueFindings(subject),
  ];
}

function missing({ id, location, profile }: Watched): readonly Finding[] {
  return (["temperature", "humidity"] as const).flatMap((quantity) => {
    if (Object.keys(profile[quantity]).length === 0 || location[quantity] !== undefined) return [];
    const params = { profile: profile.profile, quantity };
    const severity = quantity === "temperature" ? "error" : "warning";
    return [finding("profile/no-probe", ["locations", id, "profile"], params, { severity })];
  });
}

function unitFindings({ point, quantity, path }: Probe, subject: Subject): readonly Finding[] {
  const { convertTo, unit } = subject.settings.get(point) ?? {};
  const has = convertTo ?? unit ?? subject.points.get(point)?.unit;
  const wants = quantity === "temperature" ? "Cel" : "%";
  if (has === undefined || has.startsWith(wants)) return [];
  return [finding("profile/unit", path, { point, unit: has, wants })];
}

function refreshFindings(
  { point, path }: Probe,
  { profile }: Watched,
  { points }: Subject,
): readonly Finding[] {
  const most = profile.duties.refreshWithin;
  const every = points.get(point)?.everyMs;
  if (most === undefined || every === undefined || every <= most) return [];
  const params = { point, every: formatDuration(every), most: formatDuration(most) };
  return [finding("duty/refresh", path, { ...params, profile: profile.profile })];
}

function calibratedFindings(
  { point, path }: Probe,
  { profile }: Watched,
  { points, settings }: Subject,
): readonly Finding[] {
  if (profile.duties.calibrateEvery === undefined || !points.has(point)) return [];
  if (settings.get(point)?.calibrated !== undefined) return [];
  const params = { profile: profile.profile, point };
  return [finding("duty/calibrated", path, params, { severity: "warning" })];
}

function dueFindings(subject: Subject): readonly Finding[] {
  return [...subject.settings].flatMap(([point, { calibrated }]) => {
    if (calibrated === undefined) return [];
    const last = Date.parse(calibrated.on) + calibrationDaysDefault * dayMs;
    const due = calibrated.due ?? new Date(last).toISOString().slice(0, 10);
    // Due on the day itself; it is over when that day is, anywhere on earth half a day later.
    if (Date.parse(due) + 1.5 * dayMs > subject.now) return [];
    const path = [...settingsPath(point, subject), "calibrated"];
    return [finding("duty/calibration-due", path, { point, due }, { severity: "warning" })];
  });
}

const squareMetresPerProbe = { flat: 300, cold: 100 } as const;

/** GSP's least number of probes: two, and one more for each further stretch of area. */
export function probesLeast(kind: keyof typeof squareMetresPerProbe, area: number): number {
  const stretch = squareMetresPerProbe[kind];
  return 2 + Math.max(0, Math.ceil((area - stretch) / stretch));
}

function countFindings({ id, location, profile }: Watched): readonly Finding[] {
  const { area, temperature = [] } = location;
  const kind = profile.duties.probesByArea;
  if (area === undefined || kind === undefined) return [];
  const least = probesLeast(kind, area);
  const count = new Set(temperature).size;
  if (count >= least) return [];
  const params = { profile: profile.profile, count, least, area };
  return [finding("duty/probes", ["locations", id, "area"], params, { severity: "warning" })];
}
