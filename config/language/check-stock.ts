import { didYouMean, didYouMeanZh, type Told } from "./check-file.ts";
import type { Texts } from "./language.ts";

/** Something that stands elsewhere in the file. */
interface Other {
  readonly other: string;
  /** Absent where the other one stands in no file. */
  readonly line?: number | undefined;
}

/** What a location needs a point for. */
export type PlaceKey = "weight" | "tags" | "inside" | "outside" | "shelfTemperature";

const at = ({ other, line }: Other) => (line === undefined ? other : `${other} (line ${line})`);
const atZh = ({ other, line }: Other) => (line === undefined ? other : `${other}（第 ${line} 行）`);

const en = {
  "item/lot": (p: { got: string }): Told => [
    `"${p.got}" is no batch number`,
    "1 to 20 letters, digits and signs as in bar codes (AI 10), without blanks",
  ],
  "item/lot-twice": (p: { lot: string } & Other): Told => [
    `the lot ${p.lot} stands twice, first in ${at(p)}`,
    "remove one of them",
  ],
  "item/date": (p: { got: string }): Told => [
    `there is no day "${p.got}"`,
    "write yyyy-mm-dd: the last day of use, for example 2027-02-28",
  ],
  "item/zero-weight": (): Told => [
    "a weight of 0 cannot be",
    "weigh ten pieces or more, divide by their number, and write it with its unit: 84.2 g",
  ],
  "item/gtin": (p: { got: string }): Told => [
    `"${p.got}" is no GTIN: it has 8, 12, 13 or 14 digits`,
    "put it in quotes, with its check digit",
  ],
  "item/gtin-check": (p: { got: string; right: string }): Told => [
    `the check digit of GTIN ${p.got} is wrong: a digit is mistyped`,
    `read it again from the bar code; if all others are right, it is ${p.right}`,
  ],
  "item/id-gtin": (p: { got: string; right: string }): Told => [
    `${p.got} looks like a GTIN, but its check digit is wrong, so tags and bar codes do not find it`,
    `if it is a GTIN, it is ${p.right}; if it is not, add gtin: "..." or ignore this`,
  ],
  "item/gtin-twice": (p: { gtin: string } & Other): Told => [
    `the GTIN ${p.gtin} belongs to ${at(p)} already`,
    "one GTIN is one item: what is read from a tag or a bar code must be clear",
  ],
  "item/no-location": (): Told => [
    "the item has no location, so nothing counts it and nothing warns of it",
    "add location: and the name of a shelf, rack or room",
  ],
  "item/location-twice": (p: { got: string }): Told => [
    `the location "${p.got}" stands twice`,
    "remove one of them",
  ],
  "item/at-elsewhere": (p: { got: string; suggestion: string; known: readonly string[] }): Told => [
    `the item is not kept at "${p.got}"${didYouMean(p.suggestion)}`,
    `its locations: ${p.known.join(", ")}`,
  ],
  "item/limits": (p: { low: string; lowValue: number; high: string; highValue: number }): Told => [
    `${p.low} ${p.lowValue} is above ${p.high} ${p.highValue}: there would always be a warning`,
    `make ${p.low} smaller, or ${p.high} larger`,
  ],
  "item/no-unit-weight": (p: { location: string }): Told => [
    `${p.location} has a scale, but nothing says what one piece weighs`,
    "add unitWeight, for example unitWeight: 84.2 g, or unit: kg for goods that are not counted",
  ],
  "item/unit-not-weighed": (p: { unit: string; location: string }): Told => [
    `${p.location} has a scale, which cannot tell ${p.unit}`,
    "use unit: pcs with unitWeight, or unit: kg, or a location without a scale",
  ],
  "item/scale-shared": (p: { location: string } & Other): Told => [
    `the scale of ${p.location} belongs to ${at(p)} already`,
    `give it a scale of its own, or write mixed: true at ${p.location}: then the weight of a piece tells them apart`,
  ],
  "item/mixed-bulk": (p: { location: string } & Other): Told => [
    `goods in kg cannot share the scale of ${p.location} with ${at(p)}: no weight of a piece tells them apart`,
    "give them a scale of their own",
  ],
  "item/alike": (p: { location: string; mine: string; theirs: string } & Other): Told => [
    `on the scale of ${p.location} one piece (${p.mine}) cannot be told from ${at(p)} (${p.theirs}): such a pick is reported as ambiguous`,
    "put one of them on another scale, or make unitWeightSpread and division smaller if they truly are",
  ],
  "item/too-light": (p: { piece: string; division: string; location: string }): Told => [
    `one piece (${p.piece}) is less than two divisions (${p.division}) of the scale of ${p.location}: single pieces are not seen`,
    "set division to the smallest step of that scale, or use a finer scale",
  ],
  "item/max-too-heavy": (p: { max: number; weighs: string; capacity: string }): Told => [
    `max ${p.max} weighs ${p.weighs} with its shelf, which carries ${p.capacity}`,
    "make max smaller, or correct capacity",
  ],
  "item/configured": (): Told => [
    "the item stands in the configuration, which an import does not overrule",
    "change it there, or take it out of the configuration and import again",
  ],
  "item/too-many": (p: { max: number }): Told => [
    `one gateway knows ${p.max} items at most`,
    "leave out what is not kept here",
  ],
  "location/point-kind": (p: { key: PlaceKey; point: string }): Told => [
    p.key === "weight" || p.key === "shelfTemperature"
      ? `${p.point} is no number, so it is no ${p.key === "weight" ? "weight" : "temperature"}`
      : `${p.point} does not name tags`,
    p.key === "weight" || p.key === "shelfTemperature"
      ? undefined
      : "use the point tags of a reader's device: device/tags",
  ],
  "location/weight-unit": (p: { point: string; unit: string; convertible: boolean }): Told => [
    p.unit === ""
      ? `nothing says in which unit ${p.point} weighs`
      : `${p.point} weighs in "${p.unit}"; stock is weighed in kg or g`,
    p.unit === ""
      ? "add unit: kg (or g) at that point"
      : p.convertible
        ? "add convertTo: kg at that point"
        : "name the point of the scale that delivers the weight",
  ],
  "location/point-shared": (p: { point: string } & Other): Told => [
    `${p.point} watches ${at(p)} already: the same goods would count twice`,
    "name another point",
  ],
  "location/zero-weight": (): Told => [
    "this cannot be 0",
    "write a weight with its unit, for example 25 kg, or remove the line",
  ],
  "location/tare-capacity": (p: { tare: string; capacity: string }): Told => [
    `the empty shelf (${p.tare}) is heavier than what it carries (${p.capacity})`,
    "capacity is the load with the tare: correct one of them",
  ],
  "location/needs-weight": (p: { key: string }): Told => [
    `"${p.key}" has a meaning only at a location with a scale`,
    "add weight: device/weight, or remove it",
  ],
  "location/gate-kind": (p: { kind: string }): Told => [
    `the location is a ${p.kind}, so it has no gate`,
    "write kind: gate",
  ],
  "location/gate-same": (p: { key: string; other: string }): Told => [
    `${p.key} and ${p.other} are the same: no direction could be told`,
    "name the two sides of the gate",
  ],
};

