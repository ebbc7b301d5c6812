import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {
  "opcua/alias": "a short name for a namespace is a word of letters, digits, _ and -",
  "opcua/bad-while":
    "badWhile names other points of the same device that are read, of kind boolean; events have none",
  "opcua/deadband-kind": "a deadband needs a number",
  "opcua/endpoint": "an endpoint is opc.tcp://host:port, for example opc.tcp://10.0.0.8:4840",
  "opcua/engineering-units": "masses are converted to kg: write unit: kg",
  "opcua/enum-code": "the keys of enum are whole numbers, as the server sends them",
  "opcua/enum-kind": "with enum the values are text: leave kind out",
  "opcua/event-access": "events are read only",
  "opcua/event-deadband": "events have no deadband",
  "opcua/event-field": "an event needs field: which of its fields to take",
  "opcua/event-poll": "events cannot be polled",
  "opcua/field": "a field is a path like Net, Sighting[0].Antenna or ScanResult[].ScanData",
  "opcua/field-access": "part of a structure cannot be written",
  "opcua/namespace": "this short name stands neither in namespaces nor is it a known companion",
  "opcua/namespace-index":
    "name the namespace by its URI: its index changes when the server restarts",
  "opcua/node": "a node is nsu=URI;s=Name, i=2258 or a path like /Objects/alias:Line/alias:Level",
  "opcua/password-user": "a password needs a user",
  "opcua/points-max": "too many points in one channel: at most 5000",
  "opcua/two-identities": "log in either by user and password, or by certificate",
};

const zh: typeof en = {
  "opcua/alias": "命名空间的短名由字母、数字、_ 和 - 组成",
  "opcua/bad-while": "badWhile 写同一设备中其他可读的 boolean 点；事件不能使用",
  "opcua/deadband-kind": "deadband 只能用于数字",
  "opcua/endpoint": "endpoint 的形式为 opc.tcp://主机:端口，例如 opc.tcp://10.0.0.8:4840",
  "opcua/engineering-units": "质量换算为 kg：请写 unit: kg",
  "opcua/enum-code": "enum 的键是服务器发送的整数",
  "opcua/enum-kind": "使用 enum 时值为文本：不要写 kind",
  "opcua/event-access": "事件只能读",
  "opcua/event-deadband": "事件没有 deadband",
  "opcua/event-field": "事件需要 field：取它的哪个字段",
  "opcua/event-poll": "事件不能轮询",
  "opcua/field": "field 是路径，例如 Net、Sighting[0].Antenna 或 ScanResult[].ScanData",
  "opcua/field-access": "结构的一部分不可写",
  "opcua/namespace": "此短名既不在 namespaces 中，也不是已知的伴随规范",
  "opcua/namespace-index": "请用 URI 指明命名空间：服务器重启后其序号会变",
  "opcua/node": "node 的形式为 nsu=URI;s=名称、i=2258，或路径 /Objects/alias:Line/alias:Level",
  "opcua/password-user": "password 需要 user",
  "opcua/points-max": "一个通道中的点太多：最多 5000 个",
  "opcua/two-identities": "用户名密码与证书登录只能选一种",
};

/** What is said about the checks of the driver `opcua`. */
export const checkOpcUaText: Texts<typeof en> = { en, zh };
