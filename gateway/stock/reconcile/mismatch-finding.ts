import type { Figures, Finding } from "../warnings/finding.ts";
import type { Mismatch, MismatchChange } from "./mismatch-watch.ts";

/** What a person is warned of. A mismatch that only changes its case is the same warning. */
export function findingOf(change: MismatchChange): Finding | undefined {
  if (change.to === "changed") return undefined;
  const mismatch = change.to === "raised" ? change.mismatch : change.was;
  const [location = "", item = ""] = mismatch.key.split("/");
  return {
    kind: "count-mismatch",
    location,
    item,
    to: change.to,
    figures: figuresOf(mismatch),
  };
}

/** `case` is a key of `reconcileText`. */
function figuresOf({ is, difference, opinions: { ledger, weight, tags } }: Mismatch): Figures {
  return {
    case: is,
    difference,
    ledger,
    ...(weight === undefined
      ? {}
      : { weight: weight.pieces, weightFrom: weight.interval[0], weightTo: weight.interval[1] }),
    ...(tags === undefined ? {} : { tags: tags.pieces }),
  };
}
