import { checkAlarmText } from "./check-alarm.ts";
import { checkFileText, didYouMean, didYouMeanZh, type Told } from "./check-file.ts";
import { checkProfileText } from "./check-profile.ts";
import { checkStockText } from "./check-stock.ts";
import { checkSyncText } from "./check-sync.ts";
import { checkValueText } from "./check-value.ts";
import type { Language, Texts } from "./language.ts";

type PointKind = "number" | "boolean" | "text";
const pointKindEn = { number: "a number", boolean: "a switch", text: "text" } as const;
const pointKindZh = { number: "数字", boolean: "开关量", text: "文本" } as const;

const en = {
  ...checkFileText.en,
  ...checkValueText.en,
  ...checkAlarmText.en,
  ...checkProfileText.en,
  ...checkStockText.en,
  ...checkSyncText.en,
  "reference/form": (p: { got: string; suggestion: string }): Told => [
    `"${p.got}" is not a point${didYouMean(p.suggestion)}`,
    "write device/point, for example cold-2/temperature",
  ],
  "reference/device": (p: { device: string; suggestion: string }): Told => [
    `unknown device "${p.device}"${didYouMean(p.suggestion)}`,
  ],
  "reference/point": (p: {
    device: string;
    point: string;
    suggestion: string;
    known: readonly string[];
  }): Told => [
    `device "${p.device}" has no point "${p.point}"${didYouMean(p.suggestion)}`,
    `its points: ${p.known.join(", ")}`,
  ],
  "reference/output": (p: { key: string; known: readonly string[] }): Told => [
    `"${p.key}" is no switch that can be written, so it cannot be an output`,
    p.known.length === 0 ? "no device has an output" : `outputs: ${p.known.join(", ")}`,
  ],
  "reference/button": (p: { key: string; known: readonly string[] }): Told => [
    `"${p.key}" is no switch that can be read, so it cannot be a push-button`,
    p.known.length === 0
      ? "give a gpio point access: read, or name a boolean point of another driver"
      : `switches: ${p.known.join(", ")}`,
  ],
  "reference/location": (p: { got: string; suggestion: string }): Told => [
    `unknown location "${p.got}"${didYouMean(p.suggestion)}`,
  ],
  "claim/exclusive": (p: { resource: string; other: string }): Told => [
    `${p.resource} is used twice, first by ${p.other}`,
  ],
  "claim/settings": (p: {
    resource: string;
    other: string;
    mine: string;
    theirs: string;
  }): Told => [
    `${p.resource} is used with other settings by ${p.other}`,
    `here ${p.mine}, there ${p.theirs}: one line has one setting`,
  ],
  "device/twice": (p: { device: string; other: string }): Told => [
    `the device "${p.device}" stands also in ${p.other}`,
    "device names are unique in a gateway: points are named device/point",
  ],
  "device/reserved": (): Told => [
    'the device name "gateway" is taken: the gateway reports its own health under it',
  ],
  "rule/no-condition": (): Told => [
    "the rule compares nothing",
    "add one of above, atOrAbove, below, atOrBelow, equal, stale, frozen, fault, risingFaster, fallingFaster, willReach, risenBy, fallenBy, during, all, any, not",
  ],
  "rule/two-conditions": (p: { keys: readonly string[] }): Told => [
    `${p.keys.join(" and ")} stand in one condition`,
    "one condition compares once: use `any: [...]` or `all: [...]`, or two rules",
  ],
  "rule/no-point": (p: { key: string }): Told => [
    `"${p.key}" needs a point to look at`,
    "add point: device/point",
  ],
  "rule/point-with-group": (p: { key: string }): Told => [
    `the point belongs into each condition under "${p.key}"`,
  ],
  "rule/limit-kind": (p: { key: string; point: string; kind: PointKind }): Told => [
    `"${p.key}" needs a number, ${p.point} is ${pointKindEn[p.kind]}`,
    "use equal",
  ],
  "rule/equal-kind": (p: { point: string; kind: PointKind; got: PointKind }): Told => [
    `${p.point} is ${pointKindEn[p.kind]}, so it never equals ${pointKindEn[p.got]}`,
  ],
  "rule/limits-crossed": (p: { point: string; low: number; high: number; other: string }): Told => [
    `the low limit ${p.low} is not below the high limit ${p.high}: ${p.point} would always be in alarm`,
    `the other limit: ${p.other}`,
  ],
  "rule/never": (p: { point: string; low: number; high: number }): Told => [
    `${p.point} cannot be above ${p.low} and below ${p.high} at once: this never alarms`,
    "use any in place of all",
  ],
  "rule/deadband-band": (p: { deadband: number; band: number; other: string }): Told => [
    `the deadband ${p.deadband} is not smaller than the band ${p.band} between the limits`,
    `the alarm would end only inside the other one; the other limit: ${p.other}`,
  ],
  "rule/deadband-range": (p: { deadband: number; range: number; point: string }): Told => [
    `the deadband ${p.deadband} is not smaller than the range ${p.range} of ${p.point}`,
    "the alarm would never end",
  ],
  "rule/deadband-unused": (): Told => ["a deadband has a meaning only beside a limit"],
  "rule/outside-range": (p: { point: string; min: number; max: number }): Told => [
    `${p.point} only takes values from ${p.min} to ${p.max}: this limit is never passed`,
  ],
  "point/range-inverted": (p: { min: number; max: number }): Told => [
    `the range begins at ${p.min} and ends at ${p.max}`,
    `write [${p.max}, ${p.min}]`,
  ],
  "point/conversion": (p: { from: string; to: string }): Told => [
    `"${p.from === "" ? "?" : p.from}" cannot be converted to "${p.to}"`,
  ],
  "location/cycle": (p: { chain: readonly string[] }): Told => [
    `locations lie within each other: ${p.chain.join(" > ")}`,
  ],
  "listen/twice": (p: { address: string; other: string }): Told => [
    `${p.address} is taken already by ${p.other}`,
  ],
  "listen/broker-open": (): Told => [
    "the broker listens to the network, but nobody may read or publish: it has no users",
    "add broker.users, or listen on 127.0.0.1:1883",
  ],
  "listen/panel-open": (): Told => [
    "the panel listens to every network: who reaches it reads points and alarms",
    "name the host names that browsers use in panel.allowedHosts, or listen on one address",
  ],
  "port/unstable-name": (p: { port: string }): Told => [
    `${p.port} changes its number when something is plugged in`,
    "use the name below /dev/serial/by-id/ (ls -l /dev/serial/by-id)",
  ],
  "gateway/timezone": (p: { got: string; suggestion: string }): Told => [
    `unknown time zone "${p.got}"${didYouMean(p.suggestion)}`,
    "for example Asia/Shanghai, Europe/Berlin, UTC",
  ],
  "channels/none": (): Told => ["no channel is configured: the gateway has nothing to read"],
};

