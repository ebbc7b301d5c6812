import { type Finding, finding, type Path } from "../problem.ts";
import { suggest } from "../suggest.ts";
import { conditionsOf } from "./conditions.ts";
import { gatewayDevice, healthPoints, type Subject } from "./subject.ts";

/** Every name that a rule or a location uses exists. */
export function checkReferences(subject: Subject): readonly Finding[] {
  const { rules, locations } = subject.config;
  return [
    ...conditionsOf(subject.config).flatMap(({ condition, path }) =>
      condition.point === undefined
        ? []
        : pointFindings(condition.point, [...path, "point"], subject),
    ),
    ...Object.entries(rules).flatMap(([rule, { outputs, location }]) => [
      ...outputs.flatMap((output, index) =>
        outputFindings(output, ["rules", rule, "outputs", index], subject),
      ),
      ...locationFindings(location, ["rules", rule, "location"], subject),
    ]),
    ...Object.entries(locations).flatMap(([id, { points, within }]) => [
      ...points.flatMap((point, index) =>
        pointFindings(point, ["locations", id, "points", index], subject),
      ),
      ...locationFindings(within, ["locations", id, "within"], subject),
    ]),
  ];
}

function pointFindings(key: string, path: Path, subject: Subject): readonly Finding[] {
  const known = [...subject.points.keys()];
  if (known.some((it) => it === key)) return [];
  const slash = key.indexOf("/");
  if (slash < 1) {
    const suggestion = known.filter((it) => it.startsWith(`${key}/`))[0] ?? suggest(key, known);
    return [finding("reference/form", path, { got: key, suggestion })];
  }
  const device = key.slice(0, slash);
  const point = key.slice(slash + 1);
  const ids = subject.devices.map(({ id }) => id);
  if (device !== gatewayDevice && !ids.includes(device)) {
    return [finding("reference/device", path, { device, suggestion: suggest(device, ids) })];
  }
  const points =
    device === gatewayDevice
      ? healthPoints(subject.config)
      : known.filter((it) => it.startsWith(`${device}/`)).map((it) => it.slice(slash + 1));
  // A device without any known point has an error of its own, which is reported where it stands.
  if (points.length === 0 || points.includes(point)) return [];
  const params = { device, point, suggestion: suggest(point, points), known: points };
  return [finding("reference/point", path, params)];
}

function outputFindings(key: string, path: Path, subject: Subject): readonly Finding[] {
  const description = [...subject.points.values()].find((it) => it.key === key);
  if (description === undefined) return pointFindings(key, path, subject);
  if (description.access !== "read") return [];
  const known = [...subject.points.values()]
    .filter(({ access }) => access !== "read")
    .map((it) => it.key);
  return [finding("reference/output", path, { key, known })];
}

function locationFindings(
  got: string | undefined,
  path: Path,
  { locations }: Subject,
): readonly Finding[] {
  if (got === undefined || locations.includes(got)) return [];
  return [finding("reference/location", path, { got, suggestion: suggest(got, locations) })];
}
