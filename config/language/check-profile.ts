import { didYouMean, didYouMeanZh, type Told } from "./check-file.ts";
import type { Texts } from "./language.ts";

interface Duty {
  /** The profile that demands it. */
  readonly profile: string;
}

const placeEn = { here: "the point's own place", second: "a second place" } as const;
const placeZh = { here: "本地", second: "第二处（值班地点）" } as const;
const lackEn = { light: "light", sound: "sound" } as const;
const lackZh = { light: "灯光", sound: "声音" } as const;

const en = {
  "profile/unknown": (p: { id: string; suggestion: string; known: readonly string[] }): Told => [
    `unknown storage profile "${p.id}"${didYouMean(p.suggestion)}`,
    p.known.length === 0 ? "there are no profiles" : `profiles: ${p.known.join(", ")}`,
  ],
  "profile/name": (p: { got: string; id: string }): Told => [
    `the profile calls itself "${p.got}", its file "${p.id}"`,
    `write profile: ${p.id}, or rename the file`,
  ],
  "profile/limit-name": (p: { name: string }): Told => [
    `the limit name "${p.name}" is taken`,
    "door-open, mains-lost, no-data and fault are rules already; temperature and humidity share their names",
  ],
  "profile/no-limit": (): Told => [
    "the limit compares nothing",
    "add one of above, atOrAbove, below, atOrBelow",
  ],
  "profile/no-probe": (p: Duty & { quantity: "temperature" | "humidity" }): Told => [
    `profile ${p.profile} has limits for ${p.quantity}, but nothing here measures it`,
    `add ${p.quantity}: device/point`,
  ],
  "profile/unit": (p: { point: string; unit: string; wants: string }): Told => [
    `${p.point} is in "${p.unit}", the profile's limits are in "${p.wants}"`,
    `use convertTo: ${p.wants === "%" ? '"%"' : p.wants} at the point`,
  ],
  "duty/refresh": (p: Duty & { point: string; every: string; most: string }): Told => [
    `${p.point} is read every ${p.every}; profile ${p.profile} demands ${p.most} at most`,
    `set every: ${p.most} or less at the device`,
  ],
  "duty/sms": (p: Duty & { count: number; least: number }): Told => [
    `profile ${p.profile} demands SMS to at least ${p.least} different numbers, ${p.count} can be reached`,
    "add sms numbers to the receivers of notify and escalate here",
  ],
  "duty/place": (
    p: Duty & { place: keyof typeof placeEn; lacks: readonly (keyof typeof lackEn)[] },
  ): Told => [
    `profile ${p.profile} demands light and sound at ${placeEn[p.place]}: ${p.lacks
      .map((lack) => lackEn[lack])
      .join(" and ")} missing`,
    `add to annunciate an annunciator with place: ${p.place}, a lamp and a buzzer or siren`,
  ],
  "duty/mains": (p: Duty): Told => [
    `profile ${p.profile} demands that a loss of mains power is watched`,
    "add mains: device/point of a switch that is true while there is power",
  ],
  "duty/mains-late": (p: Duty & { point: string; takes: string; most: string }): Told => [
    `a loss of mains at ${p.point} would be told after ${p.takes}; profile ${p.profile} demands ${p.most}`,
    "read the point more often",
  ],
  "duty/offset": (p: Duty & { point: string }): Told => [
    `profile ${p.profile} allows no correction of readings, ${p.point} has one`,
    "remove calibration: an inaccurate probe is replaced or calibrated",
  ],
  "duty/refrigeration": (p: Duty & { key: string }): Told => [
    `"${p.key}" seems to drive cooling; profile ${p.profile} forbids that alarms touch it`,
    "the monitoring system stays independent of the cooling: use a lamp or a buzzer",
  ],
  "duty/keep-for": (p: Duty & { given: string; least: string }): Told => [
    `records are kept for ${p.given}, profile ${p.profile} of a location demands ${p.least}`,
    `set recordsFor: ${p.least} or more`,
  ],
  "duty/calibrated": (p: Duty & { point: string }): Told => [
    `profile ${p.profile} demands calibration, but ${p.point} does not say when it was calibrated`,
    "add calibrated: { on: YYYY-MM-DD } at the point",
  ],
  "duty/calibration-due": (p: { point: string; due: string }): Told => [
    `the calibration of ${p.point} was due on ${p.due}`,
    "have it calibrated, then set calibrated: { on: YYYY-MM-DD }",
  ],
  "duty/probes": (p: Duty & { count: number; least: number; area: number }): Told => [
    `${p.count} of at least ${p.least} probes that profile ${p.profile} asks for in ${p.area} m2`,
    "add probes to temperature",
  ],
  "duty/links": (p: Duty & { location: string }): Told => [
    `profile ${p.profile} of ${p.location} does not allow to acknowledge by a link`,
    "set links: false",
  ],
};

