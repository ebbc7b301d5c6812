import type { AlarmView, Snapshot } from "../../../gateway/panel/api.ts";
import type { ExcursionView, MinMaxView } from "../../../gateway/panel/response-api.ts";
import { flagsIn } from "../alarms.ts";
import { coldStore, warmRoom } from "./cold-store.ts";

/** A cold store with an alarm in each of the nine states, its excursions, and its lowest and highest values. */

const minute = 60_000;
const hour = 60 * minute;

type Language = "en" | "zh";

export function everyState(now: number, language: Language = "en"): readonly AlarmView[] {
  const say = (en: string, zh: string) => (language === "zh" ? zh : en);
  const by = say("li.na", "李娜");
  const quiet = { by, since: now - 20 * minute } as const;
  const { advise: _, location: __, point: ___, value: ____, limit, ...bare } = warmRoom(now);
  const alarm = (id: string, fields: Partial<AlarmView>): AlarmView => ({
    ...bare,
    ...flagsIn(fields.state ?? "unacknowledged"),
    id: `${id}#3`,
    rule: id,
    raisedAt: now - 40 * minute,
    ...fields,
  });
  return [
    alarm("warm", {
      state: "unacknowledged",
      location: "cold-2",
      point: "cold-2/temperature",
      value: 8.4,
      ...(limit && { limit }),
      message: say("Cold room 2 is too warm", "二号冷库温度过高"),
      advise: say("Close the door, check the compressor", "关门，检查压缩机"),
      reAlarms: 1,
    }),
    alarm("stale", {
      state: "unacknowledged",
      priority: "high",
      message: say("Shelf A1 sends nothing", "A1 货架无数据"),
      location: "shelf-a1",
      point: "shelf-a1/weight",
      held: true,
    }),
    alarm("mains", {
      state: "acknowledged",
      priority: "high",
      message: say("Mains power lost", "市电中断"),
      acknowledgedBy: by,
      acknowledgedAt: now - 30 * minute,
      comment: say("electrician is on the way", "电工已在路上"),
    }),
    alarm("fan", {
      state: "acknowledged",
      priority: "low",
      message: say("Fan of cold room 1 stands still", "一号冷库风机停转"),
      location: "cold-1",
      inhibited: true,
    }),
    alarm("door", {
      state: "returned-unacknowledged",
      priority: "low",
      message: say("Door open for more than 5 minutes", "库门开启超过 5 分钟"),
      location: "cold-1",
      point: "door/open",
      value: true,
    }),
    alarm("smoke", {
      state: "latched-unacknowledged",
      priority: "medium",
      message: say("Smoke in the corridor", "走廊烟雾"),
    }),
    alarm("frost", {
      state: "latched-acknowledged",
      priority: "medium",
      message: say("Frost on the evaporator", "蒸发器结霜"),
      acknowledgedBy: by,
    }),
    alarm("humid", {
      state: "shelved",
      priority: "medium",
      message: say("Cold room 1 is humid", "一号冷库湿度过高"),
      shelved: {
        ...quiet,
        reason: say("dehumidifier is being mended", "除湿机维修中"),
        until: now + 40 * minute,
        oneShot: false,
      },
    }),
    alarm("defrost", {
      state: "suppressed",
      priority: "low",
      message: say("Evaporator is warm", "蒸发器温度高"),
      suppressed: { since: now - 9 * minute },
    }),
    alarm("probe", {
      state: "out-of-service",
      priority: "high",
      message: say("Probe 4 is out of range", "4 号探头超出范围"),
      outOfService: {
        ...quiet,
        reason: say("sent to calibration", "送检校准"),
        until: now + 26 * hour,
      },
    }),
    alarm("level", {
      state: "normal",
      priority: "low",
      message: say("Water level is low", "水位偏低"),
      raisedAt: now - 170 * minute,
      since: now - 90 * minute,
      acknowledgedBy: by,
    }),
  ];
}

