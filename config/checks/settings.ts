import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { Subject } from "./subject.ts";

/** What the pipeline is told about each point makes sense. */
export function checkSettings(subject: Subject): readonly Finding[] {
  const devices = new Map(subject.devices.map(({ id, path }) => [id, path]));
  return [...subject.settings].flatMap(([key, { range, convertTo, unit }]) => {
    const path = pathOf(key, devices);
    const findings: Finding[] = [];
    if (range !== undefined && range[0] > range[1]) {
      const [min, max] = range;
      findings.push(finding("point/range-inverted", [...path, "range"], { min, max }));
    }
    const from = unit ?? subject.points.get(key)?.unit ?? "";
    if (convertTo !== undefined && subject.canConvert?.(from, convertTo) === false) {
      findings.push(finding("point/conversion", [...path, "convertTo"], { from, to: convertTo }));
    }
    return findings;
  });
}

function pathOf(key: PointKey, devices: ReadonlyMap<string, Path>): Path {
  const slash = key.indexOf("/");
  return [...(devices.get(key.slice(0, slash)) ?? []), "points", key.slice(slash + 1)];
}
