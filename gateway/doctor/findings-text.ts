import type { DoctorText } from "../../config/language/doctor.ts";
import type { Finding } from "./finding.ts";

/** For a terminal and for a bundle: one line a check, and below it what to do. */
export function findingsText(findings: readonly Finding[], text: DoctorText): string {
  const lines = findings.flatMap(({ check, grade, found, todo }) => [
    `${text.grades[grade]}  ${check}: ${found}`,
    ...(todo === undefined || grade === "ok" ? [] : [`        ${todo}`]),
  ]);
  const of = (grade: Finding["grade"]) => findings.filter((it) => it.grade === grade).length;
  return `${[...lines, "", text.summary(of("fail"), of("warn"), findings.length)].join("\n")}\n`;
}
