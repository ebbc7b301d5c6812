import type { SampleView } from "../api.ts";
import { isRecord } from "./merge.ts";

/** The samples of an answer, oldest first; what has not their form is left out. */
export function samplesOf(body: unknown): readonly SampleView[] {
  return Array.isArray(body) ? body.filter(isSample) : [];
}

function isSample(value: unknown): value is SampleView {
  if (!isRecord(value)) return false;
  const { sampledAt, quality } = value;
  return typeof sampledAt === "number" && typeof quality === "string";
}
