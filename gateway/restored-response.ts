import { randomBytes } from "node:crypto";
import type { Config } from "../config/schema/config.ts";
import type { Clock, PointKey } from "../drivers/contract.ts";
import { createAlarmSystem } from "./alarms/alarm-system.ts";
import { CalibrationWatch, calibrationKeyPrefix } from "./cold-chain/calibration.ts";
import { excursionKeyPrefix } from "./cold-chain/excursion.ts";
import { dipsKeyPrefix, Excursions } from "./cold-chain/excursions.ts";
import { Lateness } from "./cold-chain/lateness.ts";
import { MinMaxBook, minMaxKeyPrefix } from "./cold-chain/min-max.ts";
import { MktLive } from "./cold-chain/mkt-live.ts";
import { MktWatch } from "./cold-chain/mkt-watch.ts";
import { Figures, figuresKeyPrefix } from "./figures/figures.ts";
import { Reminders, reminderKey } from "./notices/reminders.ts";
import type { Point } from "./point-book.ts";
import { Peaks, peakKeyPrefix } from "./push/peaks.ts";
import { PushDesk, pushStatePrefixes } from "./push/push-desk.ts";
import { Response, type ResponseParts } from "./response.ts";
import type { Rule } from "./rules/rule.ts";
import { RuleBook } from "./rules/rule-book.ts";
import { scheduleOf } from "./rules/schedule.ts";
import { BookingKeys, bookingKeyPrefix } from "./stock/desk/booking-keys.ts";
import { restoreItems, restoreStock } from "./stock/desk/restore-stock.ts";
import { lastRecordAt } from "./store/last-record.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockQuality } from "./store/store.ts";

export interface RestoreParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly outputs: Iterable<PointKey>;
  readonly rules: readonly Rule[];
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly boot: string;
}

/** The gateway's response, and its parts for those who show them. */
export interface RestoredResponse extends ResponseParts {
  readonly response: Response;
  readonly bookingKeys: BookingKeys;
}

/** Alarms and what follows from them as the store left them, under the rules and receivers of today. */
export function restoreResponse(parts: RestoreParts): RestoredResponse {
  const { config, points, rules, store, clock, clockQuality, boot } = parts;
  const { language, timezone } = config.gateway;
  const stoppedAt = lastRecordAt(store.outbox);
  const clockSynchronized = () => clockQuality() === "synchronized";
  const clockSet = () => clockQuality() !== "unset";
  const instant = { at: clock.now(), mono: clock.monotonicMs() };
  const start = {
    instant,
    boot,
    clockSynchronized,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    corrections: store.corrections,
  };
  const saved = (...prefixes: readonly string[]) =>
    new Map(prefixes.flatMap((prefix) => [...store.readState(prefix)]));
  const staleAfterMs = (point: PointKey) => points.get(point)?.staleAfterMs;

  const stockParts = { config, points, store, clock, clockQuality, start, saved };
  const stockItems = restoreItems(stockParts);
  const ruleBook = new RuleBook([...rules, ...stockItems.rules]);
  const alarms = createAlarmSystem({
    ...start,
    rules: ruleBook,
    saved: saved("alarm/", "rule/"),
    staleAfterMs,
    language,
  });
  const stock = restoreStock(stockParts, stockItems, ruleBook, alarms.list());
  const excursions = new Excursions({
    ...start,
    rules,
    points: new Map([...points].map(([key, { unit, everyMs }]) => [key, { unit, everyMs }])),
    locations: config.locations,
    coverageMin: (profile) => config.profiles[profile]?.mkt?.coverageMin,
    stockAt: (locations) => stock.parts.ledger.affected(locations),
    saved: saved(excursionKeyPrefix, dipsKeyPrefix),
    language,
  });
  stock.resume(excursions.list(), instant, stoppedAt);
  const peaks = new Peaks(rules, saved(peakKeyPrefix));
  const desk = new PushDesk({
    ...start,
    config,
    rules: ruleBook,
    saved: saved(...pushStatePrefixes),
    point: (key) => points.get(key),
    locationName: (id) => config.locations[id]?.name,
    item: (id) => stock.parts.items.get(id),
    clockSet,
    isDuring: schedulesOf(config, clockSet),
    random: randomBytes,
    peakOf: (alarm) => peaks.of(alarm),
    mayLink: linkAllowed(config, rules),
    testTargets: [...parts.outputs].map((output) => `output/${output}`),
  });
  const settings = new Map([...points].map(([key, point]) => [key, point.settings]));
  const all = {
    alarms,
    lateness: new Lateness({ staleAfterMs, clockBelieved: clockSynchronized }),
    excursions,
    mkt: new MktLive(new MktWatch(config, points), rules, alarms.list(), instant),
    minMax: new MinMaxBook(watchedPoints(config), saved(minMaxKeyPrefix)),
    calibration: new CalibrationWatch(settings, timezone, saved(calibrationKeyPrefix)),
    figures: new Figures({
      limits: config.alarms,
      clock: start,
      saved: saved(figuresKeyPrefix),
      instant,
    }),
    reminders: new Reminders(saved(reminderKey).get(reminderKey)),
    peaks,
    desk,
    stock,
    clockSet,
  };
  const bookingKeys = new BookingKeys(saved(bookingKeyPrefix));
  return { ...all, bookingKeys, response: new Response(all) };
}

/** Points that a location watches for its profile. */
function watchedPoints({ locations }: Config): ReadonlySet<PointKey> {
  return new Set(
    Object.values(locations).flatMap(({ temperature = [], humidity = [] }) => [
      ...temperature,
      ...humidity,
    ]),
  );
}

function schedulesOf({ schedules, gateway }: Config, clockSet: () => boolean) {
  const known = new Map(
    Object.entries(schedules).map(([id, schedule]) => [id, scheduleOf(schedule, gateway.timezone)]),
  );
  return (id: string, at: number) => (clockSet() ? known.get(id)?.at(at).active : undefined);
}

function linkAllowed({ profiles }: Config, rules: readonly Rule[]) {
  const profileOf = new Map(rules.map(({ id, profile }) => [id, profile?.id]));
  return (rule: string) => {
    const profile = profileOf.get(rule);
    return profile === undefined || profiles[profile]?.duties.noAcknowledgeByLink !== true;
  };
}
