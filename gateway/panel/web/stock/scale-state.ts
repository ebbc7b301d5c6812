import type { PointView } from "../../api.ts";
import { type LocationView, readingOf } from "../reading.ts";

/** What the scale under a location does at this moment; `resting` needs no word. */
export type ScaleState = "resting" | "moving" | "old" | "bad" | "waiting";

/** Undefined: there is no scale, or the gateway does not show its point. */
export function scaleOf(
  { weight }: LocationView,
  points: readonly PointView[],
  now: number,
  outdated: boolean,
): { readonly state: ScaleState; readonly point: PointView } | undefined {
  if (weight === undefined) return undefined;
  const point = points.find(({ key }) => key === weight);
  if (point === undefined) return undefined;
  const reading = readingOf(point, now, outdated);
  if (reading === "uncertain") return { state: "moving", point };
  if (reading !== "good") return { state: reading, point };
  const [device = ""] = weight.split("/");
  const rests = points.find(({ key }) => key === `${device}/stable`);
  const moves = rests?.quality === "good" && rests.value === false;
  return { state: moves ? "moving" : "resting", point };
}
