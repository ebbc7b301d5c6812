import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {
  "scale/example": "an example shows one frame: as hex, or as text",
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
