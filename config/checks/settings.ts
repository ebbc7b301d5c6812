import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { Subject } from "./subject.ts";

/** What the pipeline is told about each point makes sense. */
export function checkSettings(subject: Subject): readonly Finding[] {
  return [...subject.settings].flatMap(([key, { range, convertTo, unit }]) => {
    const at = (setting: string) => [...settingsPath(key, subject), setting];
    const findings: Finding[] = [];
    if (range !== undefined && range[0] > range[1]) {
      const [min, max] = range;
      findings.push(finding("point/range-inverted", at("range"), { min, max }));
    }
    const from = unit ?? subject.points.get(key)?.unit ?? "";
    if (convertTo !== undefined && subject.canConvert?.(from, convertTo) === false) {
      findings.push(finding("point/conversion", at("convertTo"), { from, to: convertTo }));
    }
    return findings;
  });
}

/** Where the settings of a point stand. */
export function settingsPath(key: PointKey, { devices }: Pick<Subject, "devices">): Path {
  const slash = key.indexOf("/");
  const device = devices.find(({ id }) => id === key.slice(0, slash));
  return [...(device?.path ?? []), "points", key.slice(slash + 1)];
}
