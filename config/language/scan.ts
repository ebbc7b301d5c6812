import type { Texts } from "./language.ts";

const en = {
  found: (count: number) =>
    count === 0 ? "Nothing was found." : count === 1 ? "1 found." : `${count} found.`,
  stopped: "Stopped; this is what was found until then.",
  ended: (why: string) => `The scan ended early: ${why}`,
  progress: (percent: number, now: string, left: string) => `${percent} %  ${now}  ${left} left`,
  stopHint: "Any key or Ctrl-C stops.",
  paste: "# For the configuration, or run again with --write --config FILE:",
  needs: (what: string) => `# add ${what}`,
  advised: "advised",
  openIn: (programs: string) => `open in ${programs}`,
  noPorts: "No serial port is plugged in.",
  written: (count: number, file: string, backup: string) =>
    `${count} added to ${file}; the file as it was: ${backup}`,
  nothingToWrite: (file: string) => `Nothing to add: ${file} is as it was.`,
  known: (title: string) => `in the configuration already: ${title}`,
  incomplete: (title: string, what: string) => `not written, add ${what}: ${title}`,
  taken: (title: string, channel: string) =>
    `not written, its port belongs to channel ${channel}: ${title}`,
};

const zh: typeof en = {
  found: (count) => (count === 0 ? "没有找到任何设备。" : `找到 ${count} 个。`),
  stopped: "已停止；以下是到目前为止找到的内容。",
  ended: (why) => `扫描提前结束：${why}`,
  progress: (percent, now, left) => `${percent} %  ${now}  剩余 ${left}`,
  stopHint: "按任意键或 Ctrl-C 停止。",
  paste: "# 可粘贴到配置中，或加上 --write --config 文件 再运行一次：",
  needs: (what) => `# 请补充 ${what}`,
  advised: "建议写法",
  openIn: (programs) => `正被使用：${programs}`,
  noPorts: "没有插入任何串口。",
  written: (count, file, backup) => `已向 ${file} 添加 ${count} 项；原文件：${backup}`,
  nothingToWrite: (file) => `没有可添加的内容：${file} 未改动。`,
  known: (title) => `配置中已有：${title}`,
  incomplete: (title, what) => `未写入，请补充 ${what}：${title}`,
  taken: (title, channel) => `未写入，端口已属于通道 ${channel}：${title}`,
};

/** What `rackwatch scan` says by itself; what it finds is told in the words of the drivers. */
export const scanText: Texts<typeof en> = { en, zh };
