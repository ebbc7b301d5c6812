import type { AlarmView } from "../../gateway/panel/api.ts";
import type { AlarmSite, Place } from "./alarm-site.ts";

/** One rule's part of the scripted day: from normal back to normal, and so as often as it is played. */
export interface Story {
  readonly rule: string;
  /** Points that are its own. */
  readonly points: readonly string[];
  readonly yaml: string;
  /** Shortest time between transitions of these causes, in milliseconds: what its timers promise. */
  readonly timers: readonly { readonly from: string; readonly to: string; readonly ms: number }[];
  play(site: AlarmSite): Promise<void>;
}

type Seen = AlarmView | undefined;
const is = (state: AlarmView["state"]) => (alarm: Seen) => alarm?.state === state;
const isNot = (state: AlarmView["state"]) => (alarm: Seen) => alarm?.state !== state;
const isUnacknowledged = is("unacknowledged");
const isOver = (alarm: Seen) => alarm === undefined || alarm.state === "normal";

const warm = 9;
const cool = 5;
const delayMs = 1_000;

/** Each rule has its receiver: several alarms at once are told to one in one message, and whether they are is chance. */
async function raised(site: AlarmSite, rule: string): Promise<string> {
  const alarm = await site.alarm(rule, isUnacknowledged);
  const id = alarm?.id ?? "";
  await site.told(rule, "raised", id);
  return id;
}

const acknowledge = (site: AlarmSite, id: string) =>
  site.act(id, "acknowledge", { comment: "seen" }, isNot("unacknowledged"));

const limit = (point: string) => `point: day/${point}, above: 8, deadband: 0.5`;

