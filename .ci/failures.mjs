// Prints what failed in one vitest JSON report, for the end of a run: the output before it may be cut off.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** Of each failure, its first lines: enough to know the assertion and its place. */
const LINES = 16;
const head = (text) => String(text).split("\n").slice(0, LINES).join("\n    ");

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const file of report.testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((it) => it.status === "failed");
  if (file.status === "failed" && failed.length === 0)
    process.stdout.write(`FAILED ${name}\n    ${head(file.message)}\n`);
  for (const test of failed)
    process.stdout.write(
      `FAILED ${name}: ${test.fullName}\n    ${test.failureMessages.map(head).join("\n    ")}\n`,
    );
}
