import type { Texts } from "./language.ts";

const en = {
  made: (file: string, kind: string, megabytes: string) => `${file}: ${kind}, ${megabytes} MB`,
  secret: "It holds what the database holds, also hashes of passwords: keep it like one.",
  sound: (chunks: number, events: number, audit: number) =>
    `sound: ${chunks} chunks, ${events} events, ${audit} entries of the audit trail`,
  of: (gateway: string, createdAt: string, kind: string) =>
    `backup of ${gateway}, made ${createdAt} (${kind})`,
  damaged: (found: number) => `damaged: ${found}`,
  structure: "structure",
  chunk: "content of a chunk",
  chain: "chain of events",
  audit: "audit trail",
  todo: "A gateway takes over by itself what is sound; of backups take an older one",
  restored: (gateway: string, createdAt: string) =>
    `the state of ${gateway} of ${createdAt} is in place; it goes on under a new epoch`,
  aside: (files: string) => `what was there: ${files}`,
  start: "Start the gateway now (systemctl start rackwatch-gateway)",
  oneOf: "name a backup file, or a data folder with --data",
};

const zh: typeof en = {
  made: (file, kind, megabytes) => `${file}：${kind}，${megabytes} MB`,
  secret: "备份含有数据库中的全部内容，包括密码的哈希值：请像保管密码一样保管它。",
  sound: (chunks, events, audit) =>
    `完好：${chunks} 个数据块，${events} 条事件，${audit} 条审计记录`,
  of: (gateway, createdAt, kind) => `${gateway} 的备份，制作于 ${createdAt}（${kind}）`,
  damaged: (found) => `损坏：${found} 处`,
  structure: "结构",
  chunk: "数据块内容",
  chain: "事件链",
  audit: "审计记录",
  todo: "网关会自动接管完好的内容；备份损坏时请使用更早的备份",
  restored: (gateway, createdAt) => `${gateway} 在 ${createdAt} 的状态已恢复，并以新的纪元继续`,
  aside: (files) => `原有文件：${files}`,
  start: "现在请启动网关（systemctl start rackwatch-gateway）",
  oneOf: "请给出备份文件，或用 --data 给出数据目录",
};

export const backupText: Texts<typeof en> = { en, zh };