const zh: typeof en = {
  "profile/unknown": (p) => [
    `未知储存规范“${p.id}”${didYouMeanZh(p.suggestion)}`,
    p.known.length === 0 ? "没有可用的储存规范" : `可用的储存规范：${p.known.join("、")}`,
  ],
  "profile/name": (p) => [
    `规范自称“${p.got}”，而文件名是“${p.id}”`,
    `请写 profile: ${p.id}，或给文件改名`,
  ],
  "profile/limit-name": (p) => [
    `限值名称“${p.name}”已被占用`,
    "door-open、mains-lost、no-data、fault 是已有的规则；temperature 和 humidity 的名称不能相同",
  ],
  "profile/no-limit": () => [
    "这个限值没有任何比较",
    "请加上 above、atOrAbove、below、atOrBelow 之一",
  ],
  "profile/no-probe": (p) => [
    `储存规范 ${p.profile} 有${p.quantity === "temperature" ? "温度" : "湿度"}限值，但此处没有测点`,
    `请加上 ${p.quantity}: 设备/点`,
  ],
  "profile/unit": (p) => [
    `${p.point} 的单位是“${p.unit}”，而规范的限值单位是“${p.wants}”`,
    `请在该点上使用 convertTo: ${p.wants === "%" ? '"%"' : p.wants}`,
  ],
  "duty/refresh": (p) => [
    `${p.point} 每 ${p.every} 读取一次；储存规范 ${p.profile} 要求不超过 ${p.most}`,
    `请在设备上设置 every: ${p.most} 或更短`,
  ],
  "duty/sms": (p) => [
    `储存规范 ${p.profile} 要求短信至少发给 ${p.least} 个不同号码，目前只有 ${p.count} 个`,
    "请给此处 notify 和 escalate 中的接收人添加 sms 号码",
  ],
  "duty/place": (p) => [
    `储存规范 ${p.profile} 要求${placeZh[p.place]}有声光报警：缺少${p.lacks
      .map((lack) => lackZh[lack])
      .join("和")}`,
    `请在 annunciate 中加上 place: ${p.place} 且带灯和蜂鸣器（或警笛）的声光报警器`,
  ],
  "duty/mains": (p) => [
    `储存规范 ${p.profile} 要求监测市电中断`,
    "请加上 mains: 设备/点（有电时为 true 的开关量）",
  ],
  "duty/mains-late": (p) => [
    `${p.point} 的市电中断要过 ${p.takes} 才会通知；储存规范 ${p.profile} 要求 ${p.most}`,
    "请更频繁地读取该点",
  ],
  "duty/offset": (p) => [
    `储存规范 ${p.profile} 不允许修正读数，而 ${p.point} 设置了修正`,
    "请删除 calibration：不准的测点应更换或送检校准",
  ],
  "duty/refrigeration": (p) => [
    `“${p.key}”似乎控制制冷；储存规范 ${p.profile} 禁止报警驱动它`,
    "监测系统应独立于制冷控制：请使用灯或蜂鸣器",
  ],
  "duty/keep-for": (p) => [
    `记录只保存 ${p.given}，而某位置的储存规范 ${p.profile} 要求 ${p.least}`,
    `请设置 recordsFor: ${p.least} 或更长`,
  ],
  "duty/calibrated": (p) => [
    `储存规范 ${p.profile} 要求校准，而 ${p.point} 没有写明校准日期`,
    "请在该点上加上 calibrated: { on: 年-月-日 }",
  ],
  "duty/calibration-due": (p) => [
    `${p.point} 的校准已于 ${p.due} 到期`,
    "请送检校准，然后设置 calibrated: { on: 年-月-日 }",
  ],
  "duty/probes": (p) => [
    `储存规范 ${p.profile} 要求 ${p.area} 平方米至少 ${p.least} 个测点，目前 ${p.count} 个`,
    "请在 temperature 中添加测点",
  ],
  "duty/links": (p) => [
    `${p.location} 的储存规范 ${p.profile} 不允许通过链接确认报警`,
    "请设置 links: false",
  ],
};

/** What is said about storage profiles and their duties. */
export const checkProfileText: Texts<typeof en> = { en, zh };
