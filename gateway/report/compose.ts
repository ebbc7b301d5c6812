import { reportText } from "../../config/language/report.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type Excursion, excursionKeyPrefix } from "../cold-chain/excursion.ts";
import { ContentHash } from "./content-hash.ts";
import type { Gap } from "./gap.ts";
import { causeOf, type GapCause } from "./gap-cause.ts";
import { LateCount } from "./late-count.ts";
import { LogReader } from "./log-reader.ts";
import type { Reading, ReadingSink } from "./reading.ts";
import { RecordReader } from "./record-reader.ts";
import type { PlannedPoint, ReportPlan } from "./report-plan.ts";
import { type ReportAlarm, Story } from "./story.ts";
import { type PointFigures, Tally } from "./tally.ts";

export interface ReportPoint {
  readonly point: PlannedPoint;
  /** Where its readings come from: the record of years, or the log of samples. */
  readonly source: "records" | "samples";
  readonly figures: PointFigures;
  readonly gaps: readonly (Gap & { readonly cause: GapCause })[];
}

/** SHA-256, hex, of what the report rests on. */
export interface ReportHashes {
  readonly readings: string;
  readonly events: string;
  readonly excursions: string;
  /** Of the three above, and of which place and time they are. */
  readonly all: string;
}

export interface Report {
  readonly plan: ReportPlan;
  readonly points: readonly ReportPoint[];
  readonly alarms: readonly ReportAlarm[];
  readonly alarmsUntold: number;
  readonly excursions: readonly Excursion[];
  /** Events before it are no longer kept. */
  readonly eventsSince?: EpochMs;
  /** False: some events could not be read, or there were too many. */
  readonly eventsWhole: boolean;
  readonly hashes: ReportHashes;
}

/** Told of each reading within the period, point by point for records, in order of time for samples. */
export type OnReading = (point: PlannedPoint, reading: Reading) => void;

/**
 * Reads what there is of a location and a period, beside a running gateway or without one.
 * @throws RackwatchError `store/...`; `store/io` when the folder holds no database.
 */
export function compose(
  plan: ReportPlan,
  dataDir: string,
  onReading: OnReading = () => {},
): Report {
  using records = new RecordReader(dataDir);
  using log = new LogReader(dataDir);
  if (!log.exists && !records.exists) {
    const text = reportText[plan.language];
    throw new RackwatchError("store/io", text.noStore(dataDir), {
      where: dataDir,
      todo: text.noStoreTodo,
    });
  }
  const { story, events, since, whole } = storyOf(plan, log);
  const tallies = plan.points.map((point) => new PointTally(point, plan, story, onReading));
  for (const tally of tallies) {
    if (tally.point.recorded) records.read(tally.point.key, plan.from, plan.to, tally);
  }
  const sampled = tallies.filter(({ touched }) => !touched);
  log.samples(new Map(sampled.map((tally) => [tally.point.key, tally])), plan.from, plan.to);
  const excursions = story.excursions();
  const readings = new ContentHash();
  for (const tally of tallies) readings.add({ point: tally.point.key, hash: tally.hash.digest() });
  const told = new ContentHash();
  for (const excursion of excursions) told.add(shownOf(excursion));
  const parts = { readings: readings.digest(), events, excursions: told.digest() };
  const { gateway, location, from, to } = plan;
  const all = new ContentHash();
  all.add({ ...parts, gateway: gateway.id, location: location.id, from, to });
  return {
    plan,
    points: tallies.map((tally) => tally.done(story, sampled.includes(tally))),
    alarms: story.alarms(),
    alarmsUntold: story.alarmsUntold,
    excursions,
    ...(since !== undefined && since > from && { eventsSince: since }),
    eventsWhole: whole,
    hashes: { ...parts, all: all.digest() },
  };
}

function storyOf(plan: ReportPlan, log: LogReader) {
  const story = new Story(plan);
  const hash = new ContentHash();
  const { since, whole } = log.events(plan.from, (logged) => {
    const { kind, at, body } = logged.event;
    if (story.take(logged)) hash.add({ kind, at, body });
  });
  story.takeState(log.state("alarm/"), log.state(excursionKeyPrefix));
  return { story, since, whole, events: hash.digest() };
}

/** Without what changes while nothing happens. */
function shownOf({
  updatedAt: _,
  last: __,
  kinetic: ___,
  told: ____,
  ...shown
}: Excursion): unknown {
  return shown;
}

class PointTally implements ReadingSink {
  readonly point: PlannedPoint;
  readonly hash = new ContentHash();
  readonly #plan: ReportPlan;
  readonly #tally: Tally;
  readonly #late = new LateCount();
  readonly #onReading: OnReading;
  touched = false;

  constructor(point: PlannedPoint, plan: ReportPlan, story: Story, onReading: OnReading) {
    this.point = point;
    this.#plan = plan;
    this.#tally = new Tally(point, plan, story.outOfService(point.key));
    this.#onReading = onReading;
  }

  take(reading: Reading): void {
    this.touched = true;
    this.#tally.take(reading);
    const { at } = reading;
    if (at < this.#plan.from || at >= this.#plan.to) return;
    this.hash.add(reading);
    this.#onReading(this.point, reading);
  }

  damaged(stretch: { readonly from: EpochMs; readonly to: EpochMs }): void {
    this.touched = true;
    this.#tally.damaged(stretch);
    this.hash.add({ damaged: stretch });
  }

  late(seq: number): void {
    this.#late.add(seq);
  }

  done({ incidents }: Story, sampled: boolean): ReportPoint {
    const figures = this.#tally.figures();
    return {
      point: this.point,
      source: sampled ? "samples" : "records",
      figures: sampled ? { ...figures, late: this.#late.count } : figures,
      gaps: figures.gaps.map((gap) => ({ ...gap, cause: causeOf(gap, incidents) })),
    };
  }
}