const zh: typeof en = {
  ...checkFileText.zh,
  ...checkValueText.zh,
  ...checkAlarmText.zh,
  ...checkProfileText.zh,
  ...checkStockText.zh,
  ...checkSyncText.zh,
  "reference/form": (p) => [
    `“${p.got}”不是点${didYouMeanZh(p.suggestion)}`,
    "请写成 设备/点，例如 cold-2/temperature",
  ],
  "reference/device": (p) => [`未知设备“${p.device}”${didYouMeanZh(p.suggestion)}`],
  "reference/point": (p) => [
    `设备“${p.device}”没有点“${p.point}”${didYouMeanZh(p.suggestion)}`,
    `它的点：${p.known.join("、")}`,
  ],
  "reference/output": (p) => [
    `“${p.key}”不是可写的开关量，不能用作输出`,
    p.known.length === 0 ? "没有设备带有输出" : `可用输出：${p.known.join("、")}`,
  ],
  "reference/button": (p) => [
    `“${p.key}”不是可读的开关，不能用作按钮`,
    p.known.length === 0
      ? "请给 gpio 点写上 access: read，或使用其他驱动的布尔点"
      : `可用开关：${p.known.join("、")}`,
  ],
  "reference/location": (p) => [`未知位置“${p.got}”${didYouMeanZh(p.suggestion)}`],
  "claim/exclusive": (p) => [`${p.resource} 被使用了两次，第一次在 ${p.other}`],
  "claim/settings": (p) => [
    `${p.resource} 在 ${p.other} 中使用了不同的参数`,
    `此处为 ${p.mine}，彼处为 ${p.theirs}：一条线路只能有一种参数`,
  ],
  "device/twice": (p) => [
    `设备“${p.device}”在 ${p.other} 中也出现`,
    "网关中的设备名称不能重复：点的名称是 设备/点",
  ],
  "device/reserved": () => ["设备名称“gateway”已被占用：网关用它报告自身的健康状况"],
  "rule/no-condition": () => [
    "这条规则没有任何比较",
    "请加上 above、atOrAbove、below、atOrBelow、equal、stale、frozen、fault、risingFaster、fallingFaster、willReach、risenBy、fallenBy、during、all、any、not 之一",
  ],
  "rule/two-conditions": (p) => [
    `一个条件中同时出现了 ${p.keys.join(" 和 ")}`,
    "一个条件只比较一次：请用 `any: [...]` 或 `all: [...]`，或写成两条规则",
  ],
  "rule/no-point": (p) => [`“${p.key}”需要指定一个点`, "请加上 point: 设备/点"],
  "rule/point-with-group": (p) => [`点应写在“${p.key}”下面的每个条件中`],
  "rule/limit-kind": (p) => [
    `“${p.key}”需要数字，而 ${p.point} 是${pointKindZh[p.kind]}`,
    "请使用 equal",
  ],
  "rule/equal-kind": (p) => [
    `${p.point} 是${pointKindZh[p.kind]}，永远不会等于${pointKindZh[p.got]}`,
  ],
  "rule/limits-crossed": (p) => [
    `下限 ${p.low} 不低于上限 ${p.high}：${p.point} 会一直报警`,
    `另一个限值：${p.other}`,
  ],
  "rule/never": (p) => [
    `${p.point} 不可能同时高于 ${p.low} 且低于 ${p.high}：永远不会报警`,
    "请用 any 代替 all",
  ],
  "rule/deadband-band": (p) => [
    `死区 ${p.deadband} 不小于两个限值之间的宽度 ${p.band}`,
    `报警要到另一个报警的范围内才会结束；另一个限值：${p.other}`,
  ],
  "rule/deadband-range": (p) => [
    `死区 ${p.deadband} 不小于 ${p.point} 的量程宽度 ${p.range}`,
    "报警将永远不会结束",
  ],
  "rule/deadband-unused": () => ["死区只有与限值一起使用才有意义"],
  "rule/outside-range": (p) => [
    `${p.point} 的取值只在 ${p.min} 到 ${p.max} 之间：永远不会越过这个限值`,
  ],
  "point/range-inverted": (p) => [
    `量程从 ${p.min} 开始，到 ${p.max} 结束`,
    `请写成 [${p.max}, ${p.min}]`,
  ],
  "point/conversion": (p) => [`无法将“${p.from === "" ? "?" : p.from}”换算为“${p.to}”`],
  "location/cycle": (p) => [`位置互相包含：${p.chain.join(" > ")}`],
  "listen/twice": (p) => [`${p.address} 已被 ${p.other} 占用`],
  "listen/broker-open": () => [
    "代理对网络开放，但没有用户，因此无人可以读取或发布",
    "请添加 broker.users，或改为监听 127.0.0.1:1883",
  ],
  "listen/panel-open": () => [
    "面板对所有网络开放：能连上的人都能看到点和报警",
    "请在 panel.allowedHosts 中写明浏览器使用的主机名，或只监听一个地址",
  ],
  "port/unstable-name": (p) => [
    `插拔设备后 ${p.port} 的编号会改变`,
    "请使用 /dev/serial/by-id/ 下的名称（ls -l /dev/serial/by-id）",
  ],
  "gateway/timezone": (p) => [
    `未知时区“${p.got}”${didYouMeanZh(p.suggestion)}`,
    "例如 Asia/Shanghai、Europe/Berlin、UTC",
  ],
  "channels/none": () => ["没有配置任何通道：网关没有可读取的内容"],
};

