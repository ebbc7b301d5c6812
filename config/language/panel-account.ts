import type { Texts } from "./language.ts";

/** Words of logging in and of the first user: part of the first look at the page. */
const en = {
  login: "Log in",
  logout: "Log out",
  loginTitle: "Log in",
  loginWhy: "Reading is open to all. Whoever acts here is named in the record.",
  user: "User name",
  password: "Password",
  setupTitle: "Create the first user",
  setupWhy:
    "This gateway has no user yet. Enter the one-time code that it printed to its log when it started.",
  setupCodeHint: "On the gateway: journalctl -u rackwatch-gateway",
  code: "One-time code",
  newPassword: "New password",
  passwordHint: "At least 10 characters",
  create: "Create user",
  duties: "Who may what",
  wait: (time: string) => `You may try again in ${time}`,
  waitOver: "You may try again now.",
};

const zh: typeof en = {
  login: "登录",
  logout: "退出登录",
  loginTitle: "登录",
  loginWhy: "查看无需登录。在此操作的人会被记录姓名。",
  user: "用户名",
  password: "密码",
  setupTitle: "创建第一个用户",
  setupWhy: "此网关还没有用户。请输入网关启动时打印在日志中的一次性代码。",
  setupCodeHint: "在网关上运行：journalctl -u rackwatch-gateway",
  code: "一次性代码",
  newPassword: "新密码",
  passwordHint: "至少 10 个字符",
  create: "创建用户",
  duties: "谁可以做什么",
  wait: (time: string) => `${time} 后可重试`,
  waitOver: "现在可以重试。",
};

export const panelAccountText: Texts<typeof en> = { en, zh };
