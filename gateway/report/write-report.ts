import { compose } from "./compose.ts";
import { CsvReport } from "./csv.ts";
import type { ReportOutput } from "./report-output.ts";
import type { ReportPlan } from "./report-plan.ts";

export const reportForms = ["pdf", "csv"] as const;
export type ReportForm = (typeof reportForms)[number];

/**
 * Writes a whole report.
 * @returns the hash of what it rests on.
 * @throws RackwatchError `store/...`.
 */
export async function writeReport(
  plan: ReportPlan,
  dataDir: string,
  form: ReportForm,
  output: Pick<ReportOutput, "write">,
): Promise<string> {
  if (form === "csv") {
    const csv = new CsvReport(plan);
    output.write(csv.head());
    const report = compose(plan, dataDir, (point, reading) =>
      output.write(csv.reading(point, reading)),
    );
    for (const line of csv.tail(report)) output.write(line);
    return report.hashes.all;
  }
  const report = compose(plan, dataDir);
  const { pdfOf } = await import("./pdf.ts");
  for await (const part of pdfOf(report)) output.write(part);
  return report.hashes.all;
}
