import type { Language } from "./language.ts";

export interface SwitchText {
  readonly refused: (reason: string) => string;
  readonly todo: string;
  readonly otherId: (id: string) => string;
  readonly diskRefuses: string;
}

/** What is said of a change of the configuration that the gateway does not go over to. */
export const switchText: Readonly<Record<Language, SwitchText>> = {
  en: {
    refused: (reason) =>
      `the changed configuration is not in use, the one before runs on: ${reason}`,
    todo: "Run `rackwatch check`, mend the file and load it again",
    otherId: (id) => `gateway.id is ${id} in the file; another name needs a restart of the gateway`,
    diskRefuses: "the disk refuses writes; what waits in memory would be lost by a switch",
  },
  zh: {
    refused: (reason) => `更改后的配置未启用，继续使用之前的配置：${reason}`,
    todo: "运行 `rackwatch check`，修正文件后重新加载",
    otherId: (id) => `文件中的 gateway.id 为 ${id}；更改名称需要重启网关`,
    diskRefuses: "磁盘拒绝写入；此时切换会丢失内存中等待写入的数据",
  },
};
