import type { Priority } from "../schema/rule.ts";
import type { Texts } from "./language.ts";

const priorities: Readonly<Record<Priority, string>> = {
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
};

const en = {
  status: (status: number) => `the server failed with status ${status}`,
  busy: "the server asks for a pause (429)",
  notAllowed: (status: number) => `the server refuses the login or token (status ${status})`,
  wrongAddress: (status: number) => `there is nothing at this address (status ${status})`,
  redirected: (status: number) =>
    `the server points to another address (status ${status}); write that one into the configuration`,
  refused: (status: number, said: string) =>
    `the message was refused with status ${status}${said === "" ? "" : `: ${said}`}`,
  provider: (code: number, said: string) =>
    `the provider answered code ${code}${said === "" ? "" : `: ${said}`}`,
  notProvider: (said: string) =>
    `what answered is not the provider${said === "" ? "" : `: ${said}`}`,
  noAnswer: "no whole answer in time",
  unreachable: (reason: string) => `not reachable (${reason})`,
  certificate: (reason: string) => `the server's certificate cannot be trusted (${reason})`,
  tooMuch: "the answer is larger than any provider's",
  noMail: "the configuration has no mail: section",
  mailLogin: (said: string) => `the mail server refuses the login: ${said}`,
  mailSecurity: (said: string) => `no secure connection with the mail server: ${said}`,
  mailRefused: (code: number, said: string) => `the mail server refused it (${code}): ${said}`,
  mailBusy: (code: number, said: string) => `the mail server asks to come again (${code}): ${said}`,
  badAddress: "the configured address cannot be used",
  noReceiver: (receiver: string, channel: string) =>
    `the configuration has no ${channel} of receiver ${receiver} any more`,
  expired: (attempts: number, problem: string) =>
    `given up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}${problem === "" ? "" : `: ${problem}`}`,
  unreadable: "the queued message cannot be read by this version",
  clock: {
    unset: "the clock is not set: signed messages would be refused, they wait",
    off: (hours: string) =>
      `the clock is ${hours} h off what servers say: signed messages would be refused, they wait`,
    unsynchronized: "the clock was not synchronized for days: signed messages are tried rarely",
    todo: "Check the network time service (timedatectl) or fit a real-time clock. SMS and unsigned channels go on.",
  },
  undelivered: (receiver: string, channel: string, count: number, why: string) =>
    `${count} ${count === 1 ? "message waits" : "messages wait"} for ${receiver} by ${channel}: ${why}`,
  todo: {
    configuration: (receiver: string, channel: string) =>
      `Check notify.${receiver}.${channel} in the configuration, then send a test.`,
    network: "Nothing: it is tried again by itself. If it stays, check the gateway's network.",
  },
  digest: {
    title: (count: number, priority: Priority) =>
      `${count} messages together, highest priority ${priorities[priority]}`,
    more: (count: number) => `and ${count} more`,
  },
  notDrained: "not every message to receivers could be delivered; the rest waits in the store",
};

const zhPriorities: Readonly<Record<Priority, string>> = {
  critical: "紧急",
  high: "高",
  medium: "中",
  low: "低",
};

const zh: typeof en = {
  status: (status) => `服务器出错，状态码 ${status}`,
  busy: "服务器要求暂停发送（429）",
  notAllowed: (status) => `服务器拒绝登录或令牌（状态码 ${status}）`,
  wrongAddress: (status) => `该地址不存在（状态码 ${status}）`,
  redirected: (status) => `服务器指向另一个地址（状态码 ${status}），请把该地址写入配置`,
  refused: (status, said) => `消息被拒绝，状态码 ${status}${said === "" ? "" : `：${said}`}`,
  provider: (code, said) => `平台返回错误码 ${code}${said === "" ? "" : `：${said}`}`,
  notProvider: (said) => `应答的不是该平台${said === "" ? "" : `：${said}`}`,
  noAnswer: "未在限定时间内收到完整应答",
  unreachable: (reason) => `无法连接（${reason}）`,
  certificate: (reason) => `服务器证书不可信（${reason}）`,
  tooMuch: "应答过大，不是该平台的应答",
  noMail: "配置中没有 mail: 部分",
  mailLogin: (said) => `邮件服务器拒绝登录：${said}`,
  mailSecurity: (said) => `无法与邮件服务器建立安全连接：${said}`,
  mailRefused: (code, said) => `邮件服务器拒收（${code}）：${said}`,
  mailBusy: (code, said) => `邮件服务器要求稍后再试（${code}）：${said}`,
  badAddress: "配置的地址无法使用",
  noReceiver: (receiver, channel) => `配置中已没有接收人 ${receiver} 的 ${channel}`,
  expired: (attempts, problem) =>
    `尝试 ${attempts} 次后放弃${problem === "" ? "" : `：${problem}`}`,
  unreadable: "本版本无法读取这条排队的消息",
  clock: {
    unset: "时钟未设置：带签名的消息会被拒绝，正在等待",
    off: (hours) => `时钟与服务器相差 ${hours} 小时：带签名的消息会被拒绝，正在等待`,
    unsynchronized: "时钟已多日未同步：带签名的消息仅偶尔尝试发送",
    todo: "请检查网络校时服务（timedatectl），或加装实时时钟。短信和不带签名的渠道照常发送。",
  },
  undelivered: (receiver, channel, count, why) =>
    `${count} 条消息等待通过 ${channel} 发给 ${receiver}：${why}`,
  todo: {
    configuration: (receiver, channel) =>
      `请检查配置中的 notify.${receiver}.${channel}，然后发送一条测试消息。`,
    network: "无需操作：会自动重试。若一直如此，请检查网关的网络。",
  },
  digest: {
    title: (count, priority) => `合并 ${count} 条消息，最高级别：${zhPriorities[priority]}`,
    more: (count) => `另有 ${count} 条`,
  },
  notDrained: "未能把全部消息发给接收人，其余消息在库中等待",
};

export const pushText: Texts<typeof en> = { en, zh };
export type PushText = typeof en;
