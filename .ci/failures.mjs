// Prints what failed in one vitest JSON report, and what passed only when repeated, each with its reason: the output
// before the end of a run may be cut off.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** Of each failure, its first lines: enough to know the assertion and its place. */
const LINES = 16;
const head = (text) => String(text).split("\n").slice(0, LINES).join("\n    ");
const say = (what, name, messages) =>
  process.stdout.write(`${what} ${name}\n    ${messages.map(head).join("\n    ")}\n`);

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const file of report.testResults) {
  const name = relative(process.cwd(), file.name);
  const tests = file.assertionResults;
  if (file.status === "failed" && tests.every((it) => it.status !== "failed"))
    say("FAILED", name, [file.message]);
  for (const { status, fullName, failureMessages } of tests) {
    if (status === "failed") say("FAILED", `${name}: ${fullName}`, failureMessages);
    else if (failureMessages.length > 0) say("REPEATED", `${name}: ${fullName}`, failureMessages);
  }
}
