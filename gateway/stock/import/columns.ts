import type { ImportKind } from "../../panel/stock-api.ts";

/** What a column may say. */
export type Column =
  | "item"
  | "name"
  | "gtin"
  | "barcode"
  | "location"
  | "unit"
  | "unitWeightG"
  | "unitWeight"
  | "tareG"
  | "tare"
  | "min"
  | "max"
  | "reorderPoint"
  | "leadDays"
  | "leadSpreadDays"
  | "reviewDays"
  | "serviceLevel"
  | "lot"
  | "expires"
  | "kind"
  | "quantity"
  | "to"
  | "reason"
  | "document"
  | "line"
  | "note"
  | "time"
  | "key"
  | "due"
  | "supplier"
  | "ordered"
  | "epc"
  | "serial"
  | "pieces"
  | "home"
  | "ignored";

/** Names in headings; case, blanks, dashes, underscores and what stands in brackets do not matter. The first is ours. */
const names: Readonly<Record<Exclude<Column, "ignored">, string>> = {
  item: "sku item itemid itemcode itemno partnumber ipn article articleno material 货号 商品编码 物料编码 物料号 品号 编号 编码 物品 物品编码 产品编码 商品编号 物料",
  name: "name itemname description productname 名称 品名 商品名称 物料名称 物品名称 产品名称",
  gtin: "gtin ean gtin13 gtin14 ean13 upc 商品条码 国际条码",
  barcode: "barcode gs1 scan code 条码 条形码 扫码",
  location: "location loc shelf bin place 库位 位置 货架 货位 仓位 储位",
  unit: "uom unit unitofmeasure 单位 计量单位",
  unitWeightG: "unit_weight_g unitweightgrams weightg 单重克 单件重量克 单重g",
  unitWeight: "unit_weight weight pieceweight 单重 单件重量 单位重量",
  tareG: "tare_g taregrams containerg 皮重克 容器重量克 皮重g",
  tare: "tare container containerweight 皮重 容器重量",
  min: "min minimum minstock minimumstock minqty 最小 最低库存 最小库存 安全库存 库存下限",
  max: "max maximum maxstock maximumstock maxqty 最大 最高库存 最大库存 库存上限",
  reorderPoint: "reorder reorderpoint reorderlevel rop 补货点 再订货点 订货点",
  leadDays: "lead_days leadtime leadtimedays leaddays 交期 交期天 供货周期 供货周期天 采购周期",
  leadSpreadDays: "lead_sd leadtimesd leadspread leadsddays 交期波动 交期标准差 交期标准差天",
  reviewDays: "review_days review 盘查周期 检查周期 检查周期天",
  serviceLevel: "service_level service 服务水平",
  lot: "batch lot lotno lotnumber batchno batchnumber 批号 批次 批次号 生产批号",
  expires:
    "expiry expires expirydate expirationdate expiration bestbefore usebefore 有效期 有效期至 失效日期 到期日 过期日期",
  kind: "kind type movement movementtype action 类型 操作 业务类型 出入库类型",
  quantity: "quantity qty amount count counted 数量 实盘数量 盘点数量 实盘 数目",
  to: "to destination tolocation 目标库位 调入库位 目的库位 移至",
  reason: "reason 原因",
  document:
    "document po order orderno ponumber documentno reference 单号 订单号 单据号 采购单号 凭证号",
  line: "line lineno position 行号 行 项次",
  note: "note notes comment remark 备注 说明",
  time: "time date at timestamp datetime 时间 日期 发生时间",
  key: "key idempotencykey uid 幂等键 唯一号 流水号",
  due: "due duedate delivery deliverydate expected promised 交货日期 到货日期 预计到货 需求日期",
  supplier: "supplier vendor 供应商",
  ordered: "ordered orderedat orderdate 下单日期 订购日期",
  epc: "epc tag tagid rfid 标签 标签号 电子标签",
  serial: "serial serialno serialnumber sn 序列号",
  pieces: "pieces pcspertag packsize 件数 每标签件数 装箱数",
  home: "home homelocation 所属库位 归属库位",
};

/** Columns of each kind; of those behind `/` one must be there. */
const kinds: Readonly<Record<ImportKind, { readonly all: string; readonly required: string }>> = {
  items: {
    all: "item name gtin location unit unitWeightG unitWeight tareG tare min max reorderPoint leadDays leadSpreadDays reviewDays serviceLevel lot expires",
    required: "item",
  },
  movements: {
    all: "kind item barcode gtin location lot expires quantity unit to reason document note time key",
    required: "kind item/barcode/gtin location quantity",
  },
  counts: {
    all: "item barcode gtin location lot expires quantity unit document note time key",
    required: "item/barcode/gtin location quantity",
  },
  orders: {
    all: "document line kind item barcode gtin location quantity unit due supplier ordered",
    required: "document item/barcode/gtin location quantity",
  },
  tags: {
    all: "epc item barcode gtin lot expires serial pieces home",
    required: "epc item/barcode/gtin",
  },
};

/** Columns that our own exports carry besides and that say nothing new when they are read back. */
const exported = new Set(["seq", "name", "名称", "品名"]);

function plain(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[()[\]（）【】]/g, "")
    .replace(/[\s_\-.:*#/]/g, "");
}

export interface Heading {
  /** What each cell of a row says; undefined: not known, not read. */
  readonly columns: readonly (Column | undefined)[];
  /** As the file names them. */
  readonly names: readonly string[];
  readonly unknown: readonly string[];
  readonly twice: readonly string[];
  /** Names of ours. */
  readonly missing: readonly string[];
}

/** A file's first record -> what its columns are. */
export function readHeading(kind: ImportKind, record: readonly string[]): Heading {
  const { all, required } = kinds[kind];
  const known = new Map<string, Column>();
  for (const [column, aliases] of Object.entries(names)) {
    if (!all.split(" ").includes(column)) continue;
    for (const alias of aliases.split(" ")) if (isColumn(column)) known.set(plain(alias), column);
  }
  const columns: (Column | undefined)[] = [];
  const unknown: string[] = [];
  const twice: string[] = [];
  for (const name of record) {
    const word = plain(name);
    const column = known.get(word) ?? (word === "" || exported.has(word) ? "ignored" : undefined);
    const isTwice = column !== undefined && column !== "ignored" && columns.includes(column);
    if (column === undefined) unknown.push(name);
    if (isTwice) twice.push(name);
    columns.push(isTwice || column === "ignored" ? undefined : column);
  }
  const missing = required
    .split(" ")
    .filter((one) => !one.split("/").some((name) => columns.some((column) => column === name)))
    .map((one) => one.split("/").map(ownName).join("/"));
  return { columns, names: record, unknown, twice, missing };
}

function isColumn(name: string): name is Exclude<Column, "ignored"> {
  return Object.hasOwn(names, name);
}

/** The name that we give a column, in files that we write too. */
export function ownName(column: string): string {
  return isColumn(column) ? (names[column].split(" ")[0] ?? column) : column;
}

/** A heading that is right, to show. */
export function exampleHeading(kind: ImportKind): string {
  return kinds[kind].required
    .split(" ")
    .map((one) => ownName(one.split("/")[0] ?? one))
    .join(",");
}
