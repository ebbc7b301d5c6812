import type { Texts } from "./language.ts";

const en = {
  ok: (entries: number, hash: string) =>
    `The trail is whole: ${entries} entries, the last hash is ${hash}`,
  anchored: (anchors: number) => `It agrees with ${anchors} anchors that were kept elsewhere`,
  noAnchors:
    "Without anchors from elsewhere a cut end or a trail written anew cannot be seen: give --central or --anchors",
  altered: (seq: number) => `Entry ${seq} was changed`,
  removed: (seq: number) => `Entries before number ${seq} are missing`,
  "tail-missing": (seq: number) => `The trail ends before entry ${seq}, which it once had`,
  "anchor-mismatch": (seq: number) =>
    `Entry ${seq} is not the one that was kept elsewhere: the trail was written anew`,
  records: (segments: number, records: number) =>
    `The records of regulated points are whole: ${segments} segments, ${records} records`,
  "records-altered": (point: string, period: string) =>
    `The records of ${point} from ${period} were changed`,
  "records-removed": (point: string, period: string) =>
    `Records of ${point} before those from ${period} are missing`,
  "records-correction": (number: number) =>
    `Correction ${number} of the times of records was changed, or one before it is missing`,
  todo: "Keep the data folder as it is, and call the person who answers for quality",
  badAnchors: (where: string) => `${where} holds no anchors`,
  badAnchorsTodo: "It must be a JSON list of {seq, hash}, as central gives it",
  columns: ["number", "time", "who", "what", "details"],
};

const zh: typeof en = {
  ok: (entries, hash) => `审计记录完整：共 ${entries} 条，最后的哈希为 ${hash}`,
  anchored: (anchors) => `与别处保存的 ${anchors} 个锚点一致`,
  noAnchors: "没有别处保存的锚点，无法发现被截断的结尾或整体重写：请使用 --central 或 --anchors",
  altered: (seq) => `第 ${seq} 条被修改`,
  removed: (seq) => `第 ${seq} 条之前的记录缺失`,
  "tail-missing": (seq) => `记录在第 ${seq} 条之前结束，而该条曾经存在`,
  "anchor-mismatch": (seq) => `第 ${seq} 条与别处保存的不同：记录被重写过`,
  records: (segments, records) => `受管测点的记录完整：共 ${segments} 段，${records} 条`,
  "records-altered": (point, period) => `${point} 在 ${period} 的记录被修改`,
  "records-removed": (point, period) => `${point} 在 ${period} 之前的记录缺失`,
  "records-correction": (number) => `记录时间的第 ${number} 条更正被修改，或其前的更正缺失`,
  todo: "请保持数据目录原样，并联系质量负责人",
  badAnchors: (where) => `${where} 中没有锚点`,
  badAnchorsTodo: "内容必须是 {seq, hash} 的 JSON 列表，与中心给出的一致",
  columns: ["序号", "时间", "人员", "操作", "详情"],
};

/** What the verifier of the audit trail says. */
export const auditText: Texts<typeof en> = { en, zh };
