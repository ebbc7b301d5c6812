/**
 * A flood: 500 active alarms at 25 stack lights of two outputs each, one more with every update. Milliseconds from the
 * list of alarms to the writes that have begun; prints one JSON line.
 */
import { annunciatorSchema } from "../config/schema/annunciator.ts";
import type { Clock, Log, PointKey } from "../drivers/contract.ts";
import type { Alarm } from "../gateway/alarms/alarm.ts";
import type { OutputSettings } from "../gateway/alarms/annunciator.ts";
import { slotsOf } from "../gateway/alarms/annunciator-slots.ts";
import { Annunciation } from "../gateway/annunciation.ts";

const alarmsCount = 500;
const placesCount = 25;
const updatesCount = 2_000;
const priorities = ["low", "medium", "high", "critical"] as const;

const silent: Log = { child: () => silent, debug() {}, info() {}, warn() {}, error() {} };
const clock: Clock = {
  now: Date.now,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};

const places = Array.from({ length: placesCount }, (_, index) => {
  const config = { red: `rack-${index}/red`, buzzer: `rack-${index}/buzzer` };
  return [`place-${index}`, annunciatorSchema.parse(config)] as const;
});
const slots = Map.groupBy(slotsOf(Object.fromEntries(places)), ({ output }) => output);
const outputs = [...slots].map(([key, own]): [PointKey, OutputSettings] => {
  const role = own.some(({ is }) => is === "buzzer") ? "buzzer" : "lamp";
  return [key, { role, flash: true, slots: own }];
});

let writes = 0;
const annunciation = new Annunciation({
  outputs: new Map(outputs),
  points: new Map(),
  clock,
  log: silent,
  changed: () => undefined,
  write: () => {
    writes += 1;
    return Promise.resolve();
  },
});

function alarm(index: number): Alarm {
  return {
    id: `rule-${index}#1`,
    rule: `rule-${index}`,
    state: "unacknowledged",
    active: true,
    acknowledged: false,
    latched: false,
    priority: priorities[index % priorities.length] ?? "low",
    message: "too warm",
    outputs: [`rack-${index % placesCount}/red`],
    annunciate: [`place-${index % placesCount}`, `place-${(index + 7) % placesCount}`],
    raisedAt: index,
    since: index,
  };
}

const alarms = Array.from({ length: alarmsCount + updatesCount }, (_, index) => alarm(index));
const tookMs: number[] = [];
const before = process.cpuUsage();
for (let turn = 0; turn < updatesCount; turn += 1) {
  const startedAt = performance.now();
  annunciation.update(alarms.slice(turn, turn + alarmsCount));
  tookMs.push(performance.now() - startedAt);
  // Lets the writes settle, so that the next update has some to begin.
  await Promise.resolve();
}
const { user, system } = process.cpuUsage(before);
tookMs.sort((a, b) => a - b);
const at = (share: number) => Number((tookMs[Math.floor(share * updatesCount)] ?? 0).toFixed(3));

console.log(
  JSON.stringify({
    bench: "annunciator",
    alarms: alarmsCount,
    outputs: outputs.length,
    writes,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    longestMs: at(0.9999),
    cpuMsEach: Number(((user + system) / 1_000 / updatesCount).toFixed(3)),
  }),
);
