import type { WarningKind } from "../schema/item.ts";
import type { Texts } from "./language.ts";

/** A figure of a warning as people read it, with its unit; undefined: it is not known. */
export type Said = (figure: string) => string | undefined;

export interface WarningText {
  /** Two or three words, for lists and badges. */
  readonly title: string;
  /** What is wrong; `what`: the item with its lot, or the location's own word where no item is known. */
  readonly head: (what: string) => string;
  /** The numbers behind it; undefined: too little is known for them. */
  readonly detail: (said: Said) => string | undefined;
  /** What the person who gets it is to do. */
  readonly advise: string;
}

/** A sentence of figures all of which are known. */
function all<const Names extends readonly string[]>(
  names: Names,
  build: (...said: { readonly [Index in keyof Names]: string }) => string,
): (said: Said) => string | undefined;
function all(names: readonly string[], build: (...said: string[]) => string) {
  return (said: Said) => {
    const known = names.flatMap((name) => said(name) ?? []);
    return known.length === names.length ? build(...known) : undefined;
  };
}

/** The first of them of which all is known. */
function first(...details: readonly WarningText["detail"][]): WarningText["detail"] {
  return (said) => {
    for (const detail of details) {
      const text = detail(said);
      if (text !== undefined) return text;
    }
    return undefined;
  };
}

interface WarningsText {
  readonly kinds: Readonly<Record<WarningKind, WarningText>>;
  /** An item with its lot. */
  readonly lot: (item: string, lot: string) => string;
  /** Stands for the item where none is known. */
  readonly shelf: string;
  readonly colon: string;
  readonly units: Readonly<Record<"pcs" | "kg" | "L" | "m", string>>;
  readonly days: (days: string) => string;
  readonly perDay: (quantity: string) => string;
}

