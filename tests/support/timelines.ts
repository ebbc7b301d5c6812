import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseDuration } from "../../drivers/quantity.ts";

const timelineSchema = z.strictObject({
  name: z.string(),
  start: z.union([z.string(), z.date()]).optional(),
  timezone: z.string().optional(),
  every: z.string().default("1min"),
  schedules: z.unknown().optional(),
  rules: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** From 0:00, one each `every`. */
  values: z.record(z.string(), z.string()).default({}),
  /** `1:30 room/t 8.5` */
  rows: z.array(z.string()).default([]),
  /** `1:30 rule event [argument]` */
  events: z.array(z.string()).default([]),
  /** Events that change nothing. */
  refused: z.int().optional(),
  /** `1:30 rule STATE`, in the order of each rule. */
  expected: z.array(z.string()),
  /** Only UNACK is told on paper. */
  only: z.literal("activations").optional(),
  toleranceMs: z.int().default(0),
});

/** One timeline as it was written by hand, with what the standard says about it. */
export type Timeline = z.infer<typeof timelineSchema>;

const folder = join(import.meta.dirname, "../fixtures/timelines");

export function timelinesOf(file: string): readonly Timeline[] {
  return z.array(timelineSchema).parse(parse(readFileSync(join(folder, file), "utf8")));
}

/** `m:ss`, `h:mm:ss`, each with a fraction -> milliseconds. */
export function offsetMs(text: string): number {
  return Math.round(text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000);
}

export const startOf = ({ start = "2026-03-01T08:00:00Z" }: Timeline) => new Date(start).getTime();

/** The three files of `rackwatch simulate`. */
export function filesOf(timeline: Timeline) {
  const at = (ms: number) => new Date(startOf(timeline) + ms).toISOString();
  const everyMs = parseDuration(timeline.every) ?? Number.NaN;
  const held = Object.entries(timeline.values).flatMap(([point, values]) =>
    values.split(" ").flatMap((value, index) => {
      return value === "-" ? [] : [{ ms: index * everyMs, point, value }];
    }),
  );
  const written = timeline.rows.map((row) => {
    const [time = "", point = "", value = ""] = row.split(" ");
    return { ms: offsetMs(time), point, value };
  });
  const samples = [...held, ...written]
    .toSorted((a, b) => a.ms - b.ms)
    .map(({ ms, point, value }) => {
      const cells =
        value === "bad"
          ? ",bad"
          : value.startsWith("~")
            ? `${value.slice(1)},uncertain`
            : `${value},good`;
      return `${at(ms)},${point},${cells}\n`;
    });
  const events = timeline.events.map((event) => {
    const [time = "", rule = "", what = "", argument] = event.split(" ");
    const rest = argument === undefined ? "" : `,${argument}`;
    return `${at(offsetMs(time))},${rule},${what},li${rest}\n`;
  });
  return {
    config: JSON.stringify(configOf(timeline)),
    samples: `at,point,value,quality\n${samples.join("")}`,
    events: `at,rule,event,by,argument\n${events.join("")}`,
  };
}

function configOf({ rules, schedules, timezone }: Timeline) {
  const whole = Object.entries(rules).map(([id, rule]) => {
    const hasPoint = ["point", "all", "any", "not", "during"].some((key) => key in rule);
    return [id, hasPoint ? rule : { point: "room/t", ...rule }];
  });
  return {
    version: 1,
    ...(timezone === undefined ? {} : { gateway: { id: "test", timezone } }),
    ...(schedules === undefined ? {} : { schedules }),
    rules: Object.fromEntries(whole),
  };
}
