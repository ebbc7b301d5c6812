import { reportText } from "../../config/language/report.ts";
import { dispositionOf } from "../cold-chain/excursion.ts";
import { createFormat } from "../panel/web/format.ts";
import type { Report, ReportPoint } from "./compose.ts";
import { type LocalTime, localTimeOf } from "./local-time.ts";
import { drawChart } from "./pdf-chart.ts";
import { inks, PdfPages } from "./pdf-page.ts";
import { durationText, percentText } from "./report-words.ts";
import type { ReportAlarm } from "./story.ts";

type Row = readonly string[];

/** A report as PDF: figures, charts, excursions, alarms, gaps, calibrations, hashes. @returns its bytes as they come. */
export function pdfOf(report: Report): NodeJS.ReadableStream {
  return new PdfReport(report).write();
}

class PdfReport {
  readonly #report: Report;
  readonly #text: (typeof reportText)["en"];
  readonly #time: LocalTime;
  readonly #format: ReturnType<typeof createFormat>;
  readonly #pages: PdfPages;

  constructor(report: Report) {
    const { language, timezone, now, location } = report.plan;
    this.#report = report;
    this.#text = reportText[language];
    this.#time = localTimeOf(timezone);
    this.#format = createFormat(language, timezone);
    const name = location.name ?? location.id;
    this.#pages = new PdfPages(`${this.#text.title}: ${name}`, new Date(now));
  }

  write(): NodeJS.ReadableStream {
    const { hashes, plan } = this.#report;
    this.#head();
    this.#figures();
    this.#charts();
    this.#excursions();
    this.#alarms();
    this.#gaps();
    this.#calibrations();
    this.#hashes();
    const place = `${plan.gateway.name ?? plan.gateway.id} · ${plan.location.id}`;
    this.#pages.end((page, of) => [`${place} · ${hashes.all}`, this.#text.page(page, of)]);
    return this.#pages.doc;
  }

  #head(): void {
    const { gateway, location, from, to, open, timezone, now, by } = this.#report.plan;
    const text = this.#text;
    const pages = this.#pages;
    const named = ({ id, name }: { id: string; name?: string | undefined }) =>
      name === undefined || name === id ? id : `${name} (${id})`;
    pages.text(`${text.title}: ${named(location)}`, { size: 16, bold: true });
    pages.space(6);
    const period = `${this.#at(from)} ${text.until} ${this.#at(to)}`;
    const lines: Row[] = [
      [text.gateway, named(gateway)],
      ...(location.profile === undefined ? [] : [[text.profile, location.profile]]),
      [text.periodName, open ? `${period} (${text.stillOpen})` : period],
      [text.zone, timezone],
      [text.writtenAt, by === undefined ? this.#at(now) : `${this.#at(now)}, ${text.by} ${by}`],
    ];
    for (const line of lines) pages.row(line, [1, 4], { size: 9 });
  }

