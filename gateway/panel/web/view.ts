/** What the page shows. The address says it, after `#`, so that a screen at the wall comes up as it was left. */
export const pageNames = ["now", "alarms", "stock", "excursions", "manage"] as const;
export type PageName = (typeof pageNames)[number];

export interface View {
  readonly page: PageName;
  /** Which part of the page, or which one of its list. */
  readonly part?: string;
  /** Seen from across the room: the page `now`, or the racks. */
  readonly wall: boolean;
}

const walls: ReadonlyMap<string, PageName> = new Map([
  ["#wall", "now"],
  ["#wall/stock", "stock"],
]);

/** An address that names nothing here shows what is now. */
export function viewOf(hash: string): View {
  const seenFromAfar = walls.get(hash);
  if (seenFromAfar !== undefined) return { page: seenFromAfar, wall: true };
  const [name, ...rest] = hash.replace(/^#\/?/, "").split("/");
  const page = pageNames.find((it) => it === name) ?? "now";
  const part = decoded(rest.join("/"));
  return { page, wall: false, ...(part !== "" && { part }) };
}

export function hashOf(page: PageName, part?: string): string {
  if (part !== undefined) return `#/${page}/${encodeURIComponent(part)}`;
  return page === "now" ? "#/" : `#/${page}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
