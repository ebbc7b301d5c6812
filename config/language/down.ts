import type { Texts } from "./language.ts";

const en = {
  conflict: "config/conflict: the configuration here was changed after its author looked",
  conflictFile:
    "config/conflict: the file at the gateway has a change that does not run yet, or cannot",
  notEditable: (why: string) =>
    `config/form: ${why}; a person at the gateway has to rewrite it without aliases and tags`,
  invalid: (problems: string) => `config/invalid: ${problems}`,
  switchFailed: (reason: string) => `config/switch: ${reason}`,
  notWritable: (file: string, code: string) =>
    `config/read-only: ${file} cannot be replaced (${code}); let the gateway write its folder: ReadWritePaths= in a drop-in of rackwatch-gateway.service, and \`chmod 2770\` for group rackwatch`,
  notKept: (code: string) => `store/full: the configuration before cannot be kept (${code})`,
  lastReceiver: "down/last-receiver: nobody would be told of an alarm any more",
  lastRule: "down/last-rule: no rule would be left; a person at the gateway may do that",
  foreignSecret: (name: string) =>
    `down/secret: secret ${name} belongs to a wire or to the gateway itself, and is not central's to use`,
  restarted: "the gateway or its power went off in the trial; the configuration before runs",
  edited: "the file was edited by hand in the trial",
  channelDead: (channel: string) =>
    `channel ${channel} delivers nothing any more; if it does not under the configuration before either, this one was not the reason: send it again`,
  channelClosed: (channel: string) => `channel ${channel} does not open`,
  channelFalls: (channel: string, times: number) =>
    `channel ${channel} failed ${times} times within the trial`,
  newProblem: (part: string, message: string) => `${part}: ${message}`,
  backFailed: (reason: string) => `the configuration before does not start either: ${reason}`,
  forged: "down/forged: the signature is not central's",
  unreadable: "down/unreadable: this version does not understand the message",
  otherGateway: "down/other-gateway: the message is for another gateway",
  otherNumber: "down/other-number: the message came under another number",
  expired: "it came too late",
  ageUnknown: "the gateway's clock is not set, so nobody knows how old this is",
  clockBehind: "the gateway's clock is behind central's, so nobody knows how old this is",
  targetMissing: "a target is missing",
  silenceAll:
    "the buzzers of a gateway are silenced together: leave the target out; the buzzer of one alarm is quiet when it is acknowledged",
  interrupted:
    "down/interrupted: the gateway ended while it did this; it is not done a second time",
  noAlarm: (target: string) => `there is no alarm ${target}`,
  noOutput: (target: string) => `there is no annunciator or output ${target}`,
  noChannel: (target: string) => `there is no channel ${target}`,
  badId: "the id of the command is no name for a file",
  logsFailed: (why: string) => `the bundle was not written: ${why}`,
  logsTooLarge: "the bundle is too large",
  waitsHole: (number: number) => `message ${number} of central is missing; those behind it wait`,
  waitsKey: "messages of central are signed by a key that this gateway does not trust yet",
  waitsTodo: "See whether the agent reaches central; enrol again when central has another key",
};

const zh: typeof en = {
  conflict: "config/conflict：作者查看之后，本网关的配置已被更改",
  conflictFile: "config/conflict：网关上的文件有尚未运行或无法运行的更改",
  notEditable: (why) => `config/form：${why}；需由现场人员改写该文件，不使用别名和标签`,
  invalid: (problems) => `config/invalid：${problems}`,
  switchFailed: (reason) => `config/switch：${reason}`,
  notWritable: (file, code) =>
    `config/read-only：无法替换 ${file}（${code}）；请允许网关写入该目录：在 rackwatch-gateway.service 的 drop-in 中设置 ReadWritePaths=，并为 rackwatch 组执行 \`chmod 2770\``,
  notKept: (code) => `store/full：无法保存之前的配置（${code}）`,
  lastReceiver: "down/last-receiver：将不再有任何人收到报警",
  lastRule: "down/last-rule：将没有任何规则；只有现场人员可以这样做",
  foreignSecret: (name) => `down/secret：机密 ${name} 属于线路或网关自身，中心不得使用`,
  restarted: "试运行期间网关重启或断电；继续使用之前的配置",
  edited: "试运行期间文件被手工修改",
  channelDead: (channel) =>
    `通道 ${channel} 不再有数据；若恢复之前的配置后仍无数据，则原因不在此配置：请再次下发`,
  channelClosed: (channel) => `通道 ${channel} 无法打开`,
  channelFalls: (channel, times) => `通道 ${channel} 在试运行期间失败 ${times} 次`,
  newProblem: (part, message) => `${part}：${message}`,
  backFailed: (reason) => `之前的配置也无法启动：${reason}`,
  forged: "down/forged：签名不是中心的",
  unreadable: "down/unreadable：本版本无法理解该消息",
  otherGateway: "down/other-gateway：该消息属于另一网关",
  otherNumber: "down/other-number：该消息的编号不符",
  expired: "到达时已过期",
  ageUnknown: "网关时钟未设置，无法得知消息的时间",
  clockBehind: "网关时钟落后于中心，无法得知消息的时间",
  targetMissing: "缺少目标",
  silenceAll: "一台网关的蜂鸣器只能一起静音：请不要指定目标；确认某条报警即可使其蜂鸣器静音",
  interrupted: "down/interrupted：执行过程中网关退出；不会再次执行",
  noAlarm: (target) => `没有报警 ${target}`,
  noOutput: (target) => `没有声光装置或输出 ${target}`,
  noChannel: (target) => `没有通道 ${target}`,
  badId: "命令编号不能用作文件名",
  logsFailed: (why) => `未能写出支持包：${why}`,
  logsTooLarge: "支持包过大",
  waitsHole: (number) => `缺少中心的第 ${number} 条消息；其后的消息在等待`,
  waitsKey: "中心消息的签名密钥尚未被本网关信任",
  waitsTodo: "请检查同步代理能否连接中心；中心更换密钥后请重新注册",
};

/** What is said of what central asked for. */
export const downText: Texts<typeof en> = { en, zh };
