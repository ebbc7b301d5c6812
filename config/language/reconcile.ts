import type { Texts } from "./language.ts";

const en = {
  /** What is wrong. */
  cases: {
    agree: "Ledger, scale and tags agree",
    "ledger-high": "Scale and tags show less than the ledger: something was taken and not booked",
    "ledger-low": "Scale and tags show more than the ledger: something was put in and not booked",
    "tag-missing": "Fewer tags than goods: a tag is unread or was removed",
    "tag-extra": "More tags than goods: an empty box, or a tag without its article",
    "weight-off":
      "The weight contradicts tags and ledger: drift, a foreign object or a wrong unit weight",
    "weight-only": "The scale contradicts the ledger, and nothing else can tell who is right",
    "tags-only": "The tags contradict the ledger, and nothing else can tell who is right",
    "all-differ": "Ledger, scale and tags all differ",
    unknown: "There is nothing to hold against the ledger",
  },
  /** What to do. */
  todo: {
    agree: "Nothing",
    "ledger-high": "Count it, book the missing pieces, look for who took them",
    "ledger-low": "Count it, book the receipt or the return",
    "tag-missing": "Look for articles without a readable tag and tag them again",
    "tag-extra": "Remove empty boxes and loose tags, then take the tags off the register",
    "weight-off":
      "Clear the shelf of foreign objects, check the zero, weigh a known number of pieces",
    "weight-only": "Count it by hand",
    "tags-only": "Count it by hand",
    "all-differ": "Count it by hand, then check scale and reader",
    unknown: "Count it by hand from time to time",
  },
};

const zh: typeof en = {
  cases: {
    agree: "账面、称重与标签一致",
    "ledger-high": "称重与标签都少于账面：有货被取走而未登记",
    "ledger-low": "称重与标签都多于账面：有货放入而未登记",
    "tag-missing": "标签少于货物：标签未读到或已脱落",
    "tag-extra": "标签多于货物：空盒，或标签与货物分离",
    "weight-off": "重量与标签、账面都不符：秤漂移、有异物或单重有误",
    "weight-only": "称重与账面不符，没有其他依据可判断",
    "tags-only": "标签与账面不符，没有其他依据可判断",
    "all-differ": "账面、称重与标签三者都不一致",
    unknown: "没有可与账面核对的依据",
  },
  todo: {
    agree: "无需处理",
    "ledger-high": "清点实物，登记缺少的数量，并查明取走者",
    "ledger-low": "清点实物，补登入库或退回",
    "tag-missing": "找出无标签或标签读不到的货物，重新贴标",
    "tag-extra": "移走空盒和散落的标签，并注销这些标签",
    "weight-off": "清除货架上的异物，检查零点，用已知数量的货物复称",
    "weight-only": "人工清点",
    "tags-only": "人工清点",
    "all-differ": "人工清点，然后检查秤和读写器",
    unknown: "定期人工清点",
  },
};

/** The cases of the reconciliation of ledger, scale and tags, and what a person does about each. */
export const reconcileText: Texts<typeof en> = { en, zh };
