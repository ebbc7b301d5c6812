/** What is shown of the selected gateway: its values, or one of the parts whose code is fetched when it is opened. */
export const partNames = ["configuration", "commands", "identity"] as const;
export type PartName = (typeof partNames)[number];

/** What the page shows. The address says it, after `#`. */
export type View =
  | { readonly page: "fleet" | "access" }
  | { readonly page: "gateway"; readonly id: string; readonly part: PartName | undefined }
  | { readonly page: "groups"; readonly name: string | undefined };

export const pageNames = ["fleet", "groups", "access"] as const;
export type PageName = (typeof pageNames)[number];

/** An address that names nothing here shows all gateways. */
export function viewOf(hash: string): View {
  const [page, rest = "", part] = hash.replace(/^#/, "").split("/");
  const name = decoded(rest);
  if (page === "access") return { page };
  if (page === "groups") return { page, name: name === "" ? undefined : name };
  if (page !== "gateway" || name === "") return { page: "fleet" };
  return { page, id: name, part: partNames.find((it) => it === part) };
}

export function hashOfPage(page: PageName): string {
  return page === "fleet" ? "#" : `#${page}`;
}

export function hashOfGateway(id: string, part?: PartName): string {
  const hash = `#gateway/${encodeURIComponent(id)}`;
  return part === undefined ? hash : `${hash}/${part}`;
}

export function hashOfGroup(name: string): string {
  return `#groups/${encodeURIComponent(name)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
