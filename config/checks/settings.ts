import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { Subject } from "./subject.ts";

/** What the pipeline is told about each point makes sense. */
export function checkSettings(subject: Subject): readonly Finding[] {
  return [...subject.settings].flatMap(([key, { range, convertTo, unit }]) => {
    const path = pathOf(key, subject);
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

function pathOf(key: PointKey, { devices }: Subject): Path {
  const slash = key.indexOf("/");
  const device = devices.find(({ id }) => id === key.slice(0, slash));
  return [...(device?.path ?? []), "points", key.slice(slash + 1)];
}
