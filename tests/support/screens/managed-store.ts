import type { AlarmFigures } from "../../../gateway/figures/summary.ts";
import type { UserView } from "../../../gateway/panel/api.ts";
import type {
  AuditView,
  DueView,
  PushesView,
  ReceiverView,
} from "../../../gateway/panel/response-api.ts";

/** What the management of a cold store shows: people, receivers with their tests, figures, the audit trail. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function receiversAt(now: number): readonly ReceiverView[] {
  return [
    {
      id: "night-shift",
      name: "Night shift",
      channels: [
        { channel: "sms", addresses: 3 },
        { channel: "dingtalk", addresses: 1 },
      ],
      test: {
        at: now - 3.5 * day,
        by: "li.lei",
        results: {
          "sms/0": "delivered",
          "sms/1": "delivered",
          "sms/2": "+CMS ERROR: 21",
          "dingtalk/0": "delivered",
        },
      },
      failing: [{ channel: "sms", since: now - 42 * minute, problem: "no network registration" }],
    },
    {
      id: "quality",
      name: "质量部",
      channels: [{ channel: "email", addresses: 1 }],
      failing: [],
    },
    { id: "old-pager", channels: [], failing: [] },
  ];
}

export function dueAt(now: number): DueView {
  return {
    tests: ["receiver/quality", "output/stack/buzzer"],
    tested: [
      {
        what: "output/stack/red",
        at: now - 6.2 * day,
        by: "han.mei",
        results: { "output/stack/red": "confirmed" },
      },
      {
        what: "output/stack/buzzer",
        at: now - 40 * day,
        by: "han.mei",
        results: { "output/stack/buzzer": "not confirmed" },
      },
    ],
    calibrations: [
      {
        point: "cold-2/temperature",
        on: "2025-11-12",
        due: "2026-11-12",
        daysLeft: -10,
        certificate: "CNAS-25-0817",
      },
      { point: "cold-1/temperature", on: "2025-11-27", due: "2026-11-27", daysLeft: 5 },
      { point: "cold-1/humidity", on: "2025-12-14", due: "2026-12-14", daysLeft: 22 },
    ],
  };
}

export function pushesAt(now: number): PushesView {
  return {
    waiting: 4,
    flooded: true,
    dead: [
      {
        id: "p-41",
        receiver: "night-shift",
        channel: "sms",
        kind: "raised",
        alarm: "cold-2-warm#7",
        priority: "critical",
        short: "Cold room 2 is too warm: 9.1 °C",
        attempts: 12,
        problem: "+CMS ERROR: 500",
        at: now - 2.2 * hour,
      },
    ],
  };
}

export function figuresOver(days: number, now: number): AlarmFigures {
  const names = Array.from({ length: days }, (_, index) =>
    new Date(now - (days - 1 - index) * day).toISOString().slice(0, 10),
  );
  const perDayList = names.map((name, index) => ({
    day: name,
    raised: 120 + ((index * 67) % 190),
  }));
  const raised = perDayList.reduce((sum, { raised: count }) => sum + count, 0);
  const rules = ["cold-2-door", "cold-1-warm", "shelf-a1-low", "mains", "cold-2-humid"];
  return {
    from: names.at(0) ?? "",
    to: names.at(-1) ?? "",
    days,
    raised,
    perDay: raised / days,
    load: "busy",
    floods: 3,
    floodShare: 0.0142,
    priorities: { critical: 0.04, high: 0.11, medium: 0.35, low: 0.5 },
    chattering: [{ rule: "cold-2-door", episodes: 12 }],
    fleeting: [{ rule: "mains", times: 5 }],
    stale: [{ alarm: "shelf-a1-low#4", hours: 73.4 }],
    topTen: rules.map((rule, index) => ({
      rule,
      raised: Math.round(raised * (0.4 / (index + 1))),
      share: 0.4 / (index + 1),
    })),
    topTenShare: 0.91,
    acknowledgeSeconds: 347,
    clearSeconds: 62,
    perDayList,
  };
}

export function usersAt(now: number): readonly UserView[] {
  const createdAt = now - 90 * day;
  const plain = { disabled: false, locked: false, createdAt };
  return [
    { ...plain, user: "li.lei", fullName: "Li Lei", roles: ["admin", "supervisor"] },
    { ...plain, user: "han.mei", fullName: "韩梅梅", roles: ["quality"], locked: true },
    { ...plain, user: "zhao", roles: ["operator"], disabled: true },
  ];
}

/** A trail of so many entries, oldest first. */
export function trailAt(now: number, count: number): readonly AuditView[] {
  const kinds: readonly Omit<AuditView, "seq" | "ts" | "hash">[] = [
    { actor: "system", action: "gateway.boot", data: { reason: "start" } },
    { actor: "li.lei", action: "login", data: { address: "192.168.1.20" } },
    {
      actor: "li.lei",
      action: "alarm.acknowledged",
      data: {
        alarm: "cold-2-warm#7",
        message: "Cold room 2 is too warm",
        comment: "the door was open, closed it",
      },
    },
    { actor: "=cmd|calc", action: "login-failed", data: { address: "192.168.1.77" } },
    {
      actor: "han.mei",
      action: "alarm.shelved",
      data: { alarm: "shelf-a1-low#4", message: "Shelf A1 is low", reason: "counted by hand" },
    },
  ];
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((seq) => {
    const kind = kinds[seq % kinds.length];
    if (kind === undefined) return [];
    const ts = new Date(now - (count - seq) * 7 * minute).toISOString();
    return [{ seq, ts, ...kind, hash: seq.toString(16).padStart(64, "0") }];
  });
}
