import type { Decision } from "../../../cold-chain/decisions.ts";
import type { ExcursionView } from "../../response-api.ts";
import { isRecord } from "../merge.ts";

/** The excursions of an answer; what has not their form is left out. */
export function excursionsOf(body: unknown): readonly ExcursionView[] {
  return Array.isArray(body) ? body.filter(isExcursion) : [];
}

function isExcursion(value: unknown): value is ExcursionView {
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

/** What was decided last about its goods. */
export function decidedOf({ dispositions }: ExcursionView): "none" | Decision {
  return dispositions.at(-1)?.to ?? "none";
}

/** Open ones, and those whose goods nobody has decided about for good. */
export function needsDecision(excursion: ExcursionView): boolean {
  const decided = decidedOf(excursion);
  return excursion.state === "open" || decided === "none" || decided === "quarantined";
}

/** Before it and after it, in the report: a chart that begins at the crossing does not show where it came from. */
const marginMs = 2 * 3_600_000;

/** The report of its place over its time; of an open one until now. Undefined: it happened at no location. */
export function reportAddress(
  { affected, start, end }: ExcursionView,
  form: "pdf" | "csv",
  now: number,
): string | undefined {
  if (affected.location === undefined) return undefined;
  const query = new URLSearchParams({
    location: affected.location,
    from: new Date(start - marginMs).toISOString(),
    to: new Date(Math.min(now, (end ?? now) + marginMs)).toISOString(),
  });
  return `/api/report.${form}?${query}`;
}
