import type { Texts } from "./language.ts";

const en = {
  operatorToken: (name: string, role: string) =>
    `This token of ${name} (${role}) is shown once. It is sent as Authorization: Bearer ...`,
  operatorRemoved: (name: string) => `${name} is let in no more.`,
  noOperator: (name: string) => ({
    message: `there is no operator ${name}`,
    todo: "Give the name as it was added; GET /v1/operators lists them.",
  }),
};

const zh: typeof en = {
  operatorToken: (name, role) =>
    `${name}（${role}）的令牌只显示一次，使用时放在 Authorization: Bearer ... 中`,
  operatorRemoved: (name) => `${name} 已不能再进入。`,
  noOperator: (name) => ({
    message: `没有名为 ${name} 的操作员`,
    todo: "请使用添加时的名字；GET /v1/operators 可列出全部。",
  }),
};

export const operatorText: Texts<typeof en> = { en, zh };
