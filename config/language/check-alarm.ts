import { didYouMean, didYouMeanZh, type Told } from "./check-file.ts";
import type { Texts } from "./language.ts";

/** What a rule or a receiver names. */
export type NamedKind = "schedule" | "receiver" | "ladder" | "annunciator" | "rule";

const kindEn: Readonly<Record<NamedKind, string>> = {
  schedule: "schedule",
  receiver: "receiver",
  ladder: "escalation ladder",
  annunciator: "annunciator",
  rule: "rule",
};
const kindZh: Readonly<Record<NamedKind, string>> = {
  schedule: "时间表",
  receiver: "接收人",
  ladder: "升级流程",
  annunciator: "声光报警器",
  rule: "规则",
};

const sections: Readonly<Record<NamedKind, string>> = {
  schedule: "schedules",
  receiver: "notify",
  ladder: "escalation",
  annunciator: "annunciators",
  rule: "rules",
};

/** Fields of a cron line, in their order. */
export type CronField = "minute" | "hour" | "day-of-month" | "month" | "day-of-week";
const cronZh: Readonly<Record<CronField, string>> = {
  minute: "分钟",
  hour: "小时",
  "day-of-month": "日",
  month: "月",
  "day-of-week": "星期",
};

const en = {
  "reference/name": (p: {
    kind: NamedKind;
    got: string;
    suggestion: string;
    known: readonly string[];
  }): Told => [
    `unknown ${kindEn[p.kind]} "${p.got}"${didYouMean(p.suggestion)}`,
    p.known.length === 0
      ? `add it below "${sections[p.kind]}:"`
      : `known below "${sections[p.kind]}:": ${p.known.join(", ")}`,
  ],
  "rule/key-needs": (p: { key: string; needs: readonly string[] }): Told => [
    `"${p.key}" has a meaning only together with ${p.needs.map((key) => `"${key}"`).join(" or ")}`,
    `add ${p.needs[0] ?? ""}, or remove ${p.key}`,
  ],
  "rule/key-excludes": (p: { key: string; other: string }): Told => [
    `"${p.key}" and "${p.other}" cannot stand in one condition`,
    "remove one of them",
  ],
  "rule/total-within": (): Told => [
    "the violations can never add up to more than the window is long",
    "make total shorter than within",
  ],
  "rule/levels-with-condition": (p: { key: string }): Told => [
    `the rule has levels, so "${p.key}" belongs into one of them`,
  ],
  "rule/levels-empty": (): Told => [
    "the rule has no level",
    "add one, for example H: { above: 8 }, or write the limit into the rule",
  ],
  "rule/level-side": (p: { level: string; key: string }): Told => [
    `level ${p.level} is ${p.level.startsWith("H") ? "a high" : "a low"} limit, "${p.key}" is not`,
    p.level.startsWith("H") ? "use above or atOrAbove" : "use below or atOrBelow",
  ],
  "rule/levels-crossed": (p: {
    level: string;
    limit: number;
    inner: string;
    innerLimit: number;
    other: string;
  }): Told => [
    `${p.level} (${p.limit}) must lie ${p.level.startsWith("H") ? "above" : "below"} ${p.inner} (${p.innerLimit})`,
    `the other limit: ${p.other}`,
  ],
  "rule/id-twice": (p: { id: string; other: string }): Told => [
    `this makes a second rule with the name "${p.id}"`,
    `the first one comes from ${p.other}: rename the rule, its level or the location`,
  ],
  "rule/delay-too-long": (p: { key: string; given: string; keepFor: string }): Told => [
    `"${p.key}" is ${p.given}, but samples are kept for ${p.keepFor} only: it could not be proven`,
    "shorten it, or raise store.keepFor",
  ],
  "rule/circle": (p: { chain: readonly string[] }): Told => [
    `rules inhibit each other, so that nobody is ever told: ${p.chain.join(" > ")}`,
    "remove one of them from inhibitedBy",
  ],
  "rule/raise-lower": (p: { to: string; priority: string }): Told => [
    `the alarm is ${p.priority} already: it cannot be raised to ${p.to}`,
    "name a higher priority",
  ],
  "receiver/no-address": (): Told => [
    "the receiver has no address: nobody could be reached",
    "add sms, email, dingtalk, wecom, feishu, ntfy, telegram, pagerduty, webhook or mqtt",
  ],
  "receiver/needs": (p: { channel: string; section: string }): Told => [
    `${p.channel} needs the section "${p.section}:", which is missing`,
    p.section === "sms"
      ? "add sms: { port: serial:/dev/... } of the GSM modem"
      : "add mail: { host: ..., from: ... } of the mail server",
  ],
  "receiver/quiet-critical": (): Told => [
    "critical alarms are kept quiet in these hours too",
    "add critical to except",
  ],
  "ladder/order": (p: { after: string; previous: string }): Told => [
    `the step after ${p.after} stands behind the one after ${p.previous}`,
    "write the steps in the order in which they are climbed",
  ],
  "ladder/step-twice": (p: { after: string }): Told => [
    `there is a step after ${p.after} already`,
    "name all its receivers in one step",
  ],
  "ladder/receiver-twice": (p: { got: string }): Told => [`"${p.got}" stands twice in this step`],
  "schedule/empty": (): Told => [
    "the schedule has neither hours nor a cron line",
    'add hours: [{ from: "08:00", to: "17:00" }], or cron with for',
  ],
  "schedule/both": (): Told => ["a schedule has either hours or a cron line", "remove one of them"],
  "schedule/cron-for": (): Told => [
    "a cron line says when it begins, not for how long",
    "add for, for example for: 30min",
  ],
  "schedule/cron-fields": (p: { count: number }): Told => [
    `a cron line has five fields, this one ${p.count}`,
    'minute hour day-of-month month day-of-week, for example "0 22 * * 1-5"',
  ],
  "schedule/cron-never": (): Told => [
    "no year has such a day: this cron line never runs",
    "correct its day of the month or its month",
  ],
  "schedule/cron": (p: { field: CronField; text: string; min: number; max: number }): Told => [
    `the ${p.field} "${p.text}" of the cron line is wrong`,
    `${p.min} to ${p.max}, *, a range as ${p.min}-${p.max}, a list as ${p.min},${p.max}, or */2`,
  ],
  "mail/login": (p: { has: string; lacks: string }): Told => [
    `the mail server is given a ${p.has} without a ${p.lacks}`,
    `add ${p.lacks}, or remove ${p.has}`,
  ],
  "mail/plain-password": (): Told => [
    "without encryption everybody on the way can read the password",
    "use security: starttls or tls",
  ],
  "alarms/links-site": (): Told => [
    "links in messages need an address under which people reach the panel",
    "add site, for example https://cold-2.example.com",
  ],
  "alarms/flood": (p: { begins: number; ends: number }): Told => [
    `a flood that begins above ${p.begins} alarms cannot end below ${p.ends}`,
    "make floodEnds smaller than floodBegins",
  ],
  "annunciator/empty": (): Told => [
    "the annunciator has no output",
    "add red, amber, blue, green, lamp, buzzer, siren or heartbeat",
  ],
};

