import type { Texts } from "./language.ts";

const en = {
  title: "Commands",
  about:
    "The gateway does it once, when it is connected. What was not fetched within five minutes is not done any more.",
  acknowledge: {
    title: "Acknowledge",
    why: "The buzzer falls silent, and the gateway's record says that you did it from central. Somebody should look at the place all the same.",
  },
  actions: {
    acknowledge: "Acknowledge",
    silence: "Silence buzzers",
    test: "Test a lamp or buzzer",
    "restart-channel": "Restart a channel",
    "send-logs": "Send logs",
  },
  target: {
    test: "Annunciator, or output such as stack/red",
    "restart-channel": "Channel, as the configuration names it",
  },
  comment: "Comment",
  send: "Send command",
  sent: "The command is on its way.",
  list: "What became of them",
  none: "No command was given yet.",
  what: "Command",
  who: "Who",
  when: "When",
  state: "State",
  states: {
    waiting: "waits for the gateway",
    fetched: "with the gateway",
    done: "done",
    refused: "refused",
    failed: "failed",
    expired: "expired",
    interrupted: "cut off",
  },
  files: {
    title: "Files that it sent",
    none: "None yet. Send logs brings one.",
    get: (size: string) => `Save (${size})`,
    lost: "The file could not be had.",
    todo: "Try again. Central keeps the last five files of a gateway.",
  },
};

const zh: typeof en = {
  title: "命令",
  about: "网关在线时执行一次。五分钟内未被取走的命令不再执行。",
  acknowledge: {
    title: "确认",
    why: "蜂鸣器将停止，网关记录会注明由您在中心确认。仍应有人到现场查看。",
  },
  actions: {
    acknowledge: "确认",
    silence: "蜂鸣器静音",
    test: "测试灯或蜂鸣器",
    "restart-channel": "重启通道",
    "send-logs": "发送日志",
  },
  target: {
    test: "报警器名称，或输出（如 stack/red）",
    "restart-channel": "配置中的通道名称",
  },
  comment: "备注",
  send: "发送命令",
  sent: "命令已下发。",
  list: "执行结果",
  none: "还没有命令。",
  what: "命令",
  who: "谁",
  when: "时间",
  state: "状态",
  states: {
    waiting: "等待网关",
    fetched: "网关已取走",
    done: "已完成",
    refused: "已拒绝",
    failed: "失败",
    expired: "已过期",
    interrupted: "已中断",
  },
  files: {
    title: "网关发来的文件",
    none: "还没有。“发送日志”会带来一个。",
    get: (size) => `保存（${size}）`,
    lost: "无法取得该文件。",
    todo: "请重试。中心为每个网关保留最近五个文件。",
  },
};

/** Commands to a gateway on central's page. */
export const centralCommandsText: Texts<typeof en> = { en, zh };
