import type { Texts } from "./language.ts";

const en = {
  same: "this is the configuration that runs already",
  written: (file: string) => `${file} is written; the gateway goes over to it within some seconds`,
  kept: (file: string) => `the gateway does not run; ${file} counts from its next start`,
  notWritten: (file: string) => `${file} cannot be replaced`,
  notWrittenTodo:
    "Run the command as a user who may write the file, its folder and the data folder",
  none: "no configuration is on record yet",
  noSuch: (serial: number) => `configuration ${serial} is not on record, or its file is damaged`,
  noSuchTodo: "`rackwatch history` lists those that are",
  nothingBefore: "there is no confirmed configuration before the one that runs",
  back: (serial: number) => `back to ${serial}`,
  noOutcome: (seconds: number) => `no outcome within ${seconds} s; see \`rackwatch history\``,
  outcomes: {
    trial: "on trial",
    confirmed: "confirmed",
    refused: "refused",
    "rolled-back": "taken back",
  },
  sources: { central: "central", file: "edited by hand", panel: "panel", command: "command" },
};

const zh: typeof en = {
  same: "这就是正在运行的配置",
  written: (file) => `已写入 ${file}；网关将在数秒内切换`,
  kept: (file) => `网关未运行；${file} 将在下次启动时生效`,
  notWritten: (file) => `无法替换 ${file}`,
  notWrittenTodo: "请以可写入该文件、其目录及数据目录的用户运行此命令",
  none: "尚无配置记录",
  noSuch: (serial) => `没有第 ${serial} 号配置的记录，或其文件已损坏`,
  noSuchTodo: "`rackwatch history` 列出现有记录",
  nothingBefore: "当前配置之前没有已确认的配置",
  back: (serial) => `回到第 ${serial} 号`,
  noOutcome: (seconds) => `${seconds} 秒内没有结果；请查看 \`rackwatch history\``,
  outcomes: { trial: "试运行", confirmed: "已确认", refused: "已拒绝", "rolled-back": "已撤回" },
  sources: { central: "中心", file: "手工修改", panel: "面板", command: "命令" },
};

/** What `rackwatch apply`, `history` and `rollback` say. */
export const revisionsText: Texts<typeof en> = { en, zh };
