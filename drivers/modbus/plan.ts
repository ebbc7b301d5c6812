import type { PointKey } from "../contract.ts";
import {
  bitsMaxLimit,
  type ModbusChannel,
  type ModbusDevice,
  type ModbusPoint,
  type Order,
  widthOf,
} from "./schema.ts";

export type Table = ModbusPoint["table"];

/** Where one point lies on the wire. */
export interface PointPlace {
  readonly key: PointKey;
  readonly point: ModbusPoint;
  readonly unitId: number;
  /** Counted from 0, as sent. */
  readonly address: number;
  /** Registers, or bits. */
  readonly width: number;
  readonly order: Order;
}

/** One read on the wire and the points that its answer holds, in the order of their addresses. */
export interface ReadRequest {
  readonly unitId: number;
  readonly table: Table;
  readonly address: number;
  readonly count: number;
  readonly places: readonly PointPlace[];
}

/** What is read together, in one turn, once in a period. */
export interface ReadGroup {
  readonly unitId: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly request: ReadRequest;
}

interface Limits {
  readonly gap: number;
  readonly countMax: number;
}

/** The fewest reads that fetch every readable point of a channel at its period. */
export function plan(channel: ModbusChannel): readonly ReadGroup[] {
  return Object.entries(channel.devices).flatMap(([id, device]) => {
    const readable = placesOf(id, device).filter(({ point }) => point.access !== "write");
    const everyMs = (place: PointPlace) => place.point.every ?? device.every;
    const batches = Map.groupBy(readable, (place) => `${place.point.table} ${everyMs(place)}`);
    return [...batches.values()].flatMap((batch) => {
      const [first] = batch;
      if (first === undefined) return [];
      return merge(batch, limitsOf(channel, device, first.point.table)).map((request) => ({
        unitId: device.unitId,
        everyMs: everyMs(first),
        timeoutMs: device.timeout ?? channel.timeout,
        request,
      }));
    });
  });
}

/** Every point of a device with its place on the wire. */
export function placesOf(deviceId: string, device: ModbusDevice): readonly PointPlace[] {
  return Object.entries(device.points).map(([name, point]) => {
    const width = widthOf(point);
    return {
      key: `${deviceId}/${name}`,
      point,
      unitId: device.unitId,
      address: point.address - device.addressBase,
      width,
      // One register is big-endian by the protocol; only a point that says otherwise itself is believed.
      order: point.order ?? (width === 1 ? "ABCD" : device.byteOrder),
    };
  });
}

/** The same points without registers in between that nobody asked for; undefined when there are none. */
export function withoutGaps(request: ReadRequest): readonly ReadRequest[] | undefined {
  const parts = merge(request.places, { gap: 0, countMax: request.count });
  return parts.length > 1 ? parts : undefined;
}

/** Left to right, each request as long as gap and maximum allow: no other cut needs fewer. */
function merge(places: readonly PointPlace[], limits: Limits): readonly ReadRequest[] {
  const sorted = places.toSorted((a, b) => a.address - b.address || a.width - b.width);
  const blocks: { places: PointPlace[]; from: number; to: number }[] = [];
  for (const place of sorted) {
    const block = blocks.at(-1);
    const to = place.address + place.width;
    const isNear = block !== undefined && place.address - block.to <= limits.gap;
    if (isNear && Math.max(block.to, to) - block.from <= limits.countMax) {
      block.places.push(place);
      block.to = Math.max(block.to, to);
    } else blocks.push({ places: [place], from: place.address, to });
  }
  return blocks.flatMap(({ places: inside, from, to }) => {
    const [first] = inside;
    if (first === undefined) return [];
    const { unitId, point } = first;
    return [{ unitId, table: point.table, address: from, count: to - from, places: inside }];
  });
}

function limitsOf(channel: ModbusChannel, device: ModbusDevice, table: Table): Limits {
  const gap = device.gap ?? channel.gap;
  const registersMax = device.registersMax ?? channel.registersMax;
  if (table === "input" || table === "holding") return { gap, countMax: registersMax };
  return { gap: gap * 16, countMax: Math.min(registersMax * 16, bitsMaxLimit) };
}
