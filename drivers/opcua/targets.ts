import type { PointKey } from "../contract.ts";
import { type FieldStep, parseFieldPath } from "./field-path.ts";
import {
  type NodeReference,
  type Place,
  parseNodeReference,
  parseQualifiedText,
  placeOf,
  type QualifiedText,
} from "./node-reference.ts";
import { kindOf, type OpcUaChannel, type OpcUaDevice, type OpcUaPoint } from "./schema.ts";
import type { Wanted } from "./value.ts";

/** One point as the session works with it. */
export interface Target {
  readonly key: PointKey;
  readonly point: OpcUaPoint;
  readonly place: Place;
  readonly wanted: Wanted;
  readonly mode: "subscribe" | "poll";
  readonly everyMs: number;
  readonly samplingMs: number;
  readonly queue: number;
  readonly event: EventSource | undefined;
}

export interface EventSource {
  readonly type: Place;
  /** Name of the event's field that is asked for. */
  readonly field: QualifiedText;
}

/** All points of a channel. Its schema has checked every reference. */
export function targetsOf(channel: OpcUaChannel): readonly Target[] {
  return Object.entries(channel.devices).flatMap(([id, device]) => {
    const root = device.root === undefined ? undefined : reference(device.root, channel);
    return Object.entries(device.points).map(([name, point]) => ({
      key: `${id}/${name}` as const,
      point,
      place: placeOf(reference(point.node, channel), root),
      wanted: wantedOf(point),
      mode: modeOf(channel, device, point),
      everyMs: point.every ?? device.every,
      samplingMs: point.sampling ?? device.sampling,
      queue: point.queue ?? device.queue,
      event: eventOf(point, channel),
    }));
  });
}

export function modeOf(
  channel: Pick<OpcUaChannel, "mode">,
  device: Pick<OpcUaDevice, "mode">,
  point: OpcUaPoint,
): "subscribe" | "poll" {
  if (point.event !== undefined) return "subscribe";
  return point.mode ?? device.mode ?? channel.mode;
}

function wantedOf(point: OpcUaPoint): Wanted {
  const steps = fieldOf(point);
  return {
    kind: kindOf(point),
    enum: point.enum,
    field: point.event === undefined ? steps : steps.slice(1),
  };
}

function fieldOf(point: OpcUaPoint): readonly FieldStep[] {
  return point.field === undefined ? [] : (parseFieldPath(point.field) ?? []);
}

function eventOf(point: OpcUaPoint, channel: OpcUaChannel): EventSource | undefined {
  if (point.event === undefined) return undefined;
  const first = fieldOf(point)[0];
  const field = parseQualifiedText(first?.kind === "field" ? first.name : "", channel.namespaces);
  if (typeof field === "string") throw new Error(`${field}: the check let it pass`);
  return { type: placeOf(reference(point.event, channel), undefined), field };
}

function reference(text: string, { namespaces }: OpcUaChannel): NodeReference {
  const parsed = parseNodeReference(text, namespaces);
  if (typeof parsed === "string") throw new Error(`${parsed}: the check let "${text}" pass`);
  return parsed;
}
