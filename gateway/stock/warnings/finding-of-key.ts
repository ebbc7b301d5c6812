import {
  itemIdSchema,
  lotIdSchema,
  type WarningKind,
  warningKinds,
} from "../../../config/schema/item.ts";
import { type Finding, type FindingKey, findingKey } from "./finding.ts";

/** What a finding is about: all that its key is made of. */
export type About = Omit<Finding, "to" | "figures">;

export function isFindingKey(id: string): id is FindingKey {
  return id.startsWith("stock:");
}

/** The reverse of `findingKey`, for alarms that were saved; undefined: it is not one of ours. */
export function parseFindingKey(id: string): About | undefined {
  if (!isFindingKey(id)) return undefined;
  const parts = id.slice("stock:".length).split(":").map(decoded);
  const [what = "", location = "", item = "", lot] = parts;
  const named = kindOf(what);
  if (named === undefined || location === "" || parts.length > 4) return undefined;
  if (item !== "" && !itemIdSchema.safeParse(item).success) return undefined;
  if (lot !== undefined && !lotIdSchema.safeParse(lot).success) return undefined;
  const about: About = {
    ...named,
    location,
    ...(item === "" ? {} : { item }),
    ...(lot === undefined ? {} : { lot }),
  };
  return findingKey(about) === id ? about : undefined;
}

function kindOf(what: string): Pick<About, "kind" | "tierDays"> | undefined {
  const kind = knownKind(what);
  if (kind !== undefined) return kind === "near-expiry" ? undefined : { kind };
  const days = /^near-expiry-(\d{1,4})$/.exec(what)?.[1];
  return days === undefined ? undefined : { kind: "near-expiry", tierDays: Number(days) };
}

function knownKind(what: string): WarningKind | undefined {
  return warningKinds.find((kind) => kind === what);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
