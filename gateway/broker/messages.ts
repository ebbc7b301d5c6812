import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm } from "../alarms/alarm.ts";
import type { StockView } from "../panel/stock-api.ts";
import type { Movement } from "../stock/movement.ts";
import type { StockedKey } from "../stock/stocked.ts";
import { lotsOnTopicMax, tagsOnTopicMax } from "./limits.ts";

/** One retained message; an empty payload clears the topic. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** `rackwatch/<gateway>/points/<device>/<point>`: value, unit, quality, reason, time. */
export function pointMessage(gatewayId: string, sample: Sample, unit: string | undefined): Message {
  const { quality, sampledAt } = sample;
  return {
    topic: pointTopic(gatewayId, sample.point),
    payload: JSON.stringify({
      ...("value" in sample && { value: sample.value }),
      ...(unit !== undefined && { unit }),
      quality,
      ...("reason" in sample && sample.reason !== undefined && { reason: sample.reason }),
      sampledAt,
    }),
  };
}

export function pointTopic(gatewayId: string, point: PointKey): string {
  return `rackwatch/${gatewayId}/points/${point}`;
}

/** `rackwatch/<gateway>/alarms/<rule>`: the alarm as it stands, without what shows it. */
export function alarmMessage(gatewayId: string, alarm: Alarm): Message {
  const { outputs: _o, annunciate: _a, ...shown } = alarm;
  return { topic: alarmTopic(gatewayId, alarm.rule), payload: JSON.stringify(shown) };
}

export function alarmTopic(gatewayId: string, rule: string): string {
  return `rackwatch/${gatewayId}/alarms/${rule}`;
}

/** `rackwatch/<gateway>/stock/<location>/<item>`: the line as `GET /api/stock` has it; of many lots only their number. */
export function stockMessage(gatewayId: string, { lots, ...line }: StockView): Message {
  const told = lots.length > lotsOnTopicMax ? { lotsLeftOut: lots.length } : { lots };
  return {
    topic: stockTopic(gatewayId, `${line.location}/${line.item}`),
    payload: JSON.stringify({ ...line, ...told }),
  };
}

export function stockTopic(gatewayId: string, key: StockedKey): string {
  return `rackwatch/${gatewayId}/stock/${key}`;
}

/** `rackwatch/<gateway>/movements`: each movement once, as it became durable; of many tags only their number. */
export function movementMessage(gatewayId: string, movement: Movement): Message {
  const { tags, ...evidence } = movement.evidence;
  const told = tags === undefined || tags.length <= tagsOnTopicMax ? { tags } : {};
  const left = tags === undefined || "tags" in told ? {} : { tagsLeftOut: tags.length };
  return {
    topic: movementsTopic(gatewayId),
    payload: JSON.stringify({ ...movement, evidence: { ...evidence, ...told, ...left } }),
  };
}

/** Movements that nobody could be told in time: they are in the ledger all the same. */
export function leftOutMessage(gatewayId: string, leftOut: number): Message {
  return { topic: movementsTopic(gatewayId), payload: JSON.stringify({ leftOut }) };
}

function movementsTopic(gatewayId: string): string {
  return `rackwatch/${gatewayId}/movements`;
}

/** The newest sample of each point: MQTT carries the present state, the store carries the history. */
export function newestOfEach(samples: readonly Sample[]): readonly Sample[] {
  const newest = new Map<PointKey, Sample>();
  for (const sample of samples) {
    const seen = newest.get(sample.point);
    if (seen === undefined || seen.sampledAt <= sample.sampledAt) newest.set(sample.point, sample);
  }
  return [...newest.values()];
}
