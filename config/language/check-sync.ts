import type { Told } from "./check-file.ts";
import type { Texts } from "./language.ts";

const en = {
  "sync/nowhere": (): Told => [
    "sync says nowhere to send to",
    "give sync.central, or a road under sync.uplinks",
  ],
  "sync/name-central": (): Told => [
    'a road cannot be named "central": that is what sync.central is called',
    "give it another name, as in backup or stick",
  ],
  "sync/folder-relative": (p: { got: string }): Told => [
    `"${p.got}" is no absolute folder`,
    "the agent is started somewhere else than you: write it from the root, as in /media/rackwatch",
  ],
  "sync/folder-twice": (p: { folder: string; other: string }): Told => [
    `two roads write bundles to ${p.folder}: this one and ${p.other}`,
    "each would take the other's bundles for its own: give each a folder",
  ],
  "sync/password-alone": (): Told => [
    "a broker takes no password without a username (MQTT 3.1.1)",
    "give username as well",
  ],
  "sync/certificate-twice": (): Told => [
    "a broker is shown one certificate: that of `rackwatch enroll` (identity), or the one of certificateFile",
    "take one of the two away",
  ],
  "sync/certificate-plain": (): Told => [
    "a certificate is shown over TLS alone, and this broker's address is without",
    "write the address as mqtts://HOST:8883",
  ],
  "sync/certificate-key": (): Told => [
    "a certificate goes with one key",
    "give certificateFile and either keyFile or key: !secret NAME",
  ],
  "sync/node-twice": (p: { node: string; other: string }): Told => [
    `two roads are the same Sparkplug node ${p.node} of one broker: this one and ${p.other}`,
    "births and deaths of the two would belie each other: give one of them another group or node",
  ],
};

const zh: typeof en = {
  "sync/nowhere": () => [
    "sync 没有写明发送到哪里",
    "请填写 sync.central，或在 sync.uplinks 下加一条通路",
  ],
  "sync/name-central": () => [
    "通路不能取名“central”：sync.central 已使用此名",
    "请换一个名称，例如 backup 或 stick",
  ],
  "sync/folder-relative": (p) => [
    `“${p.got}”不是绝对路径`,
    "代理的启动目录与您的不同：请从根目录写起，例如 /media/rackwatch",
  ],
  "sync/folder-twice": (p) => [
    `两条通路把数据包写到同一目录 ${p.folder}：本条与 ${p.other}`,
    "它们会把对方的数据包当成自己的：请各用一个目录",
  ],
  "sync/password-alone": () => [
    "没有用户名时，代理服务器不接受密码（MQTT 3.1.1）",
    "请同时填写 username",
  ],
  "sync/certificate-twice": () => [
    "向代理服务器只出示一个证书：`rackwatch enroll` 的证书（identity），或 certificateFile 的证书",
    "请删去其中一个",
  ],
  "sync/certificate-plain": () => [
    "证书只能通过 TLS 出示，而此代理服务器的地址没有使用 TLS",
    "请把地址写成 mqtts://HOST:8883",
  ],
  "sync/certificate-key": () => [
    "一个证书需要且只需要一个私钥",
    "请填写 certificateFile，并填写 keyFile 或 key: !secret 名称 其中之一",
  ],
  "sync/node-twice": (p) => [
    `两条通路在同一代理服务器上是同一个 Sparkplug 节点 ${p.node}：本条与 ${p.other}`,
    "两者的上线与下线消息会互相矛盾：请为其中一条换 group 或 node",
  ],
};

export const checkSyncText: Texts<typeof en> = { en, zh };
