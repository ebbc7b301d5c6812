import type { Texts } from "./language.ts";

const en = {
  config: "The configuration file is invalid: the gateway runs on the last good one",
  store: "Records cannot be written to the disk",
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
  channel: (channel: string) => `Channel ${channel} is not connected`,
  advise: "See the notices on the panel: they say where and what to do",
  clockUnset: "The clock shows a time before this program was made",
  clockTodo: "Check the network time service (timedatectl) or fit a real-time clock",
};

const zh: typeof en = {
  config: "配置文件有误：网关正在使用上一次有效的配置运行",
  store: "记录无法写入磁盘",
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
  channel: (channel: string) => `通道 ${channel} 未连接`,
  advise: "请查看面板上的通知：其中说明位置和处理办法",
  clockUnset: "时钟显示的时间早于本程序的发布时间",
  clockTodo: "请检查网络校时服务（timedatectl），或加装实时时钟",
};

export const healthText: Texts<typeof en> = { en, zh };
