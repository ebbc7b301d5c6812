import type { ExcursionView } from "../../response-api.ts";
import { isRecord } from "../merge.ts";

/** The excursions of an answer; what has not their form is left out. */
export function excursionsOf(body: unknown): readonly ExcursionView[] {
  return Array.isArray(body) ? body.filter(isExcursion) : [];
}

export function isExcursion(value: unknown): value is ExcursionView {
  if (!isRecord(value)) return false;
  const { id, start, trail, dispositions, affected } = value;
  return (
    typeof id === "string" &&
    typeof start === "number" &&
    Array.isArray(trail) &&
    Array.isArray(dispositions) &&
    isRecord(affected)
  );
}
