import { frameText } from "./excerpt.ts";
import { checkSummaryText, tell } from "./language/check.ts";
import type { Language } from "./language/language.ts";
import type { Problem } from "./problem.ts";

/** `gateway.yaml:14:9 channels.rs485-a.devices.cold-2: unknown key "unti", did you mean "unitId"?` */
export function headline(problem: Problem, language: Language): string {
  const [message] = tell(problem.code, problem.params, language);
  const { file, line, column, path, severity } = problem;
  const mark = severity === "warning" ? checkSummaryText[language].warning : "";
  return `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${mark}${message}`;
}

/** All that a technician is shown of one problem: headline, the lines, what to do. */
export function problemText(problem: Problem, language: Language): string {
  const [, hint] = tell(problem.code, problem.params, language);
  return [
    headline(problem, language),
    problem.excerpt.length === 0 ? undefined : frameText(problem.excerpt, problem),
    hint === undefined ? undefined : `  ${checkSummaryText[language].hint}${hint}`,
  ]
    .filter((part) => part !== undefined)
    .join("\n");
}

/** The first `most` errors of a check, without its warnings. */
export function errorsText(problems: readonly Problem[], language: Language, most: number): string {
  const errors = problems.filter(({ severity }) => severity === "error");
  return errors
    .slice(0, most)
    .map((problem) => problemText(problem, language))
    .join("\n");
}

/** The same as data, for editors and scripts. */
export function problemJson(problem: Problem, language: Language) {
  const [message, hint] = tell(problem.code, problem.params, language);
  return { ...problem, message, ...(hint === undefined ? {} : { hint }) };
}