/** Every kind of timer and memory that a rule can have, and every act of a person. */
export const stories: readonly Story[] = [
  {
    rule: "delayed",
    points: ["a"],
    yaml: `{ point: day/a, above: 8, deadband: 0.5, onDelay: ${delayMs}ms, offDelay: ${delayMs}ms, escalate: ladder, outputs: ["{lamp}"] }`,
    timers: [],
    play: async (site) => {
      site.set("a", warm);
      const id = await raised(site, "delayed");
      await site.told("boss", "escalated", id);
      await acknowledge(site, id);
      site.set("a", cool);
      await site.alarm("delayed", isOver);
    },
  },
  {
    rule: "latched",
    points: ["b"],
    yaml: `{ ${limit("b")}, latch: true, notify: [latched] }`,
    timers: [],
    play: async (site) => {
      site.set("b", warm);
      await raised(site, "latched");
      site.set("b", cool);
      const first = await site.alarm("latched", is("latched-unacknowledged"));
      await site.act(
        first?.id ?? "",
        "acknowledge",
        {},
        (alarm) => alarm?.state !== "latched-unacknowledged",
      );
      site.set("b", warm);
      const second = await raised(site, "latched");
      await acknowledge(site, second);
      site.set("b", cool);
      await site.alarm("latched", is("latched-acknowledged"));
      await site.act(second, "reset", {}, isOver);
    },
  },
  {
    rule: "shelved",
    points: ["c"],
    yaml: `{ ${limit("c")}, notify: [shelved] }`,
    timers: [{ from: "shelved", to: "shelf-expired", ms: 4_000 }],
    play: async (site) => {
      site.set("c", warm);
      const id = await raised(site, "shelved");
      const shelf = { reason: "known to us", minutes: 4 / 60 };
      await site.act(id, "shelve", shelf, is("shelved"));
      await site.alarm("shelved", isUnacknowledged);
      await site.act(id, "shelve", { reason: "known to us", oneShot: true }, is("shelved"));
      site.set("c", cool);
      await site.alarm("shelved", isOver);
    },
  },
  {
    rule: "calls-again",
    points: ["d"],
    yaml: `{ ${limit("d")}, reAlarm: 1500ms, reAlarmMax: 1, notify: [calls-again] }`,
    timers: [{ from: "acknowledged", to: "re-alarm", ms: 1_500 }],
    play: async (site) => {
      site.set("d", warm);
      const id = await raised(site, "calls-again");
      const called = (alarm: Seen) => (alarm?.reAlarms ?? 0) > 0;
      await site.act(
        id,
        "acknowledge",
        {},
        (alarm) => called(alarm) || alarm?.state === "acknowledged",
      );
      await site.alarm("calls-again", (alarm) => called(alarm) && isUnacknowledged(alarm));
      await acknowledge(site, id);
      site.set("d", cool);
      await site.alarm("calls-again", isOver);
    },
  },
  {
    rule: "adds-up",
    points: ["e"],
    yaml: `{ ${limit("e")}, total: 1500ms, notify: [adds-up] }`,
    timers: [],
    play: async (site) => {
      site.set("e", warm);
      await site.seen("e");
      site.set("e", cool);
      await site.seen("e");
      site.set("e", warm);
      const id = await raised(site, "adds-up");
      site.set("e", cool);
      await site.seen("e");
      await acknowledge(site, id);
      await site.alarm("adds-up", isOver);
    },
  },
  {
    rule: "by-hand",
    points: ["f"],
    yaml: `{ ${limit("f")}, notify: [by-hand] }`,
    timers: [],
    play: async (site) => {
      const service = { reason: "calibration" };
      await site.act("by-hand", "out-of-service", service, is("out-of-service"));
      site.set("f", warm);
      await site.seen("f");
      await site.act("by-hand", "return-to-service", {}, isNot("out-of-service"));
      const id = await raised(site, "by-hand");
      site.set("f", cool);
      await site.alarm("by-hand", is("returned-unacknowledged"));
      await site.act(id, "acknowledge", {}, isOver);
    },
  },
  {
    rule: "suppressed",
    points: ["g", "defrost"],
    yaml: `{ ${limit("g")}, suppressWhile: { point: day/defrost, above: 8 }, notify: [suppressed] }`,
    timers: [],
    play: async (site) => {
      site.set("defrost", warm);
      await site.alarm("suppressed", is("suppressed"));
      site.set("g", warm);
      await site.seen("g");
      site.set("defrost", cool);
      const id = await raised(site, "suppressed");
      await acknowledge(site, id);
      site.set("g", cool);
      await site.alarm("suppressed", isOver);
    },
  },
  {
    rule: "rises",
    points: ["h"],
    yaml: `{ ${limit("h")}, raiseTo: critical, raiseAfter: 1500ms, notify: [rises] }`,
    timers: [{ from: "violated", to: "priority-raised", ms: 1_500 }],
    play: async (site) => {
      site.set("h", warm);
      const id = await raised(site, "rises");
      await site.alarm("rises", (alarm) => alarm?.priority === "critical");
      await acknowledge(site, id);
      site.set("h", cool);
      await site.alarm("rises", isOver);
    },
  },
  {
    rule: "differs",
    points: ["i", "j"],
    yaml: `{ all: [{ point: day/i, minus: day/j, above: 3 }, { not: { point: day/j, above: 30 } }], onDelay: 500ms, notify: [differs] }`,
    timers: [],
    play: async (site) => {
      site.set("i", 12);
      const id = await raised(site, "differs");
      await acknowledge(site, id);
      site.set("j", 12);
      await site.alarm("differs", isOver);
      site.set("i", cool);
      await site.seen("i");
      site.set("j", cool);
      await site.seen("j");
    },
  },
];

/** The site at which the stories are played. */
export function storyPlace(): Place {
  return {
    points: stories.flatMap(({ points }) => points),
    rules: stories.map(({ rule, yaml }) => `  ${rule}: ${yaml}`).join("\n"),
    receivers: [...stories.map(({ rule }) => rule), "boss"],
    // So many alarms in so little time are a flood, which is told in digests: not here.
    more: `
alarms: { floodBegins: 1000, floodEnds: 1 }
escalation:
  ladder:
    steps:
      - { notify: [delayed] }
      - { after: 1500ms, notify: [boss] }
`,
  };
}
