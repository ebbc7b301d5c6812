import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {
  "mqtt/boolean-only": "on and off belong to kind: boolean",
  "mqtt/broker": "write local, tcp://host:1883 or tls://host:8883",
  "mqtt/client-id": "a client id has 1 to 64 characters without blanks",
  "mqtt/command-missing": "what can be written needs command: with a topic",
  "mqtt/command-unused": "a command needs access: write or read-write",
  "mqtt/example-payload": "an example has either payload or hex",
  "mqtt/hex": "write the message in hex, for example 08 01 12 05",
  "mqtt/local-only": "the gateway's own broker needs no login: leave this out with broker: local",
  "mqtt/metric-only": "a metric belongs to a device with sparkplug:",
  "mqtt/number-only": "scale and offset belong to kind: number",
  "mqtt/on-and-off": "give both on and off, so that any other value is known to be wrong",
  "mqtt/own-topic": "the gateway publishes below rackwatch/ itself: its own points are no devices",
  "mqtt/path-bracket": "brackets hold a number or a quoted name: rows[0], params['temperature:0']",
  "mqtt/path-depth": "a path has at most 16 steps",
  "mqtt/path-name": "a name is missing: write a.b.c, without a dot at the beginning or the end",
  "mqtt/scale-zero": "a scale of 0 makes every value 0",
  "mqtt/sparkplug-name": "a Sparkplug name is one level of a topic: no /, + or #",
  "mqtt/sparkplug-or-topic": "a device has either topic or sparkplug",
  "mqtt/sparkplug-point": "a point of a Sparkplug device is found by metric, not by topic or path",
  "mqtt/tls-only": "a certificate is for tls:// only",
  "mqtt/topic":
    "a topic has no wildcards (+ #) and at most 256 bytes: each device is named by itself",
  "mqtt/topic-missing":
    "the device needs topic: (or sparkplug:), or the point a whole topic of its own",
  "mqtt/topics-max": "more than 1000 topics in one channel: spread the devices over several",
  "mqtt/user-missing": "a password needs user:",
};

const zh: typeof en = {
  "mqtt/boolean-only": "on 和 off 只用于 kind: boolean",
  "mqtt/broker": "请写 local、tcp://主机:1883 或 tls://主机:8883",
  "mqtt/client-id": "客户端标识为 1 到 64 个字符，不含空格",
  "mqtt/command-missing": "可写的点需要 command: 及其 topic",
  "mqtt/command-unused": "command 需要 access: write 或 read-write",
  "mqtt/example-payload": "示例要么写 payload，要么写 hex",
  "mqtt/hex": "请用十六进制书写消息，例如 08 01 12 05",
  "mqtt/local-only": "网关自己的代理不需要登录：broker: local 时请不要写此项",
  "mqtt/metric-only": "metric 只用于带 sparkplug: 的设备",
  "mqtt/number-only": "scale 和 offset 只用于 kind: number",
  "mqtt/on-and-off": "请同时写 on 和 off，这样其他值就能被识别为错误",
  "mqtt/own-topic": "rackwatch/ 下的主题由网关自己发布：自己的点不是设备",
  "mqtt/path-bracket": "方括号内是数字或带引号的名称：rows[0]、params['temperature:0']",
  "mqtt/path-depth": "路径最多 16 级",
  "mqtt/path-name": "缺少名称：请写 a.b.c，开头和结尾不要有点",
  "mqtt/scale-zero": "scale 为 0 会使所有值都变成 0",
  "mqtt/sparkplug-name": "Sparkplug 名称是主题中的一级：不含 /、+ 或 #",
  "mqtt/sparkplug-or-topic": "设备要么有 topic，要么有 sparkplug",
  "mqtt/sparkplug-point": "Sparkplug 设备的点由 metric 指明，不用 topic 或 path",
  "mqtt/tls-only": "证书只用于 tls://",
  "mqtt/topic": "主题不含通配符（+ #），最多 256 字节：每个设备要单独写明",
  "mqtt/topic-missing": "设备需要 topic:（或 sparkplug:），或者点自己写完整的主题",
  "mqtt/topics-max": "一个通道超过 1000 个主题：请把设备分到多个通道",
  "mqtt/user-missing": "有 password 就需要 user:",
};

/** What is said about the checks of the driver `mqtt`. */
export const checkMqttText: Texts<typeof en> = { en, zh };
