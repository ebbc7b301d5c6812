import type { z } from "zod";
import { type Config, configSchema } from "./schema/config.ts";
import { plain, type TreeMap, without } from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** Settings of a rule that its condition does not depend on. */
const besidesCondition = new Set(
  ["onDelay", "offDelay", "priority", "message", "advise", "cause", "consequence"].concat(
    ["respondWithin", "latch", "reAlarm", "reAlarmMax", "raiseTo", "raiseAfter", "shelveMax"],
    ["autoAcknowledge", "reason", "suppressMax"],
  ),
);

/** Keys of an item that decide what else may be asked of it. */
const makesItem = new Set(["", "location", "unit", "unitWeight"]);

/** Sections whose entries stand for themselves: what is wrong in one leaves the others as they are. */
const listings = new Set([
  "rules",
  "locations",
  "items",
  "schedules",
  "annunciators",
  "notify",
  "escalation",
]);

/** What is left of a file when all that has errors is taken out: enough for checking how the rest fits together. */
export function salvage(
  root: TreeMap,
  issues: readonly Issue[],
): Omit<Config, "channels" | "profiles"> | undefined {
  const entries = Map.groupBy(issues.flatMap(wrongEntry), ({ section }) => section);
  let left = withoutUnknown(root, issues);
  for (const [section, wrong] of entries) {
    const whole = wrong.some(({ id }) => id === undefined);
    if (whole) left = without(left, [], [section]);
    else
      left = without(
        left,
        [section],
        wrong.flatMap(({ id }) => id ?? []),
      );
  }
  for (const issue of issues) left = withoutSetting(left, issue);
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
      issue.code === "unrecognized_keys" ? without(tree, issue.path.map(String), issue.keys) : tree,
    root,
  );
}

interface Entry {
  readonly section: string;
  /** Undefined: the section as a whole. */
  readonly id?: string;
}

function wrongEntry(issue: Issue): readonly Entry[] {
  const [section, id, key = ""] = issue.path.map(String);
  if (issue.code === "unrecognized_keys" || section === undefined) return [];
  if (section === "gateway" || section === "version") return [];
  if (section === "stock" && id !== undefined) return [];
  if (id === undefined || !listings.has(section)) return [{ section }];
  return isOnlySetting(section, key) ? [] : [{ section, id }];
}

function withoutSetting(tree: TreeMap, issue: Issue): TreeMap {
  const [section = "", id = "", key = ""] = issue.path.map(String);
  if (section === "stock") {
    return id === "warnings" && key !== ""
      ? without(tree, [section, id], [key])
      : without(tree, [section], [id]);
  }
  return isOnlySetting(section, key) ? without(tree, [section, id], [key]) : tree;
}

/** Without it the entry is still what it is. */
function isOnlySetting(section: string, key: string): boolean {
  if (section === "items") return !makesItem.has(key);
  return section === "rules" && besidesCondition.has(key);
}
