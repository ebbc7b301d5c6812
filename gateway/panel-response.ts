import type { Config } from "../config/schema/config.ts";
import type { Clock, PointKey } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { AlarmAction } from "./alarms/alarm.ts";
import { ruleOf } from "./alarms/alarm-state.ts";
import type { AuditEntry } from "./audit/entry.ts";
import type { AuditPage, AuditSearch } from "./audit/search.ts";
import type { Disposal } from "./cold-chain/disposition.ts";
import type { Excursion } from "./cold-chain/excursion.ts";
import { summarize } from "./figures/summary.ts";
import type { Intake } from "./intake.ts";
import type { AlarmView } from "./panel/api.ts";
import type {
  DueView,
  ExcursionView,
  MinMaxView,
  MktView,
  PushesView,
  ReceiverView,
} from "./panel/response-api.ts";
import type { ResponseSource } from "./panel/response-source.ts";
import type { Point } from "./point-book.ts";
import type { LinkVerdict } from "./push/ack-link.ts";
import { addressesOf } from "./push/receivers.ts";
import type { RestoredResponse } from "./restored-response.ts";
import type { Store } from "./store/store.ts";

export interface PanelResponseParts
  extends Pick<
    RestoredResponse,
    | "response"
    | "alarms"
    | "excursions"
    | "minMax"
    | "mkt"
    | "calibration"
    | "figures"
    | "reminders"
    | "desk"
  > {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly intake: Intake;
  readonly store: Pick<Store, "audit" | "searchAudit">;
  readonly clock: Clock;
  readonly views: () => readonly AlarmView[];
}

/** Alarms and what follows from them, for the panel: looked up when it is asked for. */
export class PanelResponse implements ResponseSource {
  readonly #parts: PanelResponseParts;

  constructor(parts: PanelResponseParts) {
    this.#parts = parts;
  }

  act(target: string, action: AlarmAction): AlarmView {
    this.#parts.intake.act(target, action);
    const rule = target.includes("#") ? ruleOf(target) : target;
    const found = this.#parts.views().find((alarm) => alarm.id === target || alarm.rule === rule);
    if (found === undefined)
      throw new RackwatchError("alarm/unknown", `there is no alarm ${target}`);
    return found;
  }

  figures(days: number) {
    const { figures, alarms, clock } = this.#parts;
    return summarize(figures.days(), alarms.list(), clock.now(), days);
  }

  excursions(): readonly ExcursionView[] {
    return this.#parts.excursions.list().map(viewOf);
  }

  dispose(id: string, disposal: Disposal): ExcursionView {
    const { intake, response, excursions } = this.#parts;
    intake.follow((instant) => response.dispose(id, disposal, instant));
    const found = excursions.list().find((excursion) => excursion.id === id);
    if (found === undefined)
      throw new RackwatchError("alarm/unknown", `there is no excursion ${id}`);
    return viewOf(found);
  }

  receivers(): readonly ReceiverView[] {
    const { config, desk } = this.#parts;
    const failing = desk.failing();
    return Object.entries(config.notify).map(([id, receiver]) => {
      const channels = Map.groupBy(addressesOf(receiver), ({ channel }) => channel);
      const test = desk.tests.get(`receiver/${id}`);
      return {
        id,
        channels: [...channels].map(([channel, { length }]) => ({ channel, addresses: length })),
        failing: failing
          .filter((it) => it.receiver === id)
          .map(({ channel, since, problem }) => ({ channel, since, problem })),
        ...(receiver.name === undefined ? {} : { name: receiver.name }),
        ...(test === undefined ? {} : { test: { ...test, results: { ...test.results } } }),
      };
    });
  }

  testReceiver(receiver: string, by: string): boolean {
    const { intake, desk } = this.#parts;
    let begun = false;
    intake.follow((instant) => {
      const follow = desk.testReceiver(receiver, by, instant);
      begun = follow !== undefined;
      return follow ?? { events: [], state: new Map() };
    });
    return begun;
  }

  pushes(): PushesView {
    const { desk } = this.#parts;
    const dead = desk.dead().map(({ address: _, ...letter }) => letter);
    return { waiting: desk.waiting().length, flooded: desk.flooded, dead };
  }

  due(): DueView {
    const { reminders, calibration, desk } = this.#parts;
    const calibrations = calibration.problems.map(({ stage: _, ...problem }) => problem);
    const tested = [...desk.tests].flatMap(([what, { at, by, results }]) =>
      what.startsWith("output/") ? [{ what, at, by, results: { ...results } }] : [],
    );
    return { tests: [...reminders.due], tested, calibrations };
  }

  minMax(): readonly MinMaxView[] {
    const { points, minMax } = this.#parts;
    return [...points.keys()].flatMap((point) => {
      const range = minMax.get(point);
      return range === undefined ? [] : [{ point, ...range }];
    });
  }

  mkt(): readonly MktView[] {
    const { mkt, clock } = this.#parts;
    return mkt.figures(clock.monotonicMs()).map(({ mkt: mean, ...figure }) => ({
      ...figure,
      ...mean,
    }));
  }

  resetMinMax(point: PointKey, by: string): void {
    const { intake, response } = this.#parts;
    intake.follow((instant) => response.resetMinMax(point, by, instant));
  }

  audit(afterSeq: number, limit: number): readonly AuditEntry[] {
    return this.#parts.store.audit(afterSeq, limit);
  }

  searchAudit(search: AuditSearch): AuditPage {
    return this.#parts.store.searchAudit(search);
  }

  verifyLink(token: string): LinkVerdict {
    return this.#parts.desk.verifyLink(token, this.now());
  }

  followLink(token: string): LinkVerdict {
    const { desk, intake } = this.#parts;
    const claim = desk.verifyLink(token, this.now());
    if ("refused" in claim) return claim;
    // First the act: a link whose alarm cannot be acknowledged is not used up by that.
    intake.act(claim.alarm, { do: "acknowledge", by: `link ${claim.receiver}` });
    let verdict: LinkVerdict = claim;
    intake.follow(({ at }) => {
      const used = desk.useLink(token, at);
      verdict = used.verdict;
      return used.follow;
    });
    return verdict;
  }

  now(): number {
    return this.#parts.clock.now();
  }
}

function viewOf({
  version: _,
  kinetic: __,
  last: ___,
  told: ____,
  ...view
}: Excursion): ExcursionView {
  return view;
}
