import { z } from "zod";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import type { PointSettings } from "../../drivers/point-settings.ts";
import { type Follow, nothingFollows } from "../follow.ts";

/** `30`, `7`, `0`: due within as many days. `overdue`: the due day is over. */
export type CalibrationStage = "30" | "7" | "0" | "overdue";

export interface CalibrationProblem {
  readonly point: PointKey;
  /** YYYY-MM-DD. */
  readonly on: string;
  readonly due: string;
  /** Below zero: overdue since as many days. */
  readonly daysLeft: number;
  readonly stage: CalibrationStage;
  readonly certificate?: string;
}

type Calibrated = NonNullable<PointSettings["calibrated"]>;
type Settings = ReadonlyMap<PointKey, Pick<PointSettings, "calibrated">>;

const dayMs = 86_400_000;

/** Every calibration that is due within 30 days or overdue, the most urgent first. @param today YYYY-MM-DD. */
export function calibrationProblems(
  settings: Settings,
  today: string,
): readonly CalibrationProblem[] {
  const problems = [...settings].flatMap(([point, { calibrated }]): CalibrationProblem[] => {
    if (calibrated === undefined) return [];
    const due = calibrationDue(calibrated);
    const daysLeft = Math.round((Date.parse(due) - Date.parse(today)) / dayMs);
    const stage = stageOf(daysLeft);
    const { on, certificate } = calibrated;
    const told = certificate === undefined ? {} : { certificate };
    return stage === undefined ? [] : [{ point, on, due, daysLeft, stage, ...told }];
  });
  return problems.sort((left, right) => left.daysLeft - right.daysLeft);
}

/** The day by which it must be done again, YYYY-MM-DD: as given, or a year later. */
export function calibrationDue({ on, due }: Calibrated): string {
  if (due !== undefined) return due;
  const [year = 0, month = 1, day = 1] = on.split("-").map(Number);
  const later = new Date(Date.UTC(year + 1, month - 1, day));
  // A year after 29 February is the last day of that month.
  const last = later.getUTCMonth() === month - 1 ? later : new Date(Date.UTC(year + 1, month, 0));
  return last.toISOString().slice(0, 10);
}

/** Names a calibration on each record: its certificate, or its day. */
export function calibrationId({ on, certificate }: Calibrated): string {
  return certificate ?? on;
}

/** The day in a time zone, YYYY-MM-DD. @param timezone IANA name. */
export function dayIn(timezone: string, at: EpochMs): string {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return format.format(at);
}

function stageOf(daysLeft: number): CalibrationStage | undefined {
  if (daysLeft < 0) return "overdue";
  if (daysLeft === 0) return "0";
  if (daysLeft <= 7) return "7";
  return daysLeft <= 30 ? "30" : undefined;
}

/** What has been told of each point stands under this prefix. */
export const calibrationKeyPrefix = "calibration/";

const toldSchema = z.strictObject({
  due: z.string(),
  stage: z.enum(["30", "7", "0", "overdue"]),
});
type Told = z.infer<typeof toldSchema>;

export interface CalibrationNews extends Follow {
  /** Told once each: for whoever writes messages. */
  readonly notices: readonly CalibrationProblem[];
}

const noNews: CalibrationNews = { ...nothingFollows, notices: [] };

/** Tells of each calibration once at each stage, also across restarts. */
export class CalibrationWatch {
  readonly #settings: Settings;
  readonly #timezone: string;
  readonly #told = new Map<string, Told>();
  #day: string | undefined;
  #minute = Number.NaN;
  #problems: readonly CalibrationProblem[] = [];

  /** @param saved What the store kept under `calibrationKeyPrefix`; what cannot be read is told again. */
  constructor(settings: Settings, timezone: string, saved: ReadonlyMap<string, unknown>) {
    this.#settings = settings;
    this.#timezone = timezone;
    for (const [key, value] of saved) {
      const parsed = toldSchema.safeParse(value);
      if (parsed.success && key.startsWith(calibrationKeyPrefix)) this.#told.set(key, parsed.data);
    }
  }

  /** Of the day of the last step. */
  get problems(): readonly CalibrationProblem[] {
    return this.#problems;
  }

  isOverdue(point: PointKey): boolean {
    return this.#problems.some((problem) => problem.point === point && problem.stage === "overdue");
  }

  /** Cheap within a day. @param at Must be a wall clock that can be believed: the caller does not ask else. */
  step(at: EpochMs): CalibrationNews {
    // Days of every time zone begin with a whole minute; to name one costs 0.1 ms, and each batch asks.
    const minute = Math.floor(at / 60_000);
    if (minute === this.#minute) return noNews;
    this.#minute = minute;
    const day = dayIn(this.#timezone, at);
    if (day === this.#day) return noNews;
    this.#day = day;
    this.#problems = calibrationProblems(this.#settings, day);
    const state = new Map<string, Told | undefined>();
    const notices: CalibrationProblem[] = [];
    const current = new Set<string>();
    for (const problem of this.#problems) {
      const key = calibrationKeyPrefix + problem.point;
      const { due, stage } = problem;
      current.add(key);
      const told = this.#told.get(key);
      if (told?.due === due && told.stage === stage) continue;
      this.#told.set(key, { due, stage });
      state.set(key, { due, stage });
      notices.push(problem);
    }
    for (const key of this.#told.keys()) {
      if (current.has(key)) continue;
      this.#told.delete(key);
      state.set(key, undefined);
    }
    const events = notices.map((problem) => ({
      kind: "calibration" as const,
      body: { ...problem },
    }));
    return { events, state, notices };
  }
}
