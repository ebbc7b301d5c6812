import type { PointKey } from "../../drivers/contract.ts";
import { formatMass } from "../../drivers/quantity.ts";
import type { PlaceKey } from "../language/check-stock.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { LocationConfig } from "../schema/location.ts";
import type { Subject } from "./subject.ts";

/** Scales, readers and gates of locations are what they must be, and none watches two places. */
export function checkShelves(subject: Subject): readonly Finding[] {
  const watched = new Map<PointKey, string>();
  return Object.entries(subject.config.locations).flatMap(([id, location]) => {
    const path = ["locations", id];
    return [
      ...kindFindings(location, path, subject),
      ...unitFindings(location, [...path, "weight"], subject),
      ...sharedFindings(id, location, watched, subject),
      ...weightFindings(location, path),
      ...gateFindings(location, path),
    ];
  });
}

function kindFindings(
  { weight, shelfTemperature, tags, gate }: LocationConfig,
  path: Path,
  { points }: Subject,
): readonly Finding[] {
  const wants = [
    ["weight", weight, "number", ["weight"]],
    ["shelfTemperature", shelfTemperature, "number", ["shelfTemperature"]],
    ["tags", tags, "text", ["tags"]],
    ["inside", gate?.inside, "text", ["gate", "inside"]],
    ["outside", gate?.outside, "text", ["gate", "outside"]],
  ] as const satisfies readonly (readonly [PlaceKey, PointKey | undefined, string, Path])[];
  return wants.flatMap(([key, point, wanted, at]) => {
    const kind = point === undefined ? undefined : points.get(point)?.kind;
    if (point === undefined || kind === undefined || kind === wanted) return [];
    return [finding("location/point-kind", [...path, ...at], { key, point })];
  });
}

/** What stock is weighed in. */
const massUnits: readonly string[] = ["kg", "g"];

function unitFindings(
  { weight: point }: LocationConfig,
  path: Path,
  { points, settings, canConvert }: Subject,
): readonly Finding[] {
  const described = point === undefined ? undefined : points.get(point);
  if (point === undefined || described?.kind !== "number") return [];
  const { convertTo, unit: given } = settings.get(point) ?? {};
  const unit = convertTo ?? given ?? described.unit ?? "";
  if (massUnits.includes(unit)) return [];
  const from = given ?? described.unit ?? "";
  const convertible = canConvert?.(from, "kg") ?? true;
  return [finding("location/weight-unit", path, { point, unit, convertible })];
}

function sharedFindings(
  id: string,
  { weight, tags }: LocationConfig,
  watched: Map<PointKey, string>,
  { lineOf }: Subject,
): readonly Finding[] {
  return Object.entries({ weight, tags }).flatMap(([key, point]) => {
    const other = point === undefined ? undefined : watched.get(point);
    if (point === undefined) return [];
    if (other === undefined) {
      watched.set(point, id);
      return [];
    }
    const params = { point, other: `locations.${other}`, line: lineOf(["locations", other, key]) };
    return [finding("location/point-shared", ["locations", id, key], params)];
  });
}

function weightFindings(location: LocationConfig, path: Path): readonly Finding[] {
  const { weight, tare, capacity, division, shelfTemperature, mixed } = location;
  if (tare !== undefined && capacity !== undefined && tare > capacity) {
    const params = { tare: formatMass(tare), capacity: formatMass(capacity) };
    return [finding("location/tare-capacity", [...path, "tare"], params)];
  }
  if (weight !== undefined) return [];
  const ofScales = { tare, capacity, division, shelfTemperature, mixed: mixed ? mixed : undefined };
  return Object.entries(ofScales).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [
          finding(
            "location/needs-weight",
            [...path, key],
            { key },
            { at: "key", severity: "warning" },
          ),
        ],
  );
}

function gateFindings({ kind, gate }: LocationConfig, path: Path): readonly Finding[] {
  if (gate === undefined) return [];
  const at = [...path, "gate"];
  const same = (["outside", "from"] as const).flatMap((other) => {
    const key = other === "outside" ? "inside" : "into";
    if (gate[other] !== gate[key]) return [];
    return [finding("location/gate-same", [...at, other], { key, other })];
  });
  if (kind === "gate") return same;
  return [finding("location/gate-kind", at, { kind }, { at: "key" }), ...same];
}
