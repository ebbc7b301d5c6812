import type { PointDescription } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { keyPath, type PlacedRule } from "../rules-of.ts";
import type { LocationConfig } from "../schema/location.ts";
import { suggest } from "../suggest.ts";
import { conditionsOf, keyAt, type PlacedCondition } from "./conditions.ts";
import { gatewayDevice, healthPoints, type Subject } from "./subject.ts";

/** Every name that a rule, a location or a button uses exists. What rules name of each other is in `names.ts`. */
export function checkReferences(subject: Subject): readonly Finding[] {
  const { locations, buttons, annunciators } = subject.config;
  const names = namesOf(subject);
  return [
    ...conditionsOf(subject).flatMap((placed) => conditionFindings(placed, names)),
    ...subject.rules.flatMap((rule) => ruleFindings(rule, names)),
    ...Object.entries(locations).flatMap(([id, location]) =>
      placeFindings(location, ["locations", id], names),
    ),
    ...Object.entries(annunciators).flatMap(([id, { name: _, place: _place, ...outputs }]) =>
      Object.entries(outputs).flatMap(([key, output]) =>
        output === undefined ? [] : outputFindings(output, ["annunciators", id, key], names),
      ),
    ),
    ...(["acknowledge", "silence"] as const).flatMap((action) =>
      buttons[action].flatMap((key, index) =>
        buttonFindings(key, ["buttons", action, index], names),
      ),
    ),
  ];
}

/** A profile's rules look at the points of their location, which are checked there. */
function conditionFindings(placed: PlacedCondition, names: Names): readonly Finding[] {
  if (placed.rule.profile !== undefined) return [];
  return (["point", "minus", "dividedBy"] as const).flatMap((key) => {
    const point = placed.condition[key];
    return point === undefined ? [] : pointFindings(point, keyAt(placed, key), names);
  });
}

function ruleFindings(rule: PlacedRule, names: Names): readonly Finding[] {
  if (rule.profile !== undefined) return [];
  const { outputs, location } = rule.config;
  return [
    ...outputs.flatMap((output, index) =>
      outputFindings(output, [...keyPath(rule, "outputs"), index], names),
    ),
    ...locationFindings(location, keyPath(rule, "location"), names),
  ];
}

function placeFindings(location: LocationConfig, path: Path, names: Names): readonly Finding[] {
  const { points, within, temperature = [], humidity = [], gate } = location;
  const { door, mains, weight, shelfTemperature, tags } = location;
  const single = Object.entries({ door, mains, weight, shelfTemperature, tags }).flatMap(
    ([key, point]) => (point === undefined ? [] : pointFindings(point, [...path, key], names)),
  );
  return [
    ...Object.entries({ points, temperature, humidity }).flatMap(([key, keys]) =>
      keys.flatMap((point, index) => {
        const isOne = key !== "points" && keys.length === 1;
        return pointFindings(point, [...path, key, ...(isOne ? [] : [index])], names);
      }),
    ),
    ...single,
    ...locationFindings(within, [...path, "within"], names),
    ...(gate === undefined ? [] : gateFindings(gate, [...path, "gate"], names)),
  ];
}

type Gate = NonNullable<LocationConfig["gate"]>;

function gateFindings(gate: Gate, path: Path, names: Names): readonly Finding[] {
  return [
    ...pointFindings(gate.inside, [...path, "inside"], names),
    ...pointFindings(gate.outside, [...path, "outside"], names),
    ...locationFindings(gate.into, [...path, "into"], names),
    ...locationFindings(gate.from, [...path, "from"], names),
  ];
}

interface Names {
  readonly keys: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Points that can be a push-button. */
  readonly switches: ReadonlySet<string>;
  /** Points of each device, also of devices that have errors: those have none. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
  readonly locations: ReadonlySet<string>;
}

/** A switch that holds a level: a number is no lamp, and a command such as a scale's tare no state. */
function isOutput({ access, kind, isCommand }: PointDescription): boolean {
  return access !== "read" && kind === "boolean" && isCommand !== true;
}

function namesOf(subject: Subject): Names {
  const points = [...subject.points.values()];
  const devices = new Map<string, string[]>(subject.devices.map(({ id }) => [id, []]));
  for (const { key } of points) devices.get(deviceOf(key))?.push(pointOf(key));
  devices.set(gatewayDevice, [...healthPoints(subject)]);
  return {
    keys: new Set(points.map(({ key }) => key)),
    outputs: new Set(points.filter(isOutput).map(({ key }) => key)),
    switches: new Set(
      points.flatMap(({ key, kind, access }) =>
        kind === "boolean" && access !== "write" ? [key] : [],
      ),
    ),
    devices,
    locations: new Set(subject.locations),
  };
}

function deviceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf("/")));
}

function pointOf(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

function pointFindings(key: string, path: Path, names: Names): readonly Finding[] {
  if (names.keys.has(key)) return [];
  const device = deviceOf(key);
  if (device === "") {
    const [first] = names.devices.get(key) ?? [];
    const suggestion = first === undefined ? suggest(key, [...names.keys]) : `${key}/${first}`;
    return [finding("reference/form", path, { got: key, suggestion })];
  }
  const points = names.devices.get(device);
  if (points === undefined) {
    const suggestion = suggest(device, [...names.devices.keys()]);
    return [finding("reference/device", path, { device, suggestion })];
  }
  const point = pointOf(key);
  // A device without any known point has an error of its own, which is reported where it stands.
  if (points.length === 0 || points.includes(point)) return [];
  const params = { device, point, suggestion: suggest(point, points), known: points };
  return [finding("reference/point", path, params)];
}

function outputFindings(key: string, path: Path, names: Names): readonly Finding[] {
  if (!names.keys.has(key)) return pointFindings(key, path, names);
  if (names.outputs.has(key)) return [];
  return [finding("reference/output", path, { key, known: [...names.outputs] })];
}

function buttonFindings(key: string, path: Path, names: Names): readonly Finding[] {
  if (!names.keys.has(key)) return pointFindings(key, path, names);
  if (names.switches.has(key)) return [];
  return [finding("reference/button", path, { key, known: [...names.switches] })];
}

function locationFindings(
  got: string | undefined,
  path: Path,
  { locations }: Names,
): readonly Finding[] {
  if (got === undefined || locations.has(got)) return [];
  return [finding("reference/location", path, { got, suggestion: suggest(got, [...locations]) })];
}
