import type { FiguresSection } from "./figures-report.ts";
import { PdfPages } from "./pdf-page.ts";

/** The figures of an alarm system on paper. @param foot Of each page. */
export function figuresPdf(
  title: string,
  sections: readonly FiguresSection[],
  now: Date,
  foot: (page: number, of: number) => readonly [left: string, right: string],
): NodeJS.ReadableStream {
  const pages = new PdfPages(title, now);
  pages.text(title, { size: 16, bold: true });
  for (const { title: heading, rows } of sections) {
    pages.heading(heading);
    for (const row of rows) pages.row(row, [3, 2], { size: 9 });
  }
  pages.end(foot);
  return pages.doc;
}
