import type { Texts } from "./language.ts";

/** What central says of a gateway by itself, on its page and to its webhook. */
const en = {
  "central/silent": "The gateway does not report to central",
  "central/stopped": "The gateway's agent reports, but the gateway itself stands still",
};

const zh: typeof en = {
  "central/silent": "网关没有向中心上报",
  "central/stopped": "网关的同步进程仍在上报，但网关本身已停止工作",
};

export const centralAlarmText: Texts<typeof en> = { en, zh };
