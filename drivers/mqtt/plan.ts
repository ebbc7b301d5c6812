import type { PointKey } from "../contract.ts";
import type { Decodable } from "./decode.ts";
import { type PathStep, parsePath } from "./json-path.ts";
import {
  type MqttChannel,
  type MqttDevice,
  type MqttPoint,
  staleAfterMsDefault,
} from "./schema.ts";
import { fillTopic } from "./topic.ts";

/** A point that is read. */
export interface PlannedPoint extends Decodable {
  readonly key: PointKey;
  readonly device: string;
  readonly takesRetained: boolean;
  readonly timeSteps: readonly PathStep[] | undefined;
  /** Silence after which the point is bad; undefined where it speaks when it likes. */
  readonly silentAfterMs: number | undefined;
}

export interface PlannedAvailability {
  readonly device: string;
  readonly steps: readonly PathStep[] | undefined;
  readonly online: string;
  readonly offline: string;
}

/** What a message on one topic is about. */
export interface Route {
  readonly points: readonly PlannedPoint[];
  readonly availabilities: readonly PlannedAvailability[];
}

/** One Sparkplug edge node with the points that hang on it. */
export interface PlannedNode {
  readonly group: string;
  readonly node: string;
  /** By device (`""` is the node itself), then by metric. */
  readonly points: ReadonlyMap<string, ReadonlyMap<string, readonly PlannedPoint[]>>;
}

export interface WriteTarget {
  readonly key: PointKey;
  readonly device: string;
  readonly topic: string;
  readonly payload: string;
  readonly on: string;
  readonly off: string;
}

export interface Plan {
  readonly points: readonly PlannedPoint[];
  readonly routes: ReadonlyMap<string, Route>;
  readonly nodes: readonly PlannedNode[];
  readonly targets: ReadonlyMap<PointKey, WriteTarget>;
}

/** The channel's devices, turned round: from topics to points. */
export function plan(channel: Pick<MqttChannel, "devices">): Plan {
  const devices = Object.entries(channel.devices);
  const planned = devices.flatMap(([id, device]) =>
    Object.entries(device.points)
      .filter(([, { access }]) => access !== "write")
      .map(([name, point]) => ({ name, device, point, read: pointOf(id, name, device, point) })),
  );
  const targets = devices.flatMap(([id, device]) => targetsOf(id, device));
  return {
    points: planned.map(({ read }) => read),
    routes: routesOf(devices, planned),
    nodes: nodesOf(planned),
    targets: new Map(targets.map((target) => [target.key, target])),
  };
}

/** Silence in milliseconds after which a point is bad. */
export function silentAfterMs(
  device: Pick<MqttDevice, "staleAfter">,
  point: Pick<MqttPoint, "kind" | "staleAfter">,
): number | undefined {
  const byKind = point.kind === "number" ? staleAfterMsDefault : undefined;
  return point.staleAfter ?? device.staleAfter ?? byKind;
}

/** Topics to subscribe to. */
export function filtersOf({ routes, nodes }: Pick<Plan, "routes" | "nodes">): readonly string[] {
  const ofNodes = nodes.map(({ group, node }) => `spBv1.0/${group}/+/${node}/#`);
  return [...routes.keys(), ...ofNodes];
}

interface Planned {
  readonly name: string;
  readonly device: MqttDevice;
  readonly point: MqttPoint;
  readonly read: PlannedPoint;
}

function pointOf(id: string, name: string, device: MqttDevice, point: MqttPoint): PlannedPoint {
  return {
    ...point,
    key: `${id}/${name}`,
    device: id,
    steps: stepsOf(point.path),
    timeSteps: stepsOf(point.timestamp),
    takesRetained: point.retained === "accept",
    silentAfterMs: silentAfterMs(device, point),
  };
}

function stepsOf(path: string | undefined): readonly PathStep[] | undefined {
  if (path === undefined) return undefined;
  const steps = parsePath(path);
  if (typeof steps === "string") throw new Error(`path ${path}: the check let it pass`);
  return steps;
}

function routesOf(
  devices: readonly (readonly [string, MqttDevice])[],
  planned: readonly Planned[],
): ReadonlyMap<string, Route> {
  const routes = new Map<
    string,
    { points: PlannedPoint[]; availabilities: PlannedAvailability[] }
  >();
  const at = (topic: string) => {
    const route = routes.get(topic) ?? { points: [], availabilities: [] };
    routes.set(topic, route);
    return route;
  };
  for (const { device, point, read } of planned) {
    if (device.sparkplug !== undefined) continue;
    at(fillTopic(point.topic ?? "{topic}", device.topic)).points.push(read);
  }
  for (const [id, { availability, topic }] of devices) {
    if (availability === undefined) continue;
    const { path, online, offline } = availability;
    const planned = { device: id, steps: stepsOf(path), online, offline };
    at(fillTopic(availability.topic, topic)).availabilities.push(planned);
  }
  return routes;
}

function nodesOf(planned: readonly Planned[]): readonly PlannedNode[] {
  const nodes = new Map<
    string,
    { group: string; node: string; points: Map<string, Map<string, PlannedPoint[]>> }
  >();
  for (const { name, device, point, read } of planned) {
    if (device.sparkplug === undefined) continue;
    const { group, node, device: behind = "" } = device.sparkplug;
    const found = nodes.get(`${group}/${node}`) ?? { group, node, points: new Map() };
    nodes.set(`${group}/${node}`, found);
    const metrics = found.points.get(behind) ?? new Map<string, PlannedPoint[]>();
    found.points.set(behind, metrics);
    const metric = point.metric ?? name;
    metrics.set(metric, [...(metrics.get(metric) ?? []), read]);
  }
  return [...nodes.values()];
}

function targetsOf(id: string, device: MqttDevice): readonly WriteTarget[] {
  return Object.entries(device.points).flatMap(([name, { command, access }]) => {
    if (command === undefined || access === "read") return [];
    const topic = fillTopic(command.topic, device.topic);
    return [{ ...command, key: `${id}/${name}` as const, device: id, topic }];
  });
}