const zh: typeof en = {
  "reference/name": (p) => [
    `未知${kindZh[p.kind]}“${p.got}”${didYouMeanZh(p.suggestion)}`,
    p.known.length === 0
      ? `请在“${sections[p.kind]}:”下面添加`
      : `“${sections[p.kind]}:”下面已有：${p.known.join("、")}`,
  ],
  "rule/key-needs": (p) => [
    `“${p.key}”只有与${p.needs.map((key) => `“${key}”`).join("或")}一起使用才有意义`,
    `请加上 ${p.needs[0] ?? ""}，或删除 ${p.key}`,
  ],
  "rule/key-excludes": (p) => [
    `“${p.key}”和“${p.other}”不能同时出现在一个条件中`,
    "请删除其中一个",
  ],
  "rule/total-within": () => ["累计时间不可能超过时间窗口的长度", "请让 total 短于 within"],
  "rule/levels-with-condition": (p) => [`这条规则有分级，“${p.key}”应写在某一级中`],
  "rule/levels-empty": () => [
    "这条规则没有任何分级",
    "请添加一级，例如 H: { above: 8 }，或把限值直接写在规则中",
  ],
  "rule/level-side": (p) => [
    `${p.level} 级是${p.level.startsWith("H") ? "上限" : "下限"}，不能写“${p.key}”`,
    p.level.startsWith("H") ? "请使用 above 或 atOrAbove" : "请使用 below 或 atOrBelow",
  ],
  "rule/levels-crossed": (p) => [
    `${p.level}（${p.limit}）必须${p.level.startsWith("H") ? "高于" : "低于"} ${p.inner}（${p.innerLimit}）`,
    `另一个限值：${p.other}`,
  ],
  "rule/id-twice": (p) => [
    `这里产生了第二条名为“${p.id}”的规则`,
    `第一条来自 ${p.other}：请给规则、分级或位置改名`,
  ],
  "rule/delay-too-long": (p) => [
    `“${p.key}”为 ${p.given}，而数据只保存 ${p.keepFor}：无法举证`,
    "请缩短该时间，或增大 store.keepFor",
  ],
  "rule/circle": (p) => [
    `规则互相抑制，永远不会通知任何人：${p.chain.join(" > ")}`,
    "请从 inhibitedBy 中去掉其中一个",
  ],
  "rule/raise-lower": (p) => [
    `该报警的优先级已经是 ${p.priority}，不能升级为 ${p.to}`,
    "请写更高的优先级",
  ],
  "receiver/no-address": () => [
    "该接收人没有任何地址：无法通知到人",
    "请添加 sms、email、dingtalk、wecom、feishu、ntfy、telegram、pagerduty、webhook 或 mqtt",
  ],
  "receiver/needs": (p) => [
    `${p.channel} 需要“${p.section}:”一节，但它不存在`,
    p.section === "sms"
      ? "请添加短信模块：sms: { port: serial:/dev/... }"
      : "请添加邮件服务器：mail: { host: ..., from: ... }",
  ],
  "receiver/quiet-critical": () => ["这段时间里连紧急报警也不通知", "请在 except 中加上 critical"],
  "ladder/order": (p) => [`${p.after} 的步骤排在 ${p.previous} 的步骤之后`, "请按先后顺序书写步骤"],
  "ladder/step-twice": (p) => [`已经有一个 ${p.after} 的步骤`, "请把接收人写在同一步骤中"],
  "ladder/receiver-twice": (p) => [`“${p.got}”在此步骤中出现了两次`],
  "schedule/empty": () => [
    "时间表既没有 hours 也没有 cron",
    '请添加 hours: [{ from: "08:00", to: "17:00" }]，或 cron 和 for',
  ],
  "schedule/both": () => ["时间表只能使用 hours 或 cron 之一", "请删除其中一个"],
  "schedule/cron-for": () => [
    "cron 只说明何时开始，没有说明持续多久",
    "请加上 for，例如 for: 30min",
  ],
  "schedule/cron-fields": (p) => [
    `cron 应有五个字段，这里有 ${p.count} 个`,
    '分 时 日 月 星期，例如 "0 22 * * 1-5"',
  ],
  "schedule/cron-never": () => ["任何一年都没有这一天：该 cron 永远不会执行", "请更正日或月"],
  "schedule/cron": (p) => [
    `cron 的${cronZh[p.field]}字段“${p.text}”有误`,
    `${p.min} 到 ${p.max}、*、范围 ${p.min}-${p.max}、列表 ${p.min},${p.max} 或 */2`,
  ],
  "mail/login": (p) => [
    `邮件服务器只写了 ${p.has}，没有 ${p.lacks}`,
    `请加上 ${p.lacks}，或删除 ${p.has}`,
  ],
  "mail/plain-password": () => [
    "未加密时，途中任何人都能看到密码",
    "请使用 security: starttls 或 tls",
  ],
  "alarms/links-site": () => [
    "消息中的链接需要一个能访问面板的地址",
    "请加上 site，例如 https://cold-2.example.com",
  ],
  "alarms/flood": (p) => [
    `报警数超过 ${p.begins} 才开始的报警洪水，不能在少于 ${p.ends} 时结束`,
    "请让 floodEnds 小于 floodBegins",
  ],
  "annunciator/empty": () => [
    "该声光报警器没有任何输出",
    "请添加 red、amber、blue、green、lamp、buzzer、siren 或 heartbeat",
  ],
};

/** What is said about rules, schedules, receivers and how alarms behave together. */
export const checkAlarmText: Texts<typeof en> = { en, zh };
