import { createHash } from "node:crypto";
import { lotIdSchema } from "../../../config/schema/item.ts";
import { type Booking, bookingSchema } from "../../panel/stock-api.ts";
import { adjustReasons, type MovementKind, type Order, orderSchema } from "../movement.ts";
import { readUnit } from "./items.ts";
import { type Named, type Row, readNamed } from "./row.ts";

/** What a row books. `booking.key` is the row's identity: the same file again changes nothing. */
export interface BookingRow {
  readonly kind: "booking";
  readonly line: number;
  readonly booking: Booking & { readonly key: string };
  /** When it happened; absent: the file does not say. */
  readonly at?: number;
}

export interface OrderRow {
  readonly kind: "order";
  readonly line: number;
  readonly order: Order;
}

const kinds: Readonly<Record<string, MovementKind>> = {
  ...{ pick: "pick", 拣货: "pick", 取货: "pick", 取: "pick", put: "put", 上架: "put", 放: "put" },
  ...{ receipt: "receipt", receive: "receipt", in: "receipt", 入库: "receipt", 收货: "receipt" },
  ...{ issue: "issue", out: "issue", 出库: "issue", 领料: "issue", 发料: "issue", 发货: "issue" },
  ...{ transfer: "transfer", move: "transfer", 调拨: "transfer", 移库: "transfer" },
  ...{ adjust: "adjust", adjustment: "adjust", 调整: "adjust", 盘盈: "adjust", 盘亏: "adjust" },
  ...{ count: "count", 盘点: "count" },
};

const reasons: Readonly<Record<string, (typeof adjustReasons)[number]>> = {
  ...Object.fromEntries(adjustReasons.map((reason) => [reason, reason])),
  ...{ 损坏: "damaged", 破损: "damaged", 过期: "expired", 丢失: "lost", 盘亏: "lost" },
  ...{ 找到: "found", 盘盈: "found", 被盗: "theft", 抽样: "sample", 取样: "sample" },
  ...{ 更正: "correction", 纠正: "correction" },
};

/** A movement or, with `counts`, a count. undefined: the row's faults say why. */
export function readBooking(row: Row, isCount: boolean): BookingRow | undefined {
  const kind = isCount ? "count" : row.need("kind", row.choice("kind", kinds));
  const named = readNamed(row);
  const location = row.need("location", row.location("location"));
  const quantity = readQuantity(row, named, kind);
  const to = row.location("to");
  if (kind === "transfer") row.need("to", to);
  if (to !== undefined && to === location) row.fault("to", "same-place");
  const reason = row.choice("reason", reasons);
  if (kind === "adjust") row.need("reason", reason);
  const rest = { document: row.text("document", 64), note: row.text("note", 500) };
  const at = readPast(row);
  const key = row.text("key", 64);
  checkLot(row, named);
  if (kind === undefined || named === undefined || location === undefined) return undefined;
  if (quantity === undefined || row.faults.length > 0) return undefined;
  const { item, lot, expires } = named;
  const parsed = bookingSchema.parse(
    defined({ kind, item, location, lot, expires, quantity, to, reason, ...rest }),
  );
  const booking = { ...parsed, key: key ?? identity(row) };
  return { kind: "booking", line: row.line, booking, ...(at === undefined ? {} : { at }) };
}

/** Largest quantity that a movement takes. */
const quantityMax = 1e9;

function readQuantity(row: Row, named: Named | undefined, kind: string | undefined) {
  const isSigned = kind === "adjust";
  const quantity = row.need("quantity", isSigned ? row.signed("quantity") : row.number("quantity"));
  const unit = readUnit(row);
  if (named !== undefined && unit !== undefined && unit !== named.unit)
    return row.fault("unit", "unit", named.unit);
  if (quantity === undefined) return undefined;
  if (Math.abs(quantity) > quantityMax) return row.fault("quantity", "too-big");
  if (quantity === 0 && kind !== "count" && kind !== "order") return row.fault("quantity", "zero");
  if (named?.unit === "pcs" && !Number.isInteger(quantity)) return row.fault("quantity", "whole");
  return quantity;
}

/** A gateway's clock may be behind by so much before a time in a file counts as one of the future. */
const futureMsMax = 86_400_000;

function readPast(row: Row): number | undefined {
  const at = row.time("time");
  if (at !== undefined && at > row.facts.now + futureMsMax) return row.fault("time", "future");
  return at;
}

/** A lot that no bar code could carry. */
export function checkLot(row: Row, named: Named | undefined): void {
  if (named?.lot !== undefined && !lotIdSchema.safeParse(named.lot).success)
    row.fault("lot", "lot");
  if (named?.expires !== undefined && named.lot === undefined) row.fault("lot", "missing");
}

/** Of a row: what it says, and the how manieth of its kind in the file it is. */
function identity(row: Row): string {
  const content = row.content();
  const nth = (row.seen.rows.get(content) ?? 0) + 1;
  row.seen.rows.set(content, nth);
  return createHash("sha256").update(`${nth}\n${content}`).digest("hex");
}

const orderKinds: Readonly<Record<string, Order["kind"]>> = {
  ...{
    order: "order",
    po: "order",
    purchase: "order",
    采购: "order",
    采购单: "order",
    订单: "order",
  },
  ...{
    reservation: "reservation",
    reserve: "reservation",
    预留: "reservation",
    预定: "reservation",
  },
};

/** An open quantity that comes in or goes out. undefined: the row's faults say why. */
export function readOrder(row: Row): OrderRow | undefined {
  const document = row.need("document", row.text("document", 64));
  const named = readNamed(row);
  const location = row.need("location", row.location("location"));
  const quantity = readQuantity(row, named, "order");
  const kind = row.choice("kind", orderKinds) ?? "order";
  const supplier = row.text("supplier", 120);
  const [due, orderedAt] = [row.time("due"), row.time("ordered")];
  const given = row.text("line", 16);
  if (document === undefined || named === undefined || location === undefined) return undefined;
  if (quantity === undefined || row.faults.length > 0) return undefined;
  const line = given ?? nextLine(row, document);
  const name = `${document}\n${line}`;
  const before = row.seen.lines.get(name);
  if (before !== undefined) return row.fault("document", "row-twice", String(before));
  row.seen.lines.set(name, row.line);
  const order = orderSchema.parse(
    defined({
      version: 1,
      ...{ document, line, kind, item: named.item, location, quantity, due, supplier, orderedAt },
    }),
  );
  return { kind: "order", line: row.line, order };
}

/** Files without line numbers: the rows of a document are counted. */
function nextLine(row: Row, document: string): string {
  const nth = (row.seen.rows.get(document) ?? 0) + 1;
  row.seen.rows.set(document, nth);
  return String(nth);
}

function defined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
