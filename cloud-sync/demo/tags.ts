import { hexOf } from "./gate.ts";
import { shelfPlans } from "./shelf-plans.ts";

/** The shelf whose reader sees a tag on each piece. */
export const taggedShelf = "shelf-b3";

const lots = [
  { lot: "K2604", until: 6 },
  { lot: "K2611", until: Number.POSITIVE_INFINITY },
] as const;

/** Tags in hex on that many pieces; what is filled up carries the tags of what was taken. */
export function tagsOf(pieces: number): readonly string[] {
  return Array.from({ length: pieces }, (_, index) =>
    hexOf(`urn:epc:tag:sgtin-96:1.6901234.011223.${index + 1}`),
  );
}

/** What the maker's delivery note says of the tags, for an import of tags. */
export function tagsCsv(): string {
  const [goods] = shelfPlans.find(({ shelf }) => shelf === taggedShelf)?.goods ?? [];
  const rows = tagsOf(goods?.full ?? 0).map((epc, index) => {
    const lot = lots.find(({ until }) => index < until)?.lot ?? "";
    return [epc, goods?.item ?? "", lot, String(index + 1)].join(",");
  });
  return `${["epc,sku,lot,serial", ...rows].join("\n")}\n`;
}
