import { excerptOf } from "./excerpt.ts";
import { type Finding, finding, type Problem, pathText } from "./problem.ts";
import { type Place, positionOf } from "./source.ts";

/** Most problems that are told at once: more than a screen or two means one cause, or no configuration at all. */
export const problemsMax = 100;

/** Findings -> problems in the order of the text, each once. `whole` stands for findings without a place. */
export function locate(findings: readonly Finding[], whole: Place): readonly Problem[] {
  const seen = new Set<string>();
  const sorted = findings
    .map((found) => ({ found, place: found.place ?? whole }))
    .sort((a, b) => rank(a.place, whole) - rank(b.place, whole) || a.place.start - b.place.start)
    .filter(({ found, place }) => {
      const key = `${place.source.file}:${place.start}:${found.code}:${JSON.stringify(found.params)}`;
      return !seen.has(key) && seen.add(key);
    });
  // Errors first when not all can be told.
  const shown =
    sorted.length <= problemsMax
      ? sorted
      : sorted
          .toSorted((a, b) => Number(isWarning(a)) - Number(isWarning(b)))
          .slice(0, problemsMax);
  const more = sorted.length - shown.length;
  if (more === 0) return shown.map(problemOf);
  const last = { found: finding("problems/more", [], { count: more }), place: whole };
  return [...shown, last].map(problemOf);
}

interface Placed {
  readonly found: Finding;
  readonly place: Place;
}

function isWarning({ found }: Placed): boolean {
  return found.severity === "warning";
}

/** The configuration itself before the files that it draws on. */
function rank(place: Place, whole: Place): number {
  return place.source.file === whole.source.file ? 0 : 1;
}

function problemOf({ found, place }: Placed): Problem {
  const { code, params, severity } = found;
  const path = code === "schema/unknown-key" ? found.path.slice(0, -1) : found.path;
  return {
    code,
    params,
    severity,
    file: place.source.file,
    ...positionOf(place),
    path: pathText(path),
    excerpt: excerptOf(place),
  };
}
