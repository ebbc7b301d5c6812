import { issueFindings } from "./issue.ts";
import { type Finding, finding } from "./problem.ts";
import { type ItemConfig, itemIdSchema, itemSchema } from "./schema/item.ts";
import type { Tree } from "./tree.ts";

export type ItemRead =
  | { readonly ok: true; readonly item: ItemConfig }
  /** Without places: it stands in no file. */
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** An item that stands in no configuration, written as it would be there. Not yet compared with others. */
export function readItem(id: string, given: unknown): ItemRead {
  if (!itemIdSchema.safeParse(id).success) {
    return { ok: false, findings: [finding("schema/id", ["items", id], { got: id })] };
  }
  const checked = itemSchema.safeParse(given);
  if (checked.success) return { ok: true, item: checked.data };
  const tree = treeOf({ items: { [id]: given } });
  const findings = issueFindings(checked.error.issues, tree, ["items", id], (path) =>
    path.length === 2 ? Object.keys(itemSchema.shape) : [],
  );
  return { ok: false, findings };
}

const nowhere = { source: { file: "", text: "", role: "config" }, start: 0, end: 0 } as const;

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: "list", place: nowhere, items: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return { kind: "scalar", place: nowhere, value };
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, { key: nowhere, value: treeOf(inner) }] as const,
  );
  return { kind: "map", place: nowhere, entries: new Map(entries) };
}
