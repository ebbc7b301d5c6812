import type { Texts } from "./language.ts";

const en = {
  empty: "Empty the shelf but for its containers, wait until it rests, then press Enter.",
  put: (pieces: number, round: number, rounds: number) =>
    `Put ${pieces} more pieces on it, others than before (${round} of ${rounds}), then press Enter.`,
  weighs: (weight: string) => `It weighs ${weight}.`,
  unstable: "It does not rest. Take the hands off, then press Enter again.",
  noWeight: (reason: string) => `The scale gives no weight: ${reason}. Then press Enter again.`,
  negative: "The scale shows less than nothing. Set it to zero, then press Enter again.",
  noChange: "That is no change. Put the pieces on, then press Enter again.",
  result: (weight: string, percent: string) => `One piece: ${weight}, spread ${percent} %.`,
  exact: (pieces: number) => `Counts are exact up to ${pieces} pieces.`,
  paste: "For the configuration:",
  tooLight: (divisions: number, division: string) =>
    `One piece weighs less than ${divisions} steps of the scale (${division} each): it cannot be counted by weight here.`,
};

const zh: typeof en = {
  empty: "请清空货架（只留容器），待其静止后按回车键。",
  put: (pieces, round, rounds) =>
    `请再放上 ${pieces} 件（与之前不同的，第 ${round}/${rounds} 次），然后按回车键。`,
  weighs: (weight) => `重量为 ${weight}。`,
  unstable: "重量不稳定。请把手拿开，然后再按回车键。",
  noWeight: (reason) => `秤没有给出重量：${reason}。处理后再按回车键。`,
  negative: "秤的示值小于零。请将秤置零，然后再按回车键。",
  noChange: "重量没有变化。请放上物品，然后再按回车键。",
  result: (weight, percent) => `单件：${weight}，离散度 ${percent} %。`,
  exact: (pieces) => `${pieces} 件以内计数准确。`,
  paste: "配置内容：",
  tooLight: (divisions, division) =>
    `单件重量不足 ${divisions} 个分度（每分度 ${division}）：在此秤上无法按重量计数。`,
};

export const weighText: Texts<typeof en> = { en, zh };