export function alarmHouse(now: number, language: Language = "en"): Snapshot {
  const calm = coldStore(now, language);
  const by = language === "zh" ? "李娜" : "li.na";
  return {
    ...calm,
    alarms: [...everyState(now, language)],
    outputs: calm.outputs.map((output) => {
      if (output.key === "stack/amber") return output;
      const driven = { ...output, value: true, alarms: ["warm#3"] };
      if (output.key !== "stack/buzzer") return driven;
      const silence = { by, until: now + 4 * minute };
      return { ...driven, value: false, silenced: true, silence };
    }),
  };
}

export function excursions(now: number): readonly ExcursionView[] {
  const stock = {
    location: "cold-2",
    locations: ["cold-2", "shelf-a1"],
    items: ["06901234567892"],
    lots: ["A2301", "A2302"],
  };
  const limit = { is: "above" as const, value: 8, inclusive: false };
  const open: ExcursionView = {
    id: "warm#3",
    kind: "live",
    rule: "warm",
    profile: { id: "gsp-cold", limit: "warm" },
    limit,
    point: "cold-2/temperature",
    state: "open",
    start: now - 47 * minute,
    peak: { value: 9.6, at: now - 12 * minute },
    knownMs: 45 * minute,
    outsideMs: 43 * minute,
    gapMs: 2 * minute,
    outside24hMs: 71 * minute,
    mkt: { celsius: 8.74, coverage: 0.957 },
    affected: stock,
    trail: [
      { from: "normal", to: "unacknowledged", at: now - 42 * minute, cause: "violated" },
      {
        from: "unacknowledged",
        to: "acknowledged",
        at: now - 30 * minute,
        cause: "acknowledged",
        by: "li.na",
        comment: "door closed, compressor runs",
      },
      { from: "acknowledged", to: "unacknowledged", at: now - 9 * minute, cause: "re-alarm" },
    ],
    dispositions: [],
    updatedAt: now,
  };
  const past: ExcursionView = {
    ...open,
    id: "warm#2",
    state: "closed",
    start: now - 50 * hour,
    end: now - 48.5 * hour,
    peak: { value: 11.2, at: now - 49 * hour },
    outsideMs: 90 * minute,
    gapMs: 0,
    mkt: { refused: "coverage", coverage: 0.41 },
    trail: open.trail.slice(0, 1),
    dispositions: [
      { to: "quarantined", by: "wang.fang", at: now - 48 * hour, meaning: "responsible" },
    ],
  };
  const historic: ExcursionView = {
    ...past,
    id: `warm@${new Date(now - 80 * hour).toISOString()}`,
    kind: "historic",
    start: now - 80 * hour,
    end: now - 79 * hour,
    outsideMs: hour,
    trail: [],
    dispositions: [],
  };
  const frozen: ExcursionView = {
    ...past,
    id: "frozen#1",
    rule: "frozen",
    limit: { is: "below", value: 2, inclusive: false },
    peak: { value: -0.4, at: now - 200 * hour },
    start: now - 200.5 * hour,
    end: now - 199 * hour,
    mkt: { refused: "freeze", coverage: 1 },
    dispositions: [
      { to: "quarantined", by: "wang.fang", at: now - 198 * hour, meaning: "responsible" },
      {
        to: "discarded",
        by: "wang.fang",
        at: now - 150 * hour,
        meaning: "approved",
        comment: "vials were frozen",
      },
    ],
  };
  return [open, past, historic, frozen];
}

export function minMax(now: number): readonly MinMaxView[] {
  return [
    {
      point: "cold-1/temperature",
      min: { value: 3.1, at: now - 6 * hour },
      max: { value: 6.4, at: now - 2 * hour },
      since: now - 25 * hour,
      resetBy: "li.na",
    },
    {
      point: "cold-2/temperature",
      min: { value: 4.2, at: now - 11 * hour },
      max: { value: 9.6, at: now - 12 * minute },
      since: now - 60 * hour,
    },
  ];
}