/** What `check` says, by problem code. */
export const checkText: Texts<typeof en> = { en, zh };

export type ProblemCode = keyof typeof en;
type ParamsGiven<F> = F extends (params: infer P) => Told ? P : never;
/** What the sentence of a problem code is filled with. */
export type ProblemParams<C extends ProblemCode> =
  Parameters<(typeof en)[C]> extends []
    ? Readonly<Record<never, never>>
    : ParamsGiven<(typeof en)[C]>;

/** The sentence of a problem in one language. `params` come from `finding`, which checked them against the code. */
export function tell(code: ProblemCode, params: object, language: Language): Told {
  const sentence = checkText[language][code] as (params: object) => Told;
  return sentence(params);
}

/** Words around the problems. */
const summaryEn = {
  valid: (file: string) => `${file}: valid`,
  counted: (file: string, problems: number, warnings: number) =>
    `${file}: ${problems} problem${problems === 1 ? "" : "s"}, ${warnings} warning${
      warnings === 1 ? "" : "s"
    }`,
  warning: "warning: ",
  hint: "hint: ",
  runningOnLastGood: (file: string, count: number) =>
    `${file} has ${count} problem${count === 1 ? "" : "s"}: the gateway runs on the last configuration that was valid`,
  repair: (file: string) => `Run "rackwatch check ${file}", repair the file, restart the gateway`,
};

const summaryZh: typeof summaryEn = {
  valid: (file) => `${file}：有效`,
  counted: (file, problems, warnings) => `${file}：${problems} 个错误，${warnings} 个警告`,
  warning: "警告：",
  hint: "提示：",
  runningOnLastGood: (file, count) =>
    `${file} 有 ${count} 个错误：网关正在使用上一次有效的配置运行`,
  repair: (file) => `请运行“rackwatch check ${file}”，修正文件后重启网关`,
};

export const checkSummaryText: Texts<typeof summaryEn> = { en: summaryEn, zh: summaryZh };
