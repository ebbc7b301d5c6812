import type { Texts } from "./language.ts";

const en = {
  unknown: (id: string) => `There is no excursion ${id} at hand`,
  order: (from: string, to: string) => `An excursion that is ${from} cannot become ${to}`,
  open: "An excursion that is not over cannot be released",
  signature: "A decision needs the person's name and what it means",
  mkt: (window: string, max: number) => `Mean kinetic temperature of ${window} is above ${max} °C`,
  mktAdvise: "Find out what warmed the stock, have quality assurance judge it",
};

const zh: typeof en = {
  unknown: (id: string) => `没有编号为 ${id} 的超标事件`,
  order: (from: string, to: string) => `处置状态为 ${from} 的超标事件不能改为 ${to}`,
  open: "尚未结束的超标事件不能放行",
  signature: "处置决定须注明签名人及其含义",
  mkt: (window, max) => `${window} 平均动力学温度高于 ${max} ℃`,
  mktAdvise: "查明升温原因，通知质管评估",
};

/** What is said about excursions, besides the messages of their alarms. */
export const coldChainText: Texts<typeof en> = { en, zh };
