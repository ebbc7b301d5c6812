import type { Texts } from "./language.ts";

const en = {
  config: "The configuration file is invalid: the gateway runs on the last good one",
  store: "Records cannot be written to the disk",
  clock: "The clock is not set: times of records are wrong",
  broker: "The MQTT broker is not reachable",
  panel: "The panel is not reachable",
  sync: "Central is not reachable",
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
  channel: (channel: string) => `通道 ${channel} 未连接`,
  advise: "请查看面板上的通知：其中说明位置和处理办法",
  clockUnset: "时钟显示的时间早于本程序的发布时间",
  clockTodo: "请检查网络校时服务（timedatectl），或加装实时时钟",
};

export const healthText: Texts<typeof en> = { en, zh };
