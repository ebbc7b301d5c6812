import type { Priority } from "../../../config/schema/rule.ts";
import type { AlarmState } from "../../alarms/alarm.ts";

/** A severity is a shape, a word and a colour: no one of the three is needed to tell it from the others. */
export type ShapeName =
  | "octagon"
  | "triangle"
  | "diamond"
  | "circle"
  | "check"
  | "cross"
  | "question"
  | "clock"
  | "dash"
  | "latch"
  | "unlatch"
  | "back"
  | "mute"
  | "pulse"
  | "bell"
  | "thermometer"
  | "list"
  | "rack"
  | "key";

export const priorityShapes: Readonly<Record<Priority, ShapeName>> = {
  critical: "octagon",
  high: "triangle",
  medium: "diamond",
  low: "circle",
};

const priorityRank: Readonly<Record<Priority, number>> = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
};
const stateRank: Readonly<Record<AlarmState, number>> = {
  unacknowledged: 0,
  "latched-unacknowledged": 1,
  "returned-unacknowledged": 1,
  acknowledged: 2,
  "latched-acknowledged": 2,
  shelved: 3,
  suppressed: 3,
  "out-of-service": 3,
  normal: 4,
};

interface Ranked {
  readonly state: AlarmState;
  readonly priority: Priority;
  readonly since: number;
}

/** What still waits for a person comes first, then the graver, then the newer. */
export function byUrgency(a: Ranked, b: Ranked): number {
  return (
    stateRank[a.state] - stateRank[b.state] ||
    priorityRank[a.priority] - priorityRank[b.priority] ||
    b.since - a.since
  );
}

const waiting: ReadonlySet<AlarmState> = new Set([
  "unacknowledged",
  "returned-unacknowledged",
  "latched-unacknowledged",
]);

/** Nobody has acknowledged it yet. */
export function waitsForPerson(alarm: { readonly state: AlarmState }): boolean {
  return waiting.has(alarm.state);
}

/** States that are not plain "active": told apart by a shape besides their word. */
export const stateShapes: Readonly<Partial<Record<AlarmState, ShapeName>>> = {
  normal: "check",
  "returned-unacknowledged": "back",
  "latched-unacknowledged": "latch",
  "latched-acknowledged": "unlatch",
  shelved: "clock",
  suppressed: "dash",
  "out-of-service": "cross",
};

/** Whether the value is out of order now and somebody is to know: neither over nor put aside. */
export function isUrgent(alarm: { readonly state: AlarmState }): boolean {
  return alarm.state === "unacknowledged" || alarm.state === "acknowledged";
}

/** All that are not over, those put aside at the end. */
export function openAlarms<A extends Ranked>(alarms: readonly A[]): readonly A[] {
  return alarms.filter((alarm) => alarm.state !== "normal").sort(byUrgency);
}

const aside: ReadonlySet<AlarmState> = new Set(["shelved", "suppressed", "out-of-service"]);

/** Shelved, suppressed or out of service: nobody is called for it. */
export function isAside(alarm: { readonly state: AlarmState }): boolean {
  return aside.has(alarm.state);
}

/** Open alarms for which people are called, or were until they acknowledged. */
export function presentAlarms<A extends Ranked>(alarms: readonly A[]): readonly A[] {
  return openAlarms(alarms).filter((alarm) => !isAside(alarm));
}

/** What is put aside; never out of sight. */
export function asideAlarms<A extends Ranked>(alarms: readonly A[]): readonly A[] {
  return openAlarms(alarms).filter(isAside);
}

/** Alarms that began to need a person between two looks; these are said aloud. */
export function newlyRaised<A extends Ranked & { readonly id: string }>(
  before: readonly A[],
  after: readonly A[],
): readonly A[] {
  const known = new Set(before.filter((a) => a.state === "unacknowledged").map((a) => a.id));
  return openAlarms(after).filter((a) => a.state === "unacknowledged" && !known.has(a.id));
}
