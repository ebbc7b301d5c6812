// Prints "passed failed skipped" of one vitest JSON report; a report without any test is a failure.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
if (!(report.numTotalTests > 0)) {
  process.stderr.write("no test was run\n");
  process.exit(1);
}
const failedFiles = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((it) => it.status !== "failed"),
).length;
process.stdout.write(
  `${report.numPassedTests} ${report.numFailedTests + failedFiles} ${report.numPendingTests + report.numTodoTests}\n`,
);
