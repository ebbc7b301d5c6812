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
  /** A rule without a point watches room/t. */
  rules: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** From 0:00, one each `every`: `-` is none, `bad` has no value, `~9` is uncertain, `7*3` is 7 7 7. */
  values: z.record(z.string(), z.string()).default({}),
  /** `1:30 room/t 8.5` */
  rows: z.array(z.string()).default([]),
  /** `1:30 rule event [argument]` */
  events: z.array(z.string()).default([]),
  /** How many of the events change nothing. */
  refused: z.int().optional(),
  /** `1:30 rule STATE`, in the order of each rule. */
  expected: z.array(z.string()),
  /** Only UNACK is told on paper. */
  only: z.literal("activations").optional(),
  toleranceMs: z.int().default(0),
});

/** One timeline as it was written by hand, with what the standard says about it. */
export type Timeline = z.infer<typeof timelineSchema>;

/** One change of an alarm, in ms from the start. */
export interface Told {
  readonly ms: number;
  readonly from: string;
  readonly to: string;
}

const folder = join(import.meta.dirname, "../fixtures/timelines");

export function timelinesOf(file: string): readonly Timeline[] {
  return z.array(timelineSchema).parse(parse(readFileSync(join(folder, file), "utf8")));
}

/** `m:ss`, `h:mm:ss`, each with a fraction -> milliseconds. */
export function offsetMs(text: string): number {
  return Math.round(text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000);
}

export const startOf = ({ start = "2026-03-01T08:00:00Z" }: Timeline) => new Date(start).getTime();

export const everyMsOf = ({ every }: Timeline) => parseDuration(every) ?? Number.NaN;

/** What comes of each point, in order of time. */
export function cellsOf(timeline: Timeline) {
  const held = Object.entries(timeline.values).flatMap(([point, values]) =>
    valuesOf(values).map((value, index) => ({ ms: index * everyMsOf(timeline), point, value })),
  );
  const written = timeline.rows.map((row) => {
    const [time = "", point = "", value = ""] = row.split(" ");
    return { ms: offsetMs(time), point, value };
  });
  return [...held, ...written].filter(({ value }) => value !== "-").toSorted((a, b) => a.ms - b.ms);
}

function valuesOf(text: string): readonly string[] {
  return text.split(" ").flatMap((cell) => {
    const [value = "", times = "1"] = cell.split("*");
    return Array.from({ length: Number(times) }, () => value);
  });
}

export function eventsOf({ events }: Timeline) {
  return events.map((event) => {
    const [time = "", rule = "", what = "", argument] = event.split(" ");
    return { ms: offsetMs(time), rule, what, argument };
  });
}

/** What is expected of each rule; each state begins where the last one ended. */
export function expectedOf({ expected }: Timeline): ReadonlyMap<string, readonly Told[]> {
  const rules = new Map<string, Told[]>();
  for (const line of expected) {
    const [time = "", rule = "", to = ""] = line.split(" ");
    const told = rules.get(rule) ?? [];
    rules.set(rule, [...told, { ms: offsetMs(time), from: told.at(-1)?.to ?? "NORM", to }]);
  }
  return rules;
}

/** The three files of `rackwatch simulate`. */
export function filesOf(timeline: Timeline) {
  const at = (ms: number) => new Date(startOf(timeline) + ms).toISOString();
  const samples = cellsOf(timeline).map(
    ({ ms, point, value }) => `${at(ms)},${point},${valueAndQuality(value)}\n`,
  );
  const events = eventsOf(timeline).map(
    ({ ms, rule, what, argument = "" }) => `${at(ms)},${rule},${what},li,${argument}\n`,
  );
  const { schedules, timezone } = timeline;
  const config = {
    version: 1,
    ...(timezone === undefined ? {} : { gateway: { id: "test", timezone } }),
    ...(schedules === undefined ? {} : { schedules }),
    rules: rulesOf(timeline),
  };
  return {
    config: JSON.stringify(config),
    samples: `at,point,value,quality\n${samples.join("")}`,
    events: `at,rule,event,by,argument\n${events.join("")}`,
  };
}

function valueAndQuality(value: string): string {
  if (value === "bad") return ",bad";
  return value.startsWith("~") ? `${value.slice(1)},uncertain` : `${value},good`;
}

/** As they stand in a configuration. */
export function rulesOf({ rules }: Timeline): Readonly<Record<string, unknown>> {
  const places = ["point", "all", "any", "not", "during"];
  return Object.fromEntries(
    Object.entries(rules).map(([id, rule]) => {
      return [id, places.some((key) => key in rule) ? rule : { point: "room/t", ...rule }];
    }),
  );
}
