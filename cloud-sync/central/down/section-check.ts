import type { Language } from "../../../config/language/language.ts";
import { loadText } from "../../../config/load.ts";
import type { Sections } from "../../../config/managed-sections.ts";
import type { Problem } from "../../../config/problem.ts";
import { problemJson } from "../../../config/report.ts";
import { isStorableJson } from "../event-rows.ts";
import { RefusalError } from "../refusals.ts";
import { namesOf, replaced } from "./composition.ts";
import { sectionText } from "./section-text.ts";

/** Problems that a refusal lists. */
const problemsMax = 20;

export interface SectionProblem {
  /** As in `rules.too-warm.priority`. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * What `rackwatch check` would find wrong, as far as it can be seen without the gateway's devices: only the gateway knows its
 * points, outputs and secrets. `running`: what the other sections are; absent: names that are not among these are believed.
 */
export function sectionProblems(
  sections: Sections,
  running: Sections | undefined,
  language: Language,
): readonly SectionProblem[] {
  const { profiles: _profiles, ...checked } = replaced(running ?? {}, sections);
  const text = `version: 1\n${sectionText(checked)}`;
  const loaded = loadText(text, "revision", {
    ...{ form: "partial", secrets: "substitute", drivers: [], folder: "/" },
  });
  const problems = loaded.ok ? [] : loaded.problems;
  const names = new Set<string>(namesOf(sections));
  return problems
    .filter((problem) => problem.severity === "error" && isAbout(problem, names))
    .filter(({ code }) => running !== undefined || code !== "reference/name")
    .map((problem) => {
      const { path, message, hint } = problemJson(problem, language);
      return { path, message, ...(hint === undefined ? {} : { hint }) };
    });
}

/** A mistake that runs already is not the author's. */
function isAbout({ path }: Problem, names: ReadonlySet<string>): boolean {
  return names.has(path.split(/[.[]/)[0] ?? "") || path === "";
}

/** @throws RefusalError 400 with everything that is wrong at once. */
export function checkSections(
  sections: Sections,
  running: Sections | undefined,
  language: Language,
): void {
  if (!isStorableJson(sections)) {
    const message = "a text holds NUL or half a character";
    throw new RefusalError(400, { code: "bad-request", message });
  }
  const problems = sectionProblems(sections, running, language);
  if (problems.length === 0) return;
  const shown = problems.slice(0, problemsMax);
  throw new RefusalError(400, {
    code: "bad-request",
    message: shown.map(({ path, message }) => `${path}: ${message}`).join("\n"),
    todo: shown.find(({ hint }) => hint !== undefined)?.hint ?? "`rackwatch check` says the same",
  });
}