const en: WarningsText = {
  kinds: {
    out: {
      title: "Out of stock",
      head: (what) => `${what} out of stock`,
      detail: first(
        all(["lockedQuantity"], (locked) => `${locked} there, but locked`),
        all(["available"], (available) => `${available} left`),
      ),
      advise: "Deliver from another place or buy in a hurry, and tell those who need it",
    },
    "below-minimum": {
      title: "Below minimum",
      head: (what) => `${what} below minimum`,
      detail: all(["available", "min"], (available, min) => `${available}, minimum ${min}`),
      advise: "Refill the shelf; check whether an order is on its way",
    },
    "below-reorder": {
      title: "To be ordered",
      head: (what) => `${what} to be ordered`,
      detail: all(
        ["position", "reorderPoint"],
        (position, point) => `${position} with orders, reorder point ${point}`,
      ),
      advise: "Order now: the stock lasts for the lead time, not longer",
    },
    "above-maximum": {
      title: "Above maximum",
      head: (what) => `${what} above maximum`,
      detail: all(["wholePosition", "max"], (position, max) => `${position}, maximum ${max}`),
      advise: "Stop or postpone orders, or move some of it to where it is needed",
    },
    overload: {
      title: "Overloaded",
      head: () => "Shelf overloaded",
      detail: first(
        all(["grossKg", "capacityKg"], (gross, capacity) => `${gross}, may carry ${capacity}`),
        all(["grossKg"], (gross) => gross),
      ),
      advise: "Take load off the shelf at once",
    },
    "near-expiry": {
      title: "Near expiry",
      head: (what) => `${what} expires soon`,
      detail: all(
        ["daysLeft", "expires", "lotQuantity"],
        (days, date, quantity) => `in ${days} (${date}), ${quantity}`,
      ),
      advise: "Use this lot first, or move it to where it is used up in time",
    },
    expired: {
      title: "Expired",
      head: (what) => `${what} has expired`,
      detail: all(
        ["expires", "lotQuantity"],
        (date, quantity) => `${quantity}, last day was ${date}`,
      ),
      advise: "Take the lot off the shelf, set it apart, have quality assurance decide",
    },
    "short-cover": {
      title: "Short cover",
      head: (what) => `${what} runs short`,
      detail: all(
        ["coverDays", "neededDays"],
        (cover, needed) => `lasts ${cover}, a delivery takes ${needed}`,
      ),
      advise: "Order now, and ask for a quick delivery",
    },
    "stock-out-ahead": {
      title: "Stock-out ahead",
      head: (what) => `${what} will run out`,
      detail: first(
        all(
          ["stockOutDate", "stockOutProbability"],
          (date, probability) => `on ${date}, probability ${probability}`,
        ),
        all(["stockOutDate"], (date) => `on ${date}`),
      ),
      advise: "Plan an order or a transfer before that day",
    },
    "dead-stock": {
      title: "Dead stock",
      head: (what) => `${what} is not used`,
      detail: all(
        ["quantity", "idleDays"],
        (quantity, days) => `${quantity}, nothing taken for ${days}`,
      ),
      advise: "Decide whether to move it, return it or write it off",
    },
    "unexplained-loss": {
      title: "Unexplained loss",
      head: (what) => `${what}: unexplained loss`,
      detail: first(
        all(["missing"], (missing) => missing),
        all(["lostKg"], (lost) => lost),
        all(["changeKg"], (change) => change.replace(/^[-−]/, "")),
      ),
      advise: "Count the shelf, look at who was there, book what is missing",
    },
    "count-mismatch": {
      title: "Counts differ",
      head: (what) => `${what}: counts differ`,
      detail: first(
        all(["ledger", "weight", "tags"], (book, weight, tags) => {
          return `booked ${book}, weighed ${weight}, tags ${tags}`;
        }),
        all(["ledger", "weight"], (book, weight) => `booked ${book}, weighed ${weight}`),
        all(["ledger", "tags"], (book, tags) => `booked ${book}, tags ${tags}`),
        all(["expected", "counted"], (book, counted) => `booked ${book}, counted ${counted}`),
      ),
      advise: "Count by hand and book the count",
    },
    "consumption-anomaly": {
      title: "Unusual demand",
      head: (what) => `${what}: unusual demand`,
      detail: first(
        all(["demand", "usual"], (demand, usual) => `${demand} a day, usual is ${usual}`),
        all(["demand"], (demand) => `${demand} a day`),
      ),
      advise: "Find out what is behind it; correct the order if it will last",
    },
    "locked-pick": {
      title: "Taken though locked",
      head: (what) => `${what} taken though locked`,
      detail: first(
        all(["taken", "cause"], (taken, cause) => `${taken}, on hold (${cause})`),
        all(["taken", "expires"], (taken, date) => `${taken}, last day was ${date}`),
        all(["taken"], (taken) => taken),
      ),
      advise: "Stop its use, bring it back, tell quality assurance",
    },
    "lot-order": {
      title: "Wrong lot first",
      head: (what) => `${what} taken before an older lot`,
      detail: all(["earlierLot", "earlierExpires"], (lot, date) => `${lot} expires on ${date}`),
      advise: "Put it back and take the lot that expires first",
    },
    "wrong-item": {
      title: "Wrong item",
      head: (what) => `${what}: something else was put there`,
      detail: all(["changeKg"], (change) => `${change} that no number of pieces explains`),
      advise: "Look what lies on the shelf, and put it where it belongs",
    },
    misplaced: {
      title: "Misplaced",
      head: (what) => `${what} in the wrong place`,
      detail: first(
        all(["tags", "home"], (tags, home) => `${tags} tags, belongs to ${home}`),
        all(["home"], (home) => `belongs to ${home}`),
      ),
      advise: "Bring it to its place, or book the transfer",
    },
    missing: {
      title: "Missing",
      head: (what) => `${what} is missing`,
      detail: first(
        all(["tags", "lastSeenDate"], (tags, date) => `${tags} tags, last seen on ${date}`),
        all(["tags"], (tags) => `${tags} tags`),
      ),
      advise: "Look for it; book it out if it is gone",
    },
  },
  lot: (item, lot) => `${item} lot ${lot}`,
  shelf: "Shelf",
  colon: ": ",
  units: { pcs: "pcs", kg: "kg", L: "L", m: "m" },
  days: (days) => `${days} d`,
  perDay: (quantity) => `${quantity}/d`,
};

