import type { Texts } from "./language.ts";

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** How long ago, how old, how long. */
const en = {
  age: {
    now: "now",
    seconds: (n: number) => `${n} s ago`,
    minutes: (n: number) => `${n} min ago`,
    hours: (n: number) => `${n} h ago`,
    days: (n: number) => `${plural(n, "day", "days")} ago`,
    oldSeconds: (n: number) => `${n} s old`,
    oldMinutes: (n: number) => `${n} min old`,
    oldHours: (n: number) => `${n} h old`,
    oldDays: (n: number) => `${plural(n, "day", "days")} old`,
  },
  duration: {
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => plural(n, "day", "days"),
  },
};

const zh: typeof en = {
  age: {
    now: "刚刚",
    seconds: (n: number) => `${n} 秒前`,
    minutes: (n: number) => `${n} 分钟前`,
    hours: (n: number) => `${n} 小时前`,
    days: (n: number) => `${n} 天前`,
    oldSeconds: (n: number) => `${n} 秒前的值`,
    oldMinutes: (n: number) => `${n} 分钟前的值`,
    oldHours: (n: number) => `${n} 小时前的值`,
    oldDays: (n: number) => `${n} 天前的值`,
  },
  duration: {
    seconds: (n: number) => `${n} 秒`,
    minutes: (n: number) => `${n} 分钟`,
    hours: (n: number) => `${n} 小时`,
    days: (n: number) => `${n} 天`,
  },
};

export const panelTimeText: Texts<typeof en> = { en, zh };
