import type { Priority } from "../schema/rule.ts";
import type { Texts } from "./language.ts";

const priorities = { critical: "critical", high: "high", medium: "medium", low: "low" };
const prioritiesZh = { critical: "紧急", high: "高", medium: "中", low: "低" };

const en = {
  badNumber: "The network knows no such number",
  barred: "The network bars this SIM from sending SMS",
  rejected: "The network rejected the message: often the SIM has no credit left",
  notSubscribed: "The SIM's contract has no SMS",
  phoneOff: "The phone is off or out of reach",
  congested: "The network is overloaded",
  noNetwork: "The modem has no network",
  noCenter: "The SIM has no SMS centre",
  noSim: "The modem finds no SIM",
  simPin: "The SIM wants a PIN or PUK",
  simFailed: "The SIM does not work",
  modemFailed: "The modem failed",
  memoryFull: "The modem's memory is full",
  unknown: "The modem refused the message",
  withCode: (sentence: string, code: string) => `${sentence} (${code})`,
  noNumber: "The receiver has no such number any more",
  noAnswer: "The modem does not answer",
  maybeSent: "The modem did not confirm the message: it may have been sent, and is sent again",
  expired: (problem: string) => `Given up, its time is over. Last problem: ${problem}`,
  neverTried: "it could not be tried",
  pinMissing: "The SIM wants a PIN, and none is configured",
  pinRefused: "The SIM refused the PIN; it is not tried again, three wrong ones lock the SIM",
  pukWanted: "The SIM is locked and wants its PUK",
  notRegistered: "The modem has found no network",
  denied: "The network does not admit this SIM",
  modemTodo: "Check the modem's power, cable and antenna",
  simTodo: "Check that the SIM is seated, active and has credit",
  pinTodo: "Correct the PIN of the SIM, or switch its PIN off in a phone",
  pukTodo: "Unlock the SIM in a phone with its PUK",
  networkTodo: "Check the antenna and its place, and that the SIM is active",
  digest: (count: number, priority: Priority, first: string) =>
    `${count} messages, highest ${priorities[priority]}: ${first}`,
};

const zh: typeof en = {
  badNumber: "网络中没有该号码",
  barred: "网络禁止此 SIM 卡发送短信",
  rejected: "网络拒绝了该短信：通常是 SIM 卡余额不足",
  notSubscribed: "SIM 卡套餐未开通短信",
  phoneOff: "对方手机关机或不在服务区",
  congested: "网络繁忙",
  noNetwork: "短信模块没有网络",
  noCenter: "SIM 卡没有短信中心号码",
  noSim: "短信模块找不到 SIM 卡",
  simPin: "SIM 卡要求输入 PIN 或 PUK 码",
  simFailed: "SIM 卡无法工作",
  modemFailed: "短信模块故障",
  memoryFull: "短信模块存储已满",
  unknown: "短信模块拒绝了该短信",
  withCode: (sentence, code) => `${sentence}（${code}）`,
  noNumber: "该接收人已没有此号码",
  noAnswer: "短信模块没有应答",
  maybeSent: "短信模块未确认该短信：可能已经发出，将再次发送",
  expired: (problem) => `已超过时限，放弃发送。最后的问题：${problem}`,
  neverTried: "一直未能尝试发送",
  pinMissing: "SIM 卡要求 PIN 码，但未配置",
  pinRefused: "SIM 卡拒绝了 PIN 码；不再重试，三次错误会锁卡",
  pukWanted: "SIM 卡已锁，需要 PUK 码",
  notRegistered: "短信模块未找到网络",
  denied: "网络不接纳此 SIM 卡",
  modemTodo: "请检查短信模块的电源、连线和天线",
  simTodo: "请检查 SIM 卡是否插好、已激活且有余额",
  pinTodo: "请更正 SIM 卡的 PIN 码，或在手机中关闭 PIN 码",
  pukTodo: "请在手机中用 PUK 码解锁 SIM 卡",
  networkTodo: "请检查天线及其位置，并确认 SIM 卡已激活",
  digest: (count, priority, first) => `${count}条消息，最高级别${prioritiesZh[priority]}：${first}`,
};

export const smsText: Texts<typeof en> = { en, zh };
export type SmsText = typeof en;