const zh: WarningsText = {
  kinds: {
    out: {
      title: "缺货",
      head: (what) => `${what}缺货`,
      detail: first(
        all(["lockedQuantity"], (locked) => `现有 ${locked}，但已锁定`),
        all(["available"], (available) => `剩余 ${available}`),
      ),
      advise: "从其他库位调拨或紧急采购，并通知使用部门",
    },
    "below-minimum": {
      title: "低于下限",
      head: (what) => `${what}低于下限`,
      detail: all(["available", "min"], (available, min) => `${available}，下限 ${min}`),
      advise: "补充货架，并查看是否已有在途订单",
    },
    "below-reorder": {
      title: "需要订货",
      head: (what) => `${what}需要订货`,
      detail: all(
        ["position", "reorderPoint"],
        (position, point) => `含在途 ${position}，订货点 ${point}`,
      ),
      advise: "立即订货：现有库存只够供货周期内使用",
    },
    "above-maximum": {
      title: "超过上限",
      head: (what) => `${what}超过上限`,
      detail: all(["wholePosition", "max"], (position, max) => `${position}，上限 ${max}`),
      advise: "停止或推迟订货，或调拨到需要的地方",
    },
    overload: {
      title: "超载",
      head: () => "货架超载",
      detail: first(
        all(["grossKg", "capacityKg"], (gross, capacity) => `${gross}，最大承重 ${capacity}`),
        all(["grossKg"], (gross) => gross),
      ),
      advise: "立即卸下部分货物",
    },
    "near-expiry": {
      title: "临近有效期",
      head: (what) => `${what}临近有效期`,
      detail: all(
        ["daysLeft", "expires", "lotQuantity"],
        (days, date, quantity) => `剩 ${days}（${date}），${quantity}`,
      ),
      advise: "优先使用该批次，或调拨到能及时用完的地方",
    },
    expired: {
      title: "已过期",
      head: (what) => `${what}已过期`,
      detail: all(["expires", "lotQuantity"], (date, quantity) => `${quantity}，有效期至 ${date}`),
      advise: "将该批次下架隔离，由质管处理",
    },
    "short-cover": {
      title: "可用天数不足",
      head: (what) => `${what}可用天数不足`,
      detail: all(
        ["coverDays", "neededDays"],
        (cover, needed) => `可用 ${cover}，到货需 ${needed}`,
      ),
      advise: "立即订货，并要求加快交货",
    },
    "stock-out-ahead": {
      title: "即将缺货",
      head: (what) => `${what}即将缺货`,
      detail: first(
        all(
          ["stockOutDate", "stockOutProbability"],
          (date, probability) => `预计 ${date}，概率 ${probability}`,
        ),
        all(["stockOutDate"], (date) => `预计 ${date}`),
      ),
      advise: "请在该日期之前安排订货或调拨",
    },
    "dead-stock": {
      title: "滞销",
      head: (what) => `${what}滞销`,
      detail: all(["quantity", "idleDays"], (quantity, days) => `${quantity}，${days}无领用`),
      advise: "决定调拨、退货或报损",
    },
    "unexplained-loss": {
      title: "不明损失",
      head: (what) => `${what}不明损失`,
      detail: first(
        all(["missing"], (missing) => missing),
        all(["lostKg"], (lost) => lost),
        all(["changeKg"], (change) => change.replace(/^[-−]/, "")),
      ),
      advise: "盘点货架，核实当时在场人员，登记缺失数量",
    },
    "count-mismatch": {
      title: "数量不符",
      head: (what) => `${what}数量不符`,
      detail: first(
        all(["ledger", "weight", "tags"], (book, weight, tags) => {
          return `账面 ${book}，称重 ${weight}，标签 ${tags}`;
        }),
        all(["ledger", "weight"], (book, weight) => `账面 ${book}，称重 ${weight}`),
        all(["ledger", "tags"], (book, tags) => `账面 ${book}，标签 ${tags}`),
        all(["expected", "counted"], (book, counted) => `账面 ${book}，实盘 ${counted}`),
      ),
      advise: "人工盘点并登记盘点结果",
    },
    "consumption-anomaly": {
      title: "消耗异常",
      head: (what) => `${what}消耗异常`,
      detail: first(
        all(["demand", "usual"], (demand, usual) => `每天 ${demand}，通常 ${usual}`),
        all(["demand"], (demand) => `每天 ${demand}`),
      ),
      advise: "查明原因；如会持续，请调整订货",
    },
    "locked-pick": {
      title: "锁定批次被取出",
      head: (what) => `${what}已锁定却被取出`,
      detail: first(
        all(["taken", "cause"], (taken, cause) => `${taken}，暂控（${cause}）`),
        all(["taken", "expires"], (taken, date) => `${taken}，有效期至 ${date}`),
        all(["taken"], (taken) => taken),
      ),
      advise: "停止使用，放回原处，通知质管",
    },
    "lot-order": {
      title: "未按先到期先出",
      head: (what) => `${what}未按先到期先出`,
      detail: all(["earlierLot", "earlierExpires"], (lot, date) => `应先用 ${lot}（${date}）`),
      advise: "请放回，先取最早到期的批次",
    },
    "wrong-item": {
      title: "物品不符",
      head: (what) => `${what}放入了其他物品`,
      detail: all(["changeKg"], (change) => `${change} 与单件重量不符`),
      advise: "查看货架上的物品，放回其所属位置",
    },
    misplaced: {
      title: "放错位置",
      head: (what) => `${what}放错位置`,
      detail: first(
        all(["tags", "home"], (tags, home) => `${tags} 个标签，应在 ${home}`),
        all(["home"], (home) => `应在 ${home}`),
      ),
      advise: "放回所属位置，或登记调拨",
    },
    missing: {
      title: "找不到",
      head: (what) => `${what}找不到`,
      detail: first(
        all(["tags", "lastSeenDate"], (tags, date) => `${tags} 个标签，最后见于 ${date}`),
        all(["tags"], (tags) => `${tags} 个标签`),
      ),
      advise: "请查找；确认丢失后登记出库",
    },
  },
  lot: (item, lot) => `${item} 批次 ${lot} `,
  shelf: "货架",
  colon: "：",
  units: { pcs: "件", kg: "kg", L: "L", m: "m" },
  days: (days) => `${days} 天`,
  perDay: (quantity) => `${quantity}/天`,
};

/** What stock warnings say. */
export const warningsText: Texts<WarningsText> = { en, zh };
