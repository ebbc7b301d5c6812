import type { Config } from "../config/schema/config.ts";
import type { Clock, PointKey } from "../drivers/contract.ts";
import { type AlarmSystem, createAlarmSystem } from "./alarms/alarm-system.ts";
import type { Point } from "./point-book.ts";
import type { Rule } from "./rules/rule.ts";
import { lastRecordAt } from "./store/last-record.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockQuality } from "./store/store.ts";

export interface RestoreParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly rules: readonly Rule[];
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly boot: string;
}

/** The alarms as the store left them, under the rules of today. */
export function restoreAlarms(parts: RestoreParts): AlarmSystem {
  const { config, points, rules, store, clock, clockQuality, boot } = parts;
  const stoppedAt = lastRecordAt(store.outbox);
  return createAlarmSystem({
    rules,
    saved: new Map([...store.readState("alarm/"), ...store.readState("rule/")]),
    instant: { at: clock.now(), mono: clock.monotonicMs() },
    boot,
    clockSynchronized: () => clockQuality() === "synchronized",
    staleAfterMs: (point) => points.get(point)?.staleAfterMs,
    language: config.gateway.language,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  });
}
