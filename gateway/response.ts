import type { MonotonicMs, PointKey, Sample } from "../drivers/contract.ts";
import type { AlarmAction } from "./alarms/alarm.ts";
import type { AlarmStep, AlarmSystem } from "./alarms/alarm-system.ts";
import type { CalibrationWatch } from "./cold-chain/calibration.ts";
import type { Disposal } from "./cold-chain/disposition.ts";
import type { Excursions } from "./cold-chain/excursions.ts";
import type { Lateness, Split } from "./cold-chain/lateness.ts";
import type { MinMaxBook } from "./cold-chain/min-max.ts";
import type { MktLive } from "./cold-chain/mkt-live.ts";
import type { Figures } from "./figures/figures.ts";
import type { Follow } from "./follow.ts";
import { calibrationNotice, clockEvent, clockNotice, historicNotice } from "./notices/notice-of.ts";
import type { Reminders } from "./notices/reminders.ts";
import type { Notice } from "./push/notice.ts";
import type { Peaks } from "./push/peaks.ts";
import type { PushDesk } from "./push/push-desk.ts";
import type { Instant } from "./rules/rule.ts";
import type { KnownPoint } from "./rules/rule-set.ts";
import type { StockDesk } from "./stock/desk/stock-desk.ts";
import { nothingMoved, type StockStep } from "./stock/desk/stock-step.ts";
import type { StockedKey } from "./stock/stocked.ts";
import type { TimeCorrection } from "./store/time-shift.ts";

export interface ResponseParts {
  readonly alarms: AlarmSystem;
  readonly lateness: Lateness;
  readonly excursions: Excursions;
  readonly minMax: MinMaxBook;
  readonly mkt: MktLive;
  readonly calibration: CalibrationWatch;
  readonly figures: Figures;
  readonly reminders: Reminders;
  readonly peaks: Peaks;
  readonly desk: PushDesk;
  readonly stock: StockDesk;
  /** Whether dates by the wall clock mean anything. */
  readonly clockSet: () => boolean;
}

/** What one step changed: all of it belongs into one transaction. */
export interface ResponseStep extends Pick<AlarmStep, "transitions" | "alarms">, Follow {
  /** All that came, with the times that are believed; absent: as they came. */
  readonly samples?: readonly Sample[];
  /** The samples that are of now; the others only tell of the past. */
  readonly live: readonly Sample[];
  /** Where stock is different now. */
  readonly touched: ReadonlySet<StockedKey>;
}

const nothingCame: Split = { samples: [], live: [], late: [], clocksOff: [] };

/**
 * The gateway's answer to what it measures: alarms, and all that follows from them. One call, one result, one
 * transaction; nothing here does I/O.
 */
export class Response {
  readonly #parts: ResponseParts;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  /** No samples: a clock tick. */
  step(samples: readonly Sample[], instant: Instant): ResponseStep {
    const { alarms, lateness, mkt, stock } = this.#parts;
    const split = lateness.split(samples, instant);
    const means = mkt.step(split.live, instant);
    const seen = means.length === 0 ? split.live : [...split.live, ...means];
    const moved = stock.step(split.live, instant);
    return this.#follow(alarms.step(seen, instant, moved.found), split, moved, instant);
  }

  /** What was known before the start, for the rules: points whose channel goes on may not say it again for long. */
  remind(known: readonly KnownPoint[], instant: Instant): ResponseStep {
    const { alarms } = this.#parts;
    return this.#follow(alarms.remind(known, instant), nothingCame, nothingMoved, instant);
  }

  /** What somebody did with the stock, and the alarms that come or go by it. */
  take(moved: StockStep, instant: Instant): ResponseStep {
    const { alarms } = this.#parts;
    return this.#follow(alarms.step([], instant, moved.found), nothingCame, moved, instant);
  }

  /** What a person does with an alarm. @throws as `AlarmSystem.act`; nothing has changed then. */
  act(target: string, action: AlarmAction, instant: Instant): ResponseStep {
    const step = this.#parts.alarms.act(target, action, instant);
    return this.#follow(step, nothingCame, nothingMoved, instant);
  }

  /** The clock was wrong: what it dated and still stands gets its true time. */
  correct(correction: TimeCorrection, instant: Instant): ResponseStep {
    const { alarms, excursions, minMax, desk } = this.#parts;
    const step = alarms.correct(correction, instant);
    const told = desk.correct(step.alarms, instant);
    excursions.correct(correction);
    minMax.correct(correction);
    const follow = this.#follow(step, nothingCame, nothingMoved, instant);
    return { ...follow, state: new Map([...told.state, ...follow.state]) };
  }

  dispose(excursion: string, disposal: Disposal, instant: Instant): Follow {
    return this.#parts.excursions.dispose(excursion, disposal, instant);
  }

  resetMinMax(point: PointKey, by: string, instant: Instant): Follow {
    return this.#parts.minMax.reset(point, by, instant);
  }

  /** What is counted on between two savings, for the end of the process. */
  checkpoint(): Follow {
    return { events: [], state: this.#parts.alarms.checkpoint() };
  }

  /** When a timer can fire without a sample; undefined: none runs. */
  nextDue(): MonotonicMs | undefined {
    const { alarms, excursions, figures, desk, stock } = this.#parts;
    const parts = [alarms, excursions, figures, desk, stock];
    const next = Math.min(...parts.map((part) => part.nextDue() ?? Infinity));
    return Number.isFinite(next) ? next : undefined;
  }

  #follow(
    step: AlarmStep,
    { samples, live, late, clocksOff }: Split,
    moved: StockStep,
    instant: Instant,
  ): ResponseStep {
    const { excursions, minMax, figures, peaks, desk, mkt, stock } = this.#parts;
    mkt.follow(step.transitions);
    const outside = excursions.step({ samples: live, late, step, instant });
    const dated = this.#dated(instant);
    const notices = [
      ...outside.notices.map(historicNotice),
      ...clocksOff.map(clockNotice),
      ...dated.notices,
    ];
    const follows = [
      moved,
      outside,
      // Goods that stood in an excursion are held, and what people have seen is over.
      stock.follow({ transitions: step.transitions, events: outside.events, instant }),
      minMax.step(live, instant),
      ...dated.follows,
      figures.step({ ...step, instant }),
      // Before the desk, which tells of them.
      peaks.step({ samples: live, step, instant }),
      desk.step({ step, notices, instant }),
    ];
    const state = new Map(step.stateChanges);
    for (const follow of follows) for (const [key, value] of follow.state) state.set(key, value);
    const events = [...clocksOff.map(clockEvent), ...follows.flatMap((follow) => follow.events)];
    const { transitions, alarms } = step;
    return { transitions, alarms, state, events, samples, live, touched: moved.touched };
  }

  /** What is told by the calendar. */
  #dated({ at, mono }: Instant): {
    readonly notices: readonly Notice[];
    readonly follows: readonly Follow[];
  } {
    const { calibration, reminders, desk, clockSet } = this.#parts;
    if (!clockSet()) return { notices: [], follows: [] };
    const due = calibration.step(at);
    const tests = reminders.step(() => desk.testsDue({ at, mono }), { at, mono });
    return {
      notices: [...due.notices.map(calibrationNotice), ...tests.notices],
      follows: [due, tests],
    };
  }
}
