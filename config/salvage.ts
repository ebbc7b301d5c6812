import type { z } from "zod";
import { type Config, configSchema } from "./schema/config.ts";
import { plain, type TreeMap, without } from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** Settings of a rule that its condition does not depend on. */
const besidesCondition = new Set(["onDelay", "offDelay", "priority", "message", "advise"]);

/** What is left of a file when all that has errors is taken out: enough for checking how the rest fits together. */
export function salvage(
  root: TreeMap,
  issues: readonly Issue[],
): Omit<Config, "channels"> | undefined {
  const left = issues.reduce(withoutWrong, withoutUnknown(root, issues));
  const values = Object(plain(left));
  // Without an id of its own the gateway is still one, for the time of the check.
  for (const gateway of [values.gateway, { id: "gateway" }]) {
    const checked = configSchema.safeParse({ ...values, version: 1, gateway });
    if (checked.success) return checked.data;
  }
  return undefined;
}

/** Keys that no schema knows hide nothing behind them. */
export function withoutUnknown(root: TreeMap, issues: readonly Issue[]): TreeMap {
  return issues.reduce(
    (tree, issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.reduce((it, key) => without(it, [...issue.path.map(String), key]), tree)
        : tree,
    root,
  );
}

function withoutWrong(root: TreeMap, issue: Issue): TreeMap {
  if (issue.code === "unrecognized_keys") return root;
  const [section = "", id, key = ""] = issue.path.map(String);
  if (section === "gateway" || section === "version") return root;
  if (id === undefined || (section !== "rules" && section !== "locations")) {
    return without(root, [section]);
  }
  return without(root, besidesCondition.has(key) ? [section, id, key] : [section, id]);
}