const zh: typeof en = {
  "item/lot": (p) => [
    `“${p.got}”不是批号`,
    "1 到 20 个字母、数字或条码（AI 10）允许的符号，不含空格",
  ],
  "item/lot-twice": (p) => [`批号 ${p.lot} 出现了两次，第一次在 ${atZh(p)}`, "请删除其中一个"],
  "item/date": (p) => [
    `没有“${p.got}”这一天`,
    "请写成 年-月-日，即最后可用的一天，例如 2027-02-28",
  ],
  "item/zero-weight": () => [
    "重量不能为 0",
    "请称量十件以上，除以件数，连同单位一起填写，例如 84.2 g",
  ],
  "item/gtin": (p) => [
    `“${p.got}”不是 GTIN：应为 8、12、13 或 14 位数字`,
    "请加引号，并包含校验位",
  ],
  "item/gtin-check": (p) => [
    `GTIN ${p.got} 的校验位错误：有数字输错`,
    `请对照条码重新核对；若其余数字无误，则为 ${p.right}`,
  ],
  "item/id-gtin": (p) => [
    `${p.got} 看起来是 GTIN，但校验位错误，标签和条码将找不到它`,
    `若是 GTIN，则应为 ${p.right}；若不是，请添加 gtin: "..." 或忽略此提示`,
  ],
  "item/gtin-twice": (p) => [
    `GTIN ${p.gtin} 已属于 ${atZh(p)}`,
    "一个 GTIN 只对应一个物品：标签或条码读到的内容必须明确",
  ],
  "item/no-location": () => [
    "该物品没有位置，因此无法计数，也不会预警",
    "请添加 location:，写明货架、货架组或房间的名称",
  ],
  "item/location-twice": (p) => [`位置“${p.got}”出现了两次`, "请删除其中一个"],
  "item/at-elsewhere": (p) => [
    `该物品不存放在“${p.got}”${didYouMeanZh(p.suggestion)}`,
    `它的位置：${p.known.join("、")}`,
  ],
  "item/limits": (p) => [
    `${p.low} ${p.lowValue} 高于 ${p.high} ${p.highValue}：会一直预警`,
    `请减小 ${p.low}，或增大 ${p.high}`,
  ],
  "item/no-unit-weight": (p) => [
    `${p.location} 有秤，但没有写明一件的重量`,
    "请添加 unitWeight，例如 unitWeight: 84.2 g；不计件的货物请写 unit: kg",
  ],
  "item/unit-not-weighed": (p) => [
    `${p.location} 有秤，秤无法得出以 ${p.unit} 计的数量`,
    "请使用 unit: pcs 加 unitWeight，或 unit: kg，或改用没有秤的位置",
  ],
  "item/scale-shared": (p) => [
    `${p.location} 的秤已属于 ${atZh(p)}`,
    `请使用单独的秤，或在 ${p.location} 写上 mixed: true：这时按单件重量区分`,
  ],
  "item/mixed-bulk": (p) => [
    `按 kg 计的货物不能与 ${atZh(p)} 共用 ${p.location} 的秤：没有单件重量可以区分`,
    "请使用单独的秤",
  ],
  "item/alike": (p) => [
    `在 ${p.location} 的秤上，一件（${p.mine}）无法与 ${atZh(p)}（${p.theirs}）区分：这样的取放会报告为不明确`,
    "请把其中一种放到另一台秤上；若实际更精确，请减小 unitWeightSpread 和 division",
  ],
  "item/too-light": (p) => [
    `一件（${p.piece}）不到 ${p.location} 的秤的两个分度（${p.division}）：看不出单件`,
    "请把 division 设为该秤的最小分度，或使用更精密的秤",
  ],
  "item/max-too-heavy": (p) => [
    `max ${p.max} 连同货架重 ${p.weighs}，而货架只能承重 ${p.capacity}`,
    "请减小 max，或更正 capacity",
  ],
  "item/configured": () => [
    "该物品写在配置中，导入不会改变它",
    "请在配置中修改，或从配置中删除后重新导入",
  ],
  "item/too-many": (p) => [`一台网关最多 ${p.max} 个物品`, "请去掉不在此处存放的物品"],
  "location/point-kind": (p) => [
    p.key === "weight" || p.key === "shelfTemperature"
      ? `${p.point} 不是数字，不能作为${p.key === "weight" ? "重量" : "温度"}`
      : `${p.point} 不是标签列表`,
    p.key === "weight" || p.key === "shelfTemperature"
      ? undefined
      : "请使用读写器设备的 tags 点：设备/tags",
  ],
  "location/weight-unit": (p) => [
    p.unit === ""
      ? `没有写明 ${p.point} 的重量单位`
      : `${p.point} 的单位是“${p.unit}”；库存以 kg 或 g 称重`,
    p.unit === ""
      ? "请在该点添加 unit: kg（或 g）"
      : p.convertible
        ? "请在该点添加 convertTo: kg"
        : "请写明秤的重量点",
  ],
  "location/point-shared": (p) => [
    `${p.point} 已用于 ${atZh(p)}：同一货物会被计数两次`,
    "请使用另一个点",
  ],
  "location/zero-weight": () => ["不能为 0", "请填写带单位的重量，例如 25 kg，或删除此行"],
  "location/tare-capacity": (p) => [
    `空货架（${p.tare}）比它的承重（${p.capacity}）还重`,
    "capacity 是包含皮重的承重：请更正其中一个",
  ],
  "location/needs-weight": (p) => [
    `“${p.key}”只有在有秤的位置才有意义`,
    "请添加 weight: 设备/weight，或删除它",
  ],
  "location/gate-kind": (p) => [`该位置的 kind 为 ${p.kind}，不能有 gate`, "请写成 kind: gate"],
  "location/gate-same": (p) => [`${p.key} 与 ${p.other} 相同：无法判断方向`, "请写明通道的两侧"],
};

/** What is said about items, shelves and gates. */
export const checkStockText: Texts<typeof en> = { en, zh };
