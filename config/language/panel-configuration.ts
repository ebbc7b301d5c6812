import type { Texts } from "./language.ts";

/** Words of the page about the configurations that ran lately. */
const en = {
  title: "Configuration",
  about: "What this gateway ran lately: who changed it, when, and what became of it.",
  none: "No configuration is on record yet",
  runs: "Runs now",
  revision: (revision: number) => `central's revision ${revision}`,
  lines: (count: number) => (count === 1 ? "1 line changed" : `${count} lines changed`),
  unchanged: "No line changed",
  removed: "removed",
  added: "added",
  goBack: "Go back",
  goBackNamed: (serial: number) => `Go back to configuration ${serial}`,
  goBackTitle: (serial: number) => `Go back to configuration ${serial}?`,
  goBackAbout:
    "It is checked and tried as a new configuration for about a minute. If something gets worse, the gateway takes it back by itself. Your name goes on record.",
  password: "Your password",
  written: (serial: number) =>
    `Configuration ${serial} is written; what becomes of it appears here within about a minute.`,
};

const zh: typeof en = {
  title: "配置",
  about: "本网关最近运行过的配置：谁在何时修改，结果如何。",
  none: "尚无配置记录",
  runs: "正在运行",
  revision: (revision) => `中心第 ${revision} 号修订`,
  lines: (count) => `修改了 ${count} 行`,
  unchanged: "没有修改任何行",
  removed: "删除",
  added: "新增",
  goBack: "回退",
  goBackNamed: (serial) => `回退：第 ${serial} 号配置`,
  goBackTitle: (serial) => `回退到第 ${serial} 号配置？`,
  goBackAbout:
    "系统会先检查，再作为新配置试运行约一分钟。若情况变差，网关会自行撤回。您的姓名会记录在案。",
  password: "您的密码",
  written: (serial) => `已写入第 ${serial} 号配置；约一分钟内此处会显示结果。`,
};

export const panelConfigurationText: Texts<typeof en> = { en, zh };
