import type { Texts } from "./language.ts";

/** What a sentence is told with. */
export type RefusalFacts = Readonly<Record<string, string | number>>;

type Sentence = (facts: RefusalFacts) => readonly [message: string, todo?: string];

function sentences<Key extends string>(all: Readonly<Record<Key, Sentence>>) {
  return all;
}

/** Why something cannot be done with the stock, and what can be done instead. */
const en = sentences({
  time: () => ["its time is none"],
  number: () => ["the quantity is no number that can be booked"],
  whole: () => ["pieces are whole numbers"],
  negative: () => ["the quantity is below zero"],
  negativeCount: () => ["a count is never below zero"],
  nothing: () => ["nothing is moved"],
  sign: (it) => [`a ${it["kind"]} of ${it["quantity"]} has the wrong sign`],
  sameplace: () => ["a transfer goes to another location"],
  tooMuch: (it) => [
    `${it["quantity"]} ${it["unit"]} are to go, but there are ${it["there"]} ${it["unit"]}`,
    "count what is there, then book again",
  ],
  tooMuchOfLot: (it) => [
    `${it["quantity"]} ${it["unit"]} are to go, but there are ${it["there"]} ${it["unit"]} of lot ${it["lot"]}`,
    "count what is there, then book again",
  ],
  tooManyLots: (it) => [
    `there are ${it["max"]} lots of it here already`,
    "book lots that are gone as used up",
  ],
  tooManyOrders: (it) => [
    `there are ${it["max"]} orders already`,
    "close orders that are fulfilled or given up",
  ],
  lotDate: (it) => [
    `lot ${it["lot"]} of ${it["item"]} expires on ${it["recorded"]}, not on ${it["expires"]}`,
    "check the package; correct the date of the lot if need be",
  ],
  lockedAlready: (it) => [`${it["place"]}: it is locked already`],
  notHeld: (it) => [`${it["place"]}: nothing holds it`],
  rejected: (it) => [`${it["place"]}: it was rejected`],
  excursionOpen: (it) => [`${it["place"]}: the excursion ${it["excursion"]} is not over`],
  noLocation: (it) => [`there is no location ${it["location"]}`],
  noItem: (it) => [`there is no item ${it["item"]}`],
  notKept: (it) => [
    `${it["item"]} is not kept at ${it["location"]}`,
    "give the item this location first",
  ],
  transferTo: () => ["a transfer needs where it goes"],
  onlyTransfer: () => ["only a transfer goes somewhere"],
  reason: () => ["a correction needs its reason"],
  keyTaken: (it) => [
    `something else was booked under the key ${it["key"]}`,
    "send a new key with a new booking",
  ],
  tooOld: (it) => [`older than what the ledger keeps, ${it["oldest"]}`],
  noProposal: (it) => [`there is no proposal ${it["proposal"]}`],
  proposalOver: (it) => [`the proposal ${it["proposal"]} is open no more`, "load the page again"],
});

export type StockRefusalKey = keyof typeof en;

const zh: typeof en = {
  time: () => ["时间无效"],
  number: () => ["数量不是可以登记的数"],
  whole: () => ["件数必须是整数"],
  negative: () => ["数量小于零"],
  negativeCount: () => ["盘点数不能小于零"],
  nothing: () => ["数量为零，没有变化"],
  sign: (it) => [`${it["kind"]} 的数量 ${it["quantity"]} 正负号不对`],
  sameplace: () => ["调拨的两端必须是不同的库位"],
  tooMuch: (it) => [
    `要取 ${it["quantity"]} ${it["unit"]}，但只有 ${it["there"]} ${it["unit"]}`,
    "请先盘点，再登记",
  ],
  tooMuchOfLot: (it) => [
    `要取批号 ${it["lot"]} 的 ${it["quantity"]} ${it["unit"]}，但只有 ${it["there"]} ${it["unit"]}`,
    "请先盘点，再登记",
  ],
  tooManyLots: (it) => [`这里已有 ${it["max"]} 个批号`, "请把已用完的批号登记为用完"],
  tooManyOrders: (it) => [`已有 ${it["max"]} 个订单`, "请关闭已完成或已取消的订单"],
  lotDate: (it) => [
    `${it["item"]} 的批号 ${it["lot"]} 有效期是 ${it["recorded"]}，不是 ${it["expires"]}`,
    "请核对包装；如有必要，更正该批号的有效期",
  ],
  lockedAlready: (it) => [`${it["place"]}：已经锁定`],
  notHeld: (it) => [`${it["place"]}：没有被锁定`],
  rejected: (it) => [`${it["place"]}：已判定不合格`],
  excursionOpen: (it) => [`${it["place"]}：超温事件 ${it["excursion"]} 尚未结束`],
  noLocation: (it) => [`没有库位 ${it["location"]}`],
  noItem: (it) => [`没有货品 ${it["item"]}`],
  notKept: (it) => [`${it["item"]} 不存放在 ${it["location"]}`, "请先给该货品设置这个库位"],
  transferTo: () => ["调拨需要填写目的库位"],
  onlyTransfer: () => ["只有调拨才有目的库位"],
  reason: () => ["更正需要填写原因"],
  keyTaken: (it) => [`键 ${it["key"]} 已登记了别的内容`, "新的登记请使用新的键"],
  tooOld: (it) => [`早于账册保留的日期 ${it["oldest"]}`],
  noProposal: (it) => [`没有建议 ${it["proposal"]}`],
  proposalOver: (it) => [`建议 ${it["proposal"]} 已经处理`, "请重新加载页面"],
};

export const stockRefusalText: Texts<typeof en> = { en, zh };
