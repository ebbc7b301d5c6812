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
  frozen: (point: string, time: string) => `${point} has not changed for ${time}`,
  fault: (point: string) => `${point}: the sensor delivers no valid value`,
  rising: (point: string, rate: Amount) => `${point} rises by more than ${rate} an hour`,
  falling: (point: string, rate: Amount) => `${point} falls by more than ${rate} an hour`,
  willReach: (point: string, limit: Amount, time: string) =>
    `${point} will reach ${limit} within ${time}`,
  risen: (point: string, change: Amount, time: string) =>
    `${point} rose by more than ${change} within ${time}`,
  fallen: (point: string, change: Amount, time: string) =>
    `${point} fell by more than ${change} within ${time}`,
  during: (schedule: string) => `it is in the hours of ${schedule}`,
  not: (condition: string) => `not (${condition})`,
  total: (condition: string, time: string) => `${condition}, ${time} in total`,
  totalWithin: (condition: string, time: string, window: string) =>
    `${condition}, ${time} in total within ${window}`,
  minus: (point: string, other: string) => `${point} minus ${other}`,
  dividedBy: (point: string, other: string) => `${point} divided by ${other}`,
  all: " and ",
  any: " or ",
  on: "on",
  off: "off",
  alreadyAcknowledged: (by: string) => `The alarm was already acknowledged by ${by}`,
  occurrenceOver: "This alarm was followed by a later one of the same rule",
  acknowledgeLater: "Acknowledge the later one",
  unknownAlarm: (alarm: string) => `There is no alarm ${alarm}`,
  reload: "Load the list of alarms again",
  reasonRequired: "This alarm wants to be told why",
  sayReason: "Say what was found or done",
  shelfTooLong: (minutes: number) => `This alarm can be shelved for ${minutes} min at most`,
  shelfTooShort: "A shelf must last for at least a second",
  shelveShorter: "Choose a shorter time",
  shelveLonger: "Choose a longer time",
};

const zh: typeof en = {
  above: (point, limit) => `${point} 高于 ${limit}`,
  atOrAbove: (point, limit) => `${point} 达到或高于 ${limit}`,
  below: (point, limit) => `${point} 低于 ${limit}`,
  atOrBelow: (point, limit) => `${point} 达到或低于 ${limit}`,
  equal: (point, value) => `${point} 为 ${value}`,
  stale: (point, seconds) => `${point} 已有 ${seconds} 秒没有有效数值`,
  frozen: (point, time) => `${point} 已有 ${time} 没有变化`,
  fault: (point) => `${point}：传感器没有有效数值`,
  rising: (point, rate) => `${point} 每小时上升超过 ${rate}`,
  falling: (point, rate) => `${point} 每小时下降超过 ${rate}`,
  willReach: (point, limit, time) => `${point} 将在 ${time} 内达到 ${limit}`,
  risen: (point, change, time) => `${point} 在 ${time} 内上升超过 ${change}`,
  fallen: (point, change, time) => `${point} 在 ${time} 内下降超过 ${change}`,
  during: (schedule) => `处于 ${schedule} 时段`,
  not: (condition) => `非（${condition}）`,
  total: (condition, time) => `${condition}，累计 ${time}`,
  totalWithin: (condition, time, window) => `${condition}，在 ${window} 内累计 ${time}`,
  minus: (point, other) => `${point} 减 ${other}`,
  dividedBy: (point, other) => `${point} 除以 ${other}`,
  all: " 且 ",
  any: " 或 ",
  on: "开",
  off: "关",
  alreadyAcknowledged: (by) => `该报警已由 ${by} 确认`,
  occurrenceOver: "同一规则之后又产生了新的报警",
  acknowledgeLater: "请确认新的报警",
  unknownAlarm: (alarm) => `没有报警 ${alarm}`,
  reload: "请重新载入报警列表",
  reasonRequired: "该报警需要说明原因",
  sayReason: "请说明发现的情况或采取的措施",
  shelfTooLong: (minutes) => `该报警最长可搁置 ${minutes} 分钟`,
  shelfTooShort: "搁置时间至少为一秒",
  shelveShorter: "请选择较短的时间",
  shelveLonger: "请选择较长的时间",
};

export const alarmText: Texts<typeof en> = { en, zh };
export type AlarmText = typeof en;
