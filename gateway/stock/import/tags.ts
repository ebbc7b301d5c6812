import { decodeEpc } from "../../../drivers/epc/epc.ts";
import { type Tag, tagSchema } from "../movement.ts";
import { checkLot } from "./bookings.ts";
import { type Row, readNamed } from "./row.ts";

export interface TagRow {
  readonly kind: "tag";
  readonly line: number;
  readonly tag: Tag;
}

/** A tag and what it is on. undefined: the row's faults say why. */
export function readTag(row: Row): TagRow | undefined {
  const written = row.need("epc", row.text("epc"));
  const epc = written
    ?.replace(/[\s:-]/g, "")
    .replace(/^0x/i, "")
    .toUpperCase();
  if (epc !== undefined && !tagSchema.shape.epc.safeParse(epc).success)
    return row.fault("epc", "epc");
  const decoded = epc === undefined ? undefined : decodeEpc(epc);
  const gtin = decoded?.ok === true ? decoded.gtin : undefined;
  const named = readNamed(row, gtin);
  checkLot(row, named);
  const serial = row.text("serial", 20) ?? named?.serial;
  const pieces = row.number("pieces");
  if (pieces === 0) row.fault("pieces", "zero");
  const home = row.location("home");
  if (epc === undefined || named === undefined || row.faults.length > 0) return undefined;
  const other = gtin === undefined ? undefined : row.facts.itemOfGtin(gtin);
  if (other !== undefined && other !== named.item) return row.fault("epc", "other", other);
  const owner = row.facts.itemOfTag(epc);
  if (owner !== undefined && owner !== named.item) return row.fault("epc", "tag-taken", owner);
  const before = row.seen.lines.get(epc);
  if (before !== undefined) return row.fault("epc", "tag-twice", String(before));
  row.seen.lines.set(epc, row.line);
  const { item, lot, expires } = named;
  const tag = tagSchema.parse({
    ...{ version: 1, epc, item },
    ...(lot === undefined ? {} : { lot }),
    ...(expires === undefined ? {} : { expires }),
    ...(serial === undefined ? {} : { serial }),
    ...(pieces === undefined ? {} : { pieces }),
    ...(home === undefined ? {} : { home }),
  });
  return { kind: "tag", line: row.line, tag };
}
