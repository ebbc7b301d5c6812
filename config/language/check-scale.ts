import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {
  "scale/example": "an example shows one frame: as hex, or as text",
  "scale/format-bytes":
    "write text of single bytes, or hex: and up to eight bytes, for example hex:0D0A",
  "scale/format-end": "a frame needs end or lengthBytes: nothing says where it ends",
  "scale/format-feature":
    "the pattern may name only the groups weight, sign, unit, status, mode, stable, tare, each once, and may neither look around nor refer back",
  "scale/format-length": "positions need frame.lengthBytes: a byte lost would shift the digits",
  "scale/format-many":
    "the pattern is too long: at most 200 characters, 12 repeated and 8 optional parts, 16 repeats",
  "scale/format-nested": "a repeated group may hold no repetition and no choice",
  "scale/format-outside": "this part ends behind the end of the frame",
  "scale/format-parts": "say where the parts of a frame are: by fields or by pattern, not both",
  "scale/format-slow":
    "the pattern takes too long to refuse a line that does not fit: leave no room for two readings of one text",
  "scale/format-syntax": "this is not a regular expression",
  "scale/format-unused":
    "no part of the frame is explained by this: name the part in fields or pattern",
  "scale/format-values":
    "a part of the frame is not explained: stable, status and net say what its words mean",
  "scale/format-weight": "nothing says where the weight is",
  "scale/format-words": "at most 32 words",
  "scale/hex": "write bytes in hex, for example 02 2B 30 0D",
  "scale/mode": "this protocol has no such mode",
  "scale/needless-format": "format describes the frames of protocol: described only",
  "scale/no-format": "protocol: described needs format: how the frames look",
  "scale/no-point": "this protocol has no such point",
  "scale/one-device": "a scale is alone on its line: give this one a channel of its own",
  "scale/protocol-missing": "say the protocol of the scale, or name a template that says it",
  "scale/stable-flag": "this protocol says itself when the weight is stable: leave stableAfter out",
};

const zh: typeof en = {
  "scale/example": "示例只写一帧：用 hex 或用 text",
  "scale/format-bytes": "请写单字节文本，或 hex: 加最多八个字节，例如 hex:0D0A",
  "scale/format-end": "帧需要 end 或 lengthBytes：没有写明帧在哪里结束",
  "scale/format-feature":
    "pattern 只能使用命名组 weight、sign、unit、status、mode、stable、tare，每个一次，且不能使用环视和反向引用",
  "scale/format-length": "按位置取值需要 frame.lengthBytes：丢失一个字节会使数字错位",
  "scale/format-many":
    "pattern 太长：最多 200 个字符、12 个重复部分、8 个可选部分，每处最多重复 16 次",
  "scale/format-nested": "重复的组内不能再有重复或选择",
  "scale/format-outside": "此部分超出了帧的末尾",
  "scale/format-parts": "请用 fields 或 pattern 之一写明帧中各部分的位置，不能两者都写",
  "scale/format-slow": "pattern 拒绝不匹配的行所需时间太长：不要让同一文本有两种读法",
  "scale/format-syntax": "这不是正则表达式",
  "scale/format-unused": "帧中没有与此对应的部分：请在 fields 或 pattern 中写明",
  "scale/format-values": "帧中有一部分没有解释：请用 stable、status、net 说明其中各词的含义",
  "scale/format-weight": "没有写明重量在哪里",
  "scale/format-words": "最多 32 个词",
  "scale/hex": "请用十六进制书写字节，例如 02 2B 30 0D",
  "scale/mode": "此协议没有这种模式",
  "scale/needless-format": "只有 protocol: described 才需要 format",
  "scale/no-format": "protocol: described 需要用 format 说明帧的格式",
  "scale/no-point": "此协议没有这个点",
  "scale/one-device": "一条线上只能有一台秤：请给这一台单独的通道",
  "scale/protocol-missing": "请写明秤的 protocol，或使用包含它的 template",
  "scale/stable-flag": "此协议自身会报告重量是否稳定：不要写 stableAfter",
};

/** What is said about the checks of the driver `scale`. */
export const checkScaleText: Texts<typeof en> = { en, zh };
