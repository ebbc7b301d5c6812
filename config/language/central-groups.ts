import type { Texts } from "./language.ts";

const en = {
  title: "Groups",
  about:
    "The gateways of a group get the same rules, limits, receivers and so on. What a gateway has of its own goes before what its group gives.",
  loading: "Asking central",
  none: "There is no group yet.",
  add: "New group",
  addAbout: "It is empty at first: then add gateways to it, and say what they shall get.",
  name: "Name of the group",
  nameHint: "Letters, digits, dot, dash and underscore, such as cold-rooms.",
  nameWrong: "A group cannot have this name.",
  known: (name: string) => `There is a group ${name} already.`,
  group: (name: string) => `Group ${name}`,
  back: "All groups",
  members: {
    title: "Gateways in this group",
    none: "No gateway is in this group yet.",
    gateway: "Gateway",
    state: "What it has been told",
    act: "Change",
    states: {
      told: "told all of it",
      due: "being told",
      unknown: "waits: it never said what runs on it",
    },
    search: "Add a gateway: type a part of its name",
    noneFound: "No other gateway has this in its name.",
    more: (shown: string, all: string) => `${shown} of ${all} are shown. Type more of the name.`,
    add: "Add",
    addTitle: (gateway: string) => `Add ${gateway} to the group`,
    addWhy: (group: string) =>
      `It gets what group ${group} gives, at once when it is connected. What it has of its own stays.`,
    remove: "Take out",
    removeTitle: (gateway: string) => `Take ${gateway} out of the group`,
    removeWhy: (group: string) =>
      `What it has from group ${group} only is taken away from it, rules and receivers too. What it has of its own stays.`,
  },
  given: "What the group gives",
  givenAbout: "Each gateway of the group gets this, checks it, and tries it before it stays.",
  givenNothing: "Nothing yet.",
  send: (gateways: string) =>
    gateways === "1" ? "Send to 1 gateway" : `Send to ${gateways} gateways`,
  sent: (revision: string) =>
    `Revision ${revision} is on its way. What becomes of it stands on the page of each gateway, under Configuration.`,
  historyAbout: "The last 50 changes of what the group gives.",
  historyNone: "Nothing was changed yet.",
  restoreWhy:
    "The group gives again what it gave then, as a new revision. Each gateway checks and tries it.",
};

const zh: typeof en = {
  title: "分组",
  about: "同组的网关得到相同的规则、限值、接收人等。网关自己的设置优先于分组的设置。",
  loading: "正在查询",
  none: "还没有分组。",
  add: "新建分组",
  addAbout: "新分组是空的：随后加入网关，并写明它们应得到什么。",
  name: "分组名称",
  nameHint: "可用字母、数字、点、短横线和下划线，例如 cold-rooms。",
  nameWrong: "分组不能使用这个名称。",
  known: (name) => `分组 ${name} 已存在。`,
  group: (name) => `分组 ${name}`,
  back: "全部分组",
  members: {
    title: "本组的网关",
    none: "本组还没有网关。",
    gateway: "网关",
    state: "下发情况",
    act: "更改",
    states: {
      told: "已全部下发",
      due: "正在下发",
      unknown: "等待：网关从未上报正在运行的配置",
    },
    search: "加入网关：输入名称的一部分",
    noneFound: "没有其他名称相符的网关。",
    more: (shown, all) => `共 ${all} 个，显示 ${shown} 个。请多输入几个字。`,
    add: "加入",
    addTitle: (gateway) => `把 ${gateway} 加入分组`,
    addWhy: (group) => `网关在线时立即得到分组 ${group} 的内容。网关自己的设置保留。`,
    remove: "移出",
    removeTitle: (gateway) => `把 ${gateway} 移出分组`,
    removeWhy: (group) =>
      `只来自分组 ${group} 的内容将从该网关删除，包括规则和接收人。网关自己的设置保留。`,
  },
  given: "分组给出的内容",
  givenAbout: "组内每个网关都会得到这些内容，先检查、试运行，然后才保留。",
  givenNothing: "还没有内容。",
  send: (gateways) => `下发到 ${gateways} 个网关`,
  sent: (revision) => `第 ${revision} 号修订已下发。结果见各网关页面的“配置”。`,
  historyAbout: "分组内容最近 50 次修改。",
  historyNone: "还没有修改。",
  restoreWhy: "分组将再次给出当时的内容，作为新的修订。各网关照常检查并试运行。",
};

/** Groups of gateways on central's page. */
export const centralGroupsText: Texts<typeof en> = { en, zh };
