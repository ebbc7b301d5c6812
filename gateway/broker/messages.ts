import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm } from "../alarms/alarm.ts";

/** One retained message; an empty payload clears the topic. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** `rackwatch/<gateway>/points/<device>/<point>`: value, unit, quality, reason, time. */
export function pointMessage(gatewayId: string, sample: Sample, unit: string | undefined): Message {
  const { quality, sampledAt } = sample;
  return {
    topic: `rackwatch/${gatewayId}/points/${sample.point}`,
    payload: JSON.stringify({
      ...("value" in sample && { value: sample.value }),
      ...(unit !== undefined && { unit }),
      quality,
      ...("reason" in sample && sample.reason !== undefined && { reason: sample.reason }),
      sampledAt,
    }),
  };
}

/** `rackwatch/<gateway>/alarms/<rule>`: the alarm as it stands, without what shows it. */
export function alarmMessage(gatewayId: string, alarm: Alarm): Message {
  const { outputs: _o, annunciate: _a, ...shown } = alarm;
  return { topic: alarmTopic(gatewayId, alarm.rule), payload: JSON.stringify(shown) };
}

export function alarmTopic(gatewayId: string, rule: string): string {
  return `rackwatch/${gatewayId}/alarms/${rule}`;
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
