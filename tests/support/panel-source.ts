import { RackwatchError } from "../../drivers/errors.ts";
import type { AlarmView, OutputView, PointView } from "../../gateway/panel/api.ts";
import type { PanelSource } from "../../gateway/panel/source.ts";
import type { Store } from "../../gateway/store/store.ts";
import type { ManualClock } from "./manual-clock.ts";
import { quietResponse } from "./quiet-response.ts";
import { quietStock } from "./quiet-stock.ts";

export const warmAlarm: AlarmView = {
  id: "cold-2-warm#1",
  rule: "cold-2-warm",
  state: "unacknowledged",
  active: true,
  acknowledged: false,
  latched: false,
  priority: "critical",
  message: "冷库过热",
  point: "cold-2/temperature",
  value: 9.1,
  raisedAt: 1,
  since: 1,
};

export const returnedAlarm: AlarmView = {
  ...warmAlarm,
  id: "door#3",
  rule: "door",
  state: "normal",
  active: false,
  acknowledged: true,
};

/** A small cold store behind the panel: users and sessions in a real store, the rest as written here. */
export function panelSource(clock: ManualClock, store: Store) {
  const audited: (readonly [string, string, Readonly<Record<string, unknown>>])[] = [];
  const done: string[] = [];
  const alarms = new Map([warmAlarm, returnedAlarm].map((alarm) => [alarm.id, alarm]));
  const output: OutputView = {
    key: "stack/red",
    value: true,
    alarms: [warmAlarm.id],
    silenced: false,
    testing: false,
  };
  const point: PointView = {
    key: "cold-2/temperature",
    unit: "Cel",
    kind: "number",
    value: 9.1,
    quality: "good",
    sampledAt: clock.now(),
    stale: false,
    staleAfterMs: 30_000,
  };
  const source: PanelSource = {
    response: quietResponse(clock),
    stock: quietStock(),
    configurations: { list: () => [], restore: () => "unknown" },
    gateway: () => ({
      id: "wh1",
      language: "en",
      timezone: "UTC",
      startedAt: 1,
      now: clock.now(),
      clock: "synchronized",
      locations: [],
    }),
    points: () => [point],
    alarms: () => [...alarms.values()],
    outputs: () => [output],
    sync: () => ({
      configured: true,
      epoch: "e1",
      lanes: {
        events: { head: 5, cursor: 5, backlog: 0 },
        samples: { head: 50, cursor: 40, backlog: 10, oldestAt: 7 },
      },
    }),
    syncDetail: () => ({
      ...source.sync(),
      roads: [],
      clock: { quality: "synchronized", corrections: [] },
      store: {
        ...{ onDisk: true, bytes: 4_096, bytesMax: 1_000_000, losses: [] },
        rows: { events: 5, samples: 50 },
      },
      backup: { enabled: true, dir: "/backup", sameDisk: false },
      epochs: [],
    }),
    notices: () => [],
    history: (key, from, to, limit) => store.history(key, from, to, limit),
    acknowledge: async (id, person, comment) => {
      const alarm = alarms.get(id);
      if (alarm === undefined) throw new RackwatchError("alarm/unknown", `no alarm ${id}`);
      if (alarm.state !== "unacknowledged") {
        const todo = "nothing is left to do";
        throw new RackwatchError("alarm/not-allowed", `alarm ${id} is ${alarm.state}`, { todo });
      }
      const next = {
        ...alarm,
        state: "acknowledged" as const,
        acknowledgedBy: person,
        ...(comment !== undefined && { comment }),
      };
      alarms.set(id, next);
      return next;
    },
    silence: async (minutes, person) => void done.push(`silence ${minutes} ${person}`),
    testOutput: async (key, person) => void done.push(`test ${key} ${person}`),
    readState: (prefix) => store.readState(prefix),
    writeState: (state) =>
      store.commit({
        clock: { boot: "b", offsetMs: 0, quality: "synchronized" },
        samples: [],
        events: [],
        state,
      }),
    report: async () => undefined,
    audit: (...entry) => void audited.push(entry),
    metrics: () => "rackwatch_samples_total 7\n",
  };
  return { source, audited, done };
}
