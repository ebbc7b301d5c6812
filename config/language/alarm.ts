import type { Texts } from "./language.ts";

/** A limit or value with its unit as a person reads it. */
type Amount = string;

const en = {
  above: (point: string, limit: Amount) => `${point} is above ${limit}`,
  atOrAbove: (point: string, limit: Amount) => `${point} is at or above ${limit}`,
  below: (point: string, limit: Amount) => `${point} is below ${limit}`,
  atOrBelow: (point: string, limit: Amount) => `${point} is at or below ${limit}`,
  equal: (point: string, value: Amount) => `${point} is ${value}`,
  stale: (point: string, seconds: number) => `${point} has had no good value for ${seconds} s`,
  all: " and ",
  any: " or ",
  on: "on",
  off: "off",
  alreadyAcknowledged: (by: string) => `The alarm was already acknowledged by ${by}`,
  nothingToAcknowledge: "The alarm is over and acknowledged",
  occurrenceOver: "This alarm was followed by a later one of the same rule",
  acknowledgeLater: "Acknowledge the later one",
  alreadyActive: "The alarm is already active",
  notActive: "The alarm is not active",
  unknownAlarm: (alarm: string) => `There is no alarm ${alarm}`,
  reload: "Load the list of alarms again",
};

const zh: typeof en = {
  above: (point, limit) => `${point} 高于 ${limit}`,
  atOrAbove: (point, limit) => `${point} 达到或高于 ${limit}`,
  below: (point, limit) => `${point} 低于 ${limit}`,
  atOrBelow: (point, limit) => `${point} 达到或低于 ${limit}`,
  equal: (point, value) => `${point} 为 ${value}`,
  stale: (point, seconds) => `${point} 已有 ${seconds} 秒没有有效数值`,
  all: " 且 ",
  any: " 或 ",
  on: "开",
  off: "关",
  alreadyAcknowledged: (by) => `该报警已由 ${by} 确认`,
  nothingToAcknowledge: "该报警已结束且已确认",
  occurrenceOver: "同一规则之后又产生了新的报警",
  acknowledgeLater: "请确认新的报警",
  alreadyActive: "该报警已处于激活状态",
  notActive: "该报警未激活",
  unknownAlarm: (alarm) => `没有报警 ${alarm}`,
  reload: "请重新载入报警列表",
};

export const alarmText: Texts<typeof en> = { en, zh };
export type AlarmText = typeof en;