  #figures(): void {
    const text = this.#text;
    const { point, min, max, mean, mkt, coverage, outside, readings, late, clock } = text.columns;
    this.#table(
      text.figures,
      [point, min, max, mean, mkt, coverage, outside, readings, late, clock],
      this.#report.points.map((it) => this.#figureRow(it)),
      { widths: [20, 13, 13, 9, 12, 9, 9, 10, 6, 7], empty: text.noReadings },
    );
    this.#pages.space(3);
    this.#pages.text(text.notes, { size: 7, ink: inks.faint });
  }

  #figureRow({ point, figures, source }: ReportPoint): Row {
    const text = this.#text;
    const { min, max, mean, mkt, coverage, outsideMs, switched } = figures;
    const quantity = (value: number) => this.#format.quantity(value, point.unit);
    const extreme = (it: typeof min) =>
      it === undefined ? "-" : `${quantity(it.value)}\n${this.#at(it.at).slice(5, 16)}`;
    const kinetic =
      mkt === undefined
        ? "-"
        : "celsius" in mkt
          ? this.#format.quantity(mkt.celsius, "Cel")
          : mkt.refused === "freeze"
            ? text.refused.freeze
            : text.refused.coverage(percentText(mkt.coverage));
    const name = `${point.name ?? point.key}\n${text.kinds[point.kind]}`;
    const count = `${figures.readings} ${text.source[source]}`;
    const rest = [String(figures.late), String(figures.clockUnsure)];
    if (switched !== undefined) {
      const on = text.switchedOn(String(switched.times), this.#length(switched.onMs));
      return [name, on, "", "", "", percentText(coverage), "-", count, ...rest];
    }
    return [
      ...[name, extreme(min), extreme(max), mean === undefined ? "-" : quantity(mean), kinetic],
      ...[percentText(coverage), this.#length(outsideMs), count, ...rest],
    ];
  }

  #charts(): void {
    const charted = this.#report.points.filter(
      ({ point, figures }) => point.values !== "text" && figures.min !== undefined,
    );
    if (charted.length === 0) return;
    this.#pages.heading(this.#text.chart);
    const by = { format: this.#format, time: this.#time };
    for (const it of charted) {
      drawChart(this.#pages, it, it.point.name ?? it.point.key, this.#report.plan, by);
    }
  }

  #excursions(): void {
    const text = this.#text;
    const rows = this.#report.excursions.map((excursion): Row => {
      const { start, end, limit, peak, outsideMs, mkt, kind, point, rule } = excursion;
      const unit = this.#unitOf(point);
      const sign = limit?.is === "above" ? ">" : "<";
      const last = excursion.dispositions.at(-1);
      const decision = text.decisions[dispositionOf(excursion)];
      const by = last === undefined ? "" : `\n${last.by}, ${this.#at(last.at)}\n${last.meaning}`;
      return [
        `${this.#at(start)}${kind === "historic" ? `\n${text.historic}` : ""}`,
        end === undefined ? text.open : this.#at(end),
        limit === undefined ? rule : `${sign} ${this.#format.quantity(limit.value, unit)}\n${rule}`,
        peak === undefined ? "-" : this.#format.quantity(peak.value, unit),
        this.#length(outsideMs),
        mkt !== undefined && "celsius" in mkt ? this.#format.quantity(mkt.celsius, "Cel") : "-",
        decision + by,
      ];
    });
    const widths = [14, 14, 16, 10, 10, 10, 22];
    this.#table(text.excursions, text.excursionColumns, rows, { widths, empty: text.noExcursions });
  }

  #alarms(): void {
    const { alarms, alarmsUntold, eventsSince, eventsWhole } = this.#report;
    const text = this.#text;
    const rows = alarms.map((alarm) => this.#alarmRow(alarm));
    const widths = [16, 34, 10, 26, 16];
    this.#table(text.alarms, text.alarmColumns, rows, { widths, empty: text.noAlarms });
    if (alarmsUntold > 0) this.#pages.text(text.moreAlarms(alarmsUntold), { ink: inks.mark });
    if (eventsSince !== undefined) {
      this.#pages.text(text.eventsSince(this.#at(eventsSince)), { ink: inks.mark });
    }
    if (!eventsWhole) this.#pages.text(text.eventsBroken, { ink: inks.mark });
  }

  #alarmRow({ id, steps, message, priority, earlier }: ReportAlarm): Row {
    const text = this.#text;
    const raised = steps.find(({ cause }) => cause === "violated");
    const returned = steps.findLast(({ to }) => to === "normal" || to.startsWith("returned"));
    const acknowledged = steps
      .filter(({ cause }) => cause === "acknowledged" || cause === "auto-acknowledged")
      .map(({ at, by, comment }) => [this.#at(at), by, comment].filter(isSaid).join("\n"));
    const value = raised?.value;
    const unit = this.#unitOf(raised?.point);
    const shown = typeof value === "number" ? ` · ${this.#format.quantity(value, unit)}` : "";
    return [
      raised === undefined || earlier ? text.earlier : this.#at(raised.at),
      `${message}${shown}\n${id}`,
      text.priorities[priority],
      acknowledged.length === 0 ? text.notAcknowledged : acknowledged.join("\n"),
      returned === undefined ? text.notReturned : this.#at(returned.at),
    ];
  }

  #gaps(): void {
    const text = this.#text;
    const { points } = this.#report;
    const rows = points.flatMap(({ point, gaps }) =>
      gaps.map(({ from, to, cause, reasons }): Row => {
        const said = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
        const name = point.name ?? point.key;
        const times = [this.#at(from), this.#at(to), this.#length(to - from)];
        return [name, ...times, text.causes[cause] + said];
      }),
    );
    const widths = [22, 17, 17, 12, 32];
    this.#table(text.gaps, text.gapColumns, rows, { widths, empty: text.noGaps });
    for (const { point, figures } of points) {
      if (figures.gapsUnlisted === 0) continue;
      this.#pages.text(text.moreGaps(point.name ?? point.key, figures.gapsUnlisted));
    }
  }

  #calibrations(): void {
    const text = this.#text;
    const rows = this.#report.points.flatMap(({ point, figures }): Row[] => {
      const { calibration, name, key } = point;
      if (calibration === undefined) return [];
      const { on, due, certificate, overdue } = calibration;
      const used = [...new Set([certificate ?? "-", ...figures.calibrations])].join("\n");
      return [[name ?? key, on, due, used, overdue ? text.overdue : text.valid]];
    });
    const widths = [26, 16, 16, 26, 16];
    const { calibrationColumns, noCalibration: empty } = text;
    this.#table(text.calibration, calibrationColumns, rows, { widths, empty });
  }

  #hashes(): void {
    const text = this.#text;
    const { readings, events, excursions, all } = this.#report.hashes;
    const { hashNames: names } = text;
    const rows = [
      [names.readings, readings],
      [names.events, events],
      [names.excursions, excursions],
      [names.all, all],
    ];
    this.#pages.heading(text.hashes);
    for (const row of rows) this.#pages.row(row, [1, 5]);
    this.#pages.space(3);
    this.#pages.text(text.hashNotes, { size: 7, ink: inks.faint });
  }

  #table(
    title: string,
    columns: readonly string[],
    rows: readonly Row[],
    { widths, empty }: { readonly widths: readonly number[]; readonly empty: string },
  ): void {
    const pages = this.#pages;
    pages.heading(title);
    if (rows.length === 0) {
      pages.text(empty, { ink: inks.faint });
      return;
    }
    const head = () => pages.row(columns, widths, { size: 7.5, bold: true });
    head();
    for (const [index, row] of rows.entries()) {
      if (pages.isFull) {
        pages.text(this.#text.cut(rows.length - index), { ink: inks.mark });
        break;
      }
      pages.row(row, widths, { size: 7.5 }, head);
    }
  }

  #unitOf(key: string | undefined): string | undefined {
    return this.#report.points.find(({ point }) => point.key === key)?.point.unit;
  }

  #at(at: number): string {
    return this.#time.text(at).slice(0, 16);
  }

  #length(ms: number): string {
    return durationText(ms, this.#report.plan.language);
  }
}

function isSaid(part: string | undefined): part is string {
  return part !== undefined && part !== "";
}
