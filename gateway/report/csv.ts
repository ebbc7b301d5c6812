import { reportText } from "../../config/language/report.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { dispositionOf } from "../cold-chain/excursion.ts";
import type { Report, ReportPoint } from "./compose.ts";
import { type Cell, csvLine } from "./csv-line.ts";
import { type LocalTime, localTimeOf } from "./local-time.ts";
import type { Reading } from "./reading.ts";
import type { PlannedPoint, ReportPlan } from "./report-plan.ts";

/** Without it Excel takes UTF-8 for the code page of the machine. */
const byteOrderMark = "\uFEFF";

type Fields = Partial<{
  readonly at: EpochMs;
  readonly point: string;
  readonly name: string | undefined;
  readonly value: Cell;
  readonly unit: string | undefined;
  readonly quality: string;
  readonly place: string | undefined;
  readonly raw: number | undefined;
  readonly reason: string | undefined;
  readonly late: boolean;
  readonly clock: string;
  readonly calibration: string | undefined;
  readonly end: EpochMs | undefined;
  readonly detail: string | undefined;
}>;

/**
 * A report as CSV, one table of equal lines: first the readings as they are read, then what was found in them. The
 * first column says what a line is: `reading`, `figure`, `excursion`, `alarm`, `gap`, `calibration`, `hash`.
 */
export class CsvReport {
  readonly #plan: ReportPlan;
  readonly #time: LocalTime;

  constructor(plan: ReportPlan) {
    this.#plan = plan;
    this.#time = localTimeOf(plan.timezone);
  }

  head(): string {
    const { columns } = reportText[this.#plan.language].csv;
    return byteOrderMark + csvLine(columns);
  }

  reading(point: PlannedPoint, { at, value, correctedMs, ...rest }: Reading): string {
    const { key, name, unit } = point;
    const detail =
      correctedMs === undefined ? undefined : `clock corrected by ${correctedMs / 1_000} s`;
    return this.#line("reading", { ...rest, at, value, point: key, name, unit, detail });
  }

  /** What follows the readings. */
  *tail(report: Report): Iterable<string> {
    for (const point of report.points) yield* this.#point(point);
    yield* this.#excursions(report);
    yield* this.#alarms(report);
    const { from, to } = this.#plan;
    for (const [name, value] of Object.entries(report.hashes)) {
      yield this.#line("hash", { at: from, end: to, name, value });
    }
  }

  *#point({ point, figures, gaps, source }: ReportPoint): Iterable<string> {
    const { from, to } = this.#plan;
    const { key, name, unit, calibration } = point;
    const own = { at: from, end: to, point: key, name };
    const figure = (detail: string, value: Cell, unitOf?: string) =>
      this.#line("figure", { ...own, value, unit: unitOf, detail });
    const { min, max, mean, mkt, switched } = figures;
    yield this.#line("figure", { ...own, value: figures.readings, detail: `count ${source}` });
    if (min !== undefined) yield this.#line("figure", { ...own, ...min, unit, detail: "min" });
    if (max !== undefined) yield this.#line("figure", { ...own, ...max, unit, detail: "max" });
    if (mean !== undefined && switched === undefined) yield figure("mean", rounded(mean), unit);
    if (mkt !== undefined && "celsius" in mkt) yield figure("mkt", rounded(mkt.celsius), "Cel");
    if (mkt !== undefined && "refused" in mkt) {
      yield this.#line("figure", { ...own, reason: mkt.refused, detail: "mkt" });
    }
    if (switched !== undefined) {
      yield figure("switched on", switched.times);
      yield figure("time on", rounded(switched.onMs / 60_000), "min");
    }
    yield figure("coverage", rounded(figures.coverage * 100), "%");
    yield figure("out of range", rounded(figures.outsideMs / 60_000), "min");
    yield figure("bad", figures.bad);
    yield figure("uncertain", figures.uncertain);
    yield figure("late", figures.late);
    yield figure("clock unsure", figures.clockUnsure);
    for (const { from: at, to: end, cause, reasons } of gaps) {
      yield this.#line("gap", {
        at,
        end,
        point: key,
        name,
        reason: cause,
        detail: reasons.join(" "),
      });
    }
    if (figures.gapsUnlisted > 0) yield figure("gaps not listed", figures.gapsUnlisted);
    if (calibration === undefined) return;
    const { on, due, certificate, overdue } = calibration;
    const detail = `${on} to ${due}${overdue ? ", overdue" : ""}`;
    yield this.#line("calibration", { point: key, name, calibration: certificate ?? on, detail });
  }

  *#excursions({ excursions }: Report): Iterable<string> {
    for (const excursion of excursions) {
      const { id, start, end, point, peak, outsideMs, mkt, limit, kind } = excursion;
      const parts = [
        id,
        kind,
        `outside ${rounded(outsideMs / 60_000)} min`,
        ...(limit === undefined ? [] : [`${limit.is} ${limit.value}`]),
        ...(mkt !== undefined && "celsius" in mkt ? [`mkt ${rounded(mkt.celsius)}`] : []),
        `decision ${dispositionOf(excursion)}`,
      ];
      yield this.#line("excursion", {
        ...{ at: start, end, value: peak?.value, detail: parts.join("; ") },
        ...(point !== undefined && { point }),
      });
    }
  }

  *#alarms({ alarms, alarmsUntold }: Report): Iterable<string> {
    for (const { id, steps, message, priority, earlier } of alarms) {
      if (steps.length === 0 && earlier) {
        yield this.#line("alarm", {
          name: id,
          reason: "earlier",
          detail: `${priority}; ${message}`,
        });
      }
      for (const { at, point, value, cause, from, to, by, comment } of steps) {
        const who = [by, comment].filter((part) => part !== undefined && part !== "").join(": ");
        const detail = `${priority}; ${message}; ${from} > ${to}${who === "" ? "" : `; ${who}`}`;
        const own = { at, name: id, value, reason: cause, detail };
        yield this.#line("alarm", { ...own, ...(point !== undefined && { point }) });
      }
    }
    if (alarmsUntold > 0) yield this.#line("alarm", { detail: `${alarmsUntold} not listed` });
  }

  #line(type: string, fields: Fields): string {
    const { at, end, late } = fields;
    return csvLine([
      type,
      at === undefined ? undefined : this.#time.text(at),
      // A leading sign would make it a formula; nothing else in this column is text.
      at === undefined ? undefined : `UTC${this.#time.offset(at)}`,
      at === undefined ? undefined : new Date(at).toISOString(),
      this.#plan.location.id,
      fields.point,
      fields.name,
      fields.value,
      fields.unit,
      fields.quality,
      fields.place,
      fields.raw,
      fields.reason,
      late === true ? "late" : undefined,
      fields.clock,
      fields.calibration,
      end === undefined ? undefined : new Date(end).toISOString(),
      fields.detail,
    ]);
  }
}

/** As many decimals as a vector of the reference is compared by. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
