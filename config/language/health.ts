import type { Texts } from "./language.ts";

const en = {
  config: "The configuration file is invalid: the gateway runs on the last good one",
  store: "The database is unwell, or another one than before",
  clock: "The clock is not set: times of records are wrong",
  broker: "The MQTT broker is not reachable",
  panel: "The panel is not reachable",
  sync: "Central is not reachable",
  sms: "The SMS modem cannot send",
  annunciators: "A lamp or buzzer of an annunciator cannot be driven",
  push: "Messages about alarms do not reach somebody",
  pushTodo: "See the list of undelivered messages on the panel; the other channels work on",
  pushFails: (receiver: string, channel: string, problem: string) =>
    `${receiver} is not reached by ${channel}: ${problem}`,
  audit: "The audit trail was changed from outside",
  auditTodo: "Keep the data folder as it is, and call the person who answers for quality",
  auditBad: (seq: number) => `the audit trail is bad at entry ${seq}`,
  records: "Regulated records cannot be written",
  backup: "The daily backup was not made",
  disk: "The disk of the gateway is nearly full",
  diskSays: {
    low: (megabytes: number) => `Less than ${megabytes} MB are free on the disk`,
    lowTodo:
      "Free space on it: what others write there takes the room of records. Alarms and lamps go on",
    lost: "For want of room samples that central does not have were thinned out or given up",
    lostTodo:
      "Free space on the disk or raise store.maxSize, and see to it that central is reached; what is missing is on record as gaps",
  },
  channel: (channel: string) => `Channel ${channel} is not connected`,
  advise: "See the notices on the panel: they say where and what to do",
  gone: {
    message: (since: number, timezone: string, rows: number, days: number | undefined) =>
      [
        `Central has not answered since ${timeOf(since, timezone, "en")}:`,
        `${rows.toLocaleString("en")} rows wait.`,
        days === undefined ? "" : `At today's rate there is room for ${daysOf(days)} more days.`,
      ]
        .join(" ")
        .trim(),
    todo: "Check the network and that central runs. Alarms and lamps go on; rows wait here and are sent later.",
    agentTodo:
      "The agent that sends them says nothing: look at `systemctl status rackwatch-sync` and its log.",
  },
  clockUnset: "The clock shows a time before this program was made",
  clockTodo: "Check the network time service (timedatectl) or fit a real-time clock",
};

const zh: typeof en = {
  config: "配置文件有误：网关正在使用上一次有效的配置运行",
  store: "数据库异常，或已被更换",
  clock: "时钟未设置：记录的时间不正确",
  broker: "MQTT 代理不可用",
  panel: "面板不可用",
  sync: "无法连接中心服务器",
  sms: "短信模块无法发送",
  annunciators: "声光报警器的灯或蜂鸣器无法驱动",
  push: "有人收不到报警消息",
  pushTodo: "请查看面板上的未送达列表；其他渠道仍在工作",
  pushFails: (receiver, channel, problem) => `${receiver} 无法通过 ${channel} 收到消息：${problem}`,
  audit: "审计记录被外部修改",
  auditTodo: "请保持数据目录原样，并联系质量负责人",
  auditBad: (seq) => `审计记录第 ${seq} 条有误`,
  records: "受监管的记录无法写入",
  backup: "每日备份未能完成",
  disk: "网关的磁盘即将写满",
  diskSays: {
    low: (megabytes) => `磁盘剩余空间不足 ${megabytes} MB`,
    lowTodo: "请清理磁盘：其他程序写入的内容会占用记录的空间。报警和指示灯仍正常工作",
    lost: "因空间不足，中心尚未收到的部分采样已被稀疏或放弃",
    lostTodo: "请清理磁盘或调大 store.maxSize，并确认能连接中心；缺失部分已记录为缺口",
  },
  channel: (channel: string) => `通道 ${channel} 未连接`,
  advise: "请查看面板上的通知：其中说明位置和处理办法",
  gone: {
    message: (since, timezone, rows, days) =>
      [
        `中心服务器自 ${timeOf(since, timezone, "zh-CN")} 起没有应答：`,
        `${rows.toLocaleString("zh-CN")} 行数据在等待。`,
        days === undefined ? "" : `按今天的速度，还能存 ${daysOf(days)} 天。`,
      ].join(""),
    todo: "请检查网络和中心服务器是否在运行。报警和声光不受影响；数据在本机等待，稍后发送。",
    agentTodo: "负责发送的同步进程没有动静：请查看 `systemctl status rackwatch-sync` 及其日志。",
  },
  clockUnset: "时钟显示的时间早于本程序的发布时间",
  clockTodo: "请检查网络校时服务（timedatectl），或加装实时时钟",
};

export const healthText: Texts<typeof en> = { en, zh };

function timeOf(at: number, timeZone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone,
  }).format(at);
}

/** A forecast of months is not known to the day. */
function daysOf(days: number): string {
  return days < 10 ? days.toFixed(1) : String(Math.min(9_999, Math.round(days)));
}
