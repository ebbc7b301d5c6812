import { type Format, unitText } from "../panel/web/format.ts";
import { chartColumnsMax } from "./chart-columns.ts";
import type { ReportPoint } from "./compose.ts";
import type { LocalTime } from "./local-time.ts";
import { contentWidth, inks, type PdfPages } from "./pdf-page.ts";

const height = 110;
const axisWidth = 40;
const headHeight = 14;
const footHeight = 14;

/** Ticks of the time axis. */
const ticks = 4;

/** One chart: a line from the lowest to the highest value of each column, gaps shaded, limits dashed. */
export function drawChart(
  pages: PdfPages,
  { point, figures, gaps }: ReportPoint,
  title: string,
  period: { readonly from: number; readonly to: number },
  { format, time }: { readonly format: Format; readonly time: LocalTime },
): void {
  const { min, max, chart } = figures;
  if (min === undefined || max === undefined) return;
  pages.need(height + headHeight + footHeight + 8);
  const { doc } = pages;
  const near = point.limits.filter((limit) => isNear(limit, min.value, max.value));
  const low = Math.min(min.value, ...near);
  const high = Math.max(max.value, ...near);
  const slack = high > low ? (high - low) * 0.08 : 1;
  const top = pages.y + headHeight;
  const left = pages.left + axisWidth;
  const width = contentWidth - axisWidth;
  const scale = height / (high - low + 2 * slack);
  const yOf = (value: number) => top + height - (value - low + slack) * scale;
  const xOf = (at: number) => left + ((at - period.from) / (period.to - period.from)) * width;
  pages.label(`${title} (${unitText(point.unit) || "-"})`, left, pages.y, width);
  for (const { from, to } of gaps) {
    doc.rect(xOf(from), top, Math.max(0.4, xOf(to) - xOf(from)), height).fill("#ececec");
  }
  for (const limit of near) {
    doc
      .moveTo(left, yOf(limit))
      .lineTo(left + width, yOf(limit))
      .lineWidth(0.5);
    doc.dash(3, { space: 2 }).stroke(inks.mark).undash();
  }
  const step = width / chartColumnsMax;
  const columnMs = (period.to - period.from) / chartColumnsMax;
  let before: number | undefined;
  let beforeAt = period.from;
  for (const [index, column] of chart.columns.entries()) {
    if (column === undefined) continue;
    const x = left + (index + 0.5) * step;
    const at = period.from + (index + 0.5) * columnMs;
    // A value holds until the next one, but not through a gap.
    const start = beforeAt;
    if (gaps.some(({ from, to }) => from < at - columnMs / 2 && to > start + columnMs / 2)) {
      before = undefined;
    }
    beforeAt = at;
    if (before === undefined) doc.moveTo(x, yOf(column.low));
    else doc.lineTo(x, before);
    doc.lineTo(x, yOf(column.low)).lineTo(x, yOf(column.high));
    before = yOf((column.low + column.high) / 2);
  }
  doc.lineWidth(0.7).lineJoin("round").stroke(inks.text);
  doc.rect(left, top, width, height).lineWidth(0.4).stroke(inks.line);
  for (const value of new Set([low, high, ...near])) {
    pages.label(
      format.number(value, point.unit),
      pages.left,
      yOf(value) - 4,
      axisWidth - 4,
      "right",
    );
  }
  for (let tick = 0; tick <= ticks; tick += 1) {
    const at = period.from + ((period.to - period.from) * tick) / ticks;
    const x = tick === ticks ? left + width - 80 : left + (width * tick) / ticks;
    const text = time.text(at).slice(5, 16);
    pages.label(text, x, top + height + 3, 80, tick === ticks ? "right" : "left");
  }
  pages.y = top + height + footHeight;
  pages.space(8);
}

/** A limit far away would press the course into a line. */
function isNear(limit: number, low: number, high: number): boolean {
  const reach = Math.max(high - low, Math.abs(high), Math.abs(low), 1) * 1.5;
  return limit >= low - reach && limit <= high + reach;
}
