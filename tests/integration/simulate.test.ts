import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Sample } from "../../drivers/contract.ts";
import { type CommandIo, exitCodes, runCommand } from "../../gateway/cli/command.ts";
import { simulateCommand } from "../../gateway/cli/simulate.ts";
import { complaintsMax } from "../../gateway/simulate/complaint.ts";
import { eventsMax } from "../../gateway/simulate/operator-events.ts";
import { none, StoreRig } from "../support/store-rig.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-simulate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);

async function simulate(...args: readonly string[]) {
  const seen = { out: "", err: "", code: 0 };
  const io: CommandIo = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    cwd: folder,
    env: {},
    setExitCode: (code) => {
      seen.code = code;
    },
  };
  await runCommand(simulateCommand(io), args, io);
  return seen;
}

const transitionsSchema = z.array(
  z.strictObject({
    rule: z.string(),
    at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    from: z.string(),
    to: z.string(),
    cause: z.string(),
  }),
);

const start = Date.UTC(2026, 2, 1, 8);
const point = "cold-2/temperature";
/** Seconds after the start -> ISO. */
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
/** `m:ss` -> seconds. */
const seconds = (text: string) => {
  const [minutes = "0", rest = "0"] = text.split(":");
  return Number(minutes) * 60 + Number(rest);
};
const clock = (iso: string) => {
  const s = Math.round((Date.parse(iso) - start) / 1_000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
};

const basic = ["--config", "rules.yaml", "--samples", "samples.csv", "--json", "--lang", "en"];

function rules(...bodies: readonly string[]): void {
  const lines = bodies.map((body, index) => `  ${index === 0 ? "warm" : `r${index}`}: ${body}\n`);
  write("rules.yaml", `version: 1\nrules:\n${lines.join("")}`);
}

/** `2:30 UNACK` of each transition, in their order. */
function told(out: string): readonly string[] {
  return transitionsSchema.parse(JSON.parse(out)).map((it) => `${clock(it.at)} ${it.to}`);
}

interface Timeline {
  readonly id: string;
  /** What the rule says besides its point. */
  readonly rule: string;
  readonly values: readonly number[];
  readonly everyS?: number;
  /** `1:30 ack`, `1:40 shelve 200s`. */
  readonly events?: readonly string[];
  readonly expected: readonly string[];
}

const above = "above: 8";
const margin = `${above}, deadband: 0.5`;
const repeat = (value: number, count: number) => Array.from({ length: count }, () => value);
const swings = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 7.9 : 8.1));

const timelines: readonly Timeline[] = [
  {
    id: "T1: a dip restarts the on-delay, the deadband holds off the return",
    rule: `${margin}, onDelay: 5min, offDelay: 2min`,
    values: [7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4, 7.3],
    expected: ["9:00 UNACK", "15:00 RTNUN"],
  },
  {
    id: "T2: acknowledged, then back",
    rule: margin,
    values: [7, 8.5, 8.6, 7.9, 7.5, 7],
    events: ["2:30 ack"],
    expected: ["1:00 UNACK", "2:30 ACKED", "4:00 NORM"],
  },
  {
    id: "T3: back, then acknowledged",
    rule: margin,
    values: [7, 8.5, 7.5, 7],
    events: ["3:20 ack"],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:20 NORM"],
  },
  {
    id: "T4: a new occurrence before anybody saw the last one",
    rule: margin,
    values: [7, 8.5, 7.5, 8.6, 7.5],
    events: ["4:50 ack"],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:00 UNACK", "4:00 RTNUN", "4:50 NORM"],
  },
  {
    id: "T5: a shelf that ends while it is still bad calls again",
    rule: margin,
    values: [7, 8.5, 8.6, 8.6, 8.6, 8.6],
    events: ["1:30 shelve 120s"],
    expected: ["1:00 UNACK", "1:30 SHLVD", "3:30 UNACK"],
  },
  {
    id: "T6: a shelf that ends after it is back says nothing",
    rule: margin,
    values: [7, 8.5, 8.6, 7, 7, 7],
    events: ["1:30 ack", "1:40 shelve 200s"],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T6b: who shelves has seen it",
    rule: margin,
    values: [7, 8.5, 8.6, 7, 7, 7],
    events: ["1:40 shelve 200s"],
    expected: ["1:00 UNACK", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T7: a one-shot shelf ends with the violation",
    rule: margin,
    values: [7, 8.5, 8.6, 7, 8.7, 8.7],
    events: ["1:30 ack", "1:40 shelve one-shot"],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "3:00 NORM", "4:00 UNACK"],
  },
  {
    id: "T8: a latch waits for acknowledgement and reset",
    rule: `${margin}, latch: true`,
    values: [7, 8.5, 8.6, 7, 7, 7],
    events: ["2:30 reset", "3:20 ack", "4:20 reset"],
    expected: ["1:00 UNACK", "3:00 LATCH_UNACK", "3:20 LATCH_ACK", "4:20 NORM"],
  },
  {
    id: "T8b: what is latched and acknowledged calls again when it is bad again",
    rule: `${margin}, latch: true`,
    values: [7, 8.5, 7, 7, 8.6, 7],
    events: ["2:30 ack", "5:20 ack", "5:50 reset"],
    expected: [
      ...["1:00 UNACK", "2:00 LATCH_UNACK", "2:30 LATCH_ACK", "4:00 UNACK"],
      ...["5:00 LATCH_UNACK", "5:20 LATCH_ACK", "5:50 NORM"],
    ],
  },
  {
    id: "T9: what was suppressed and is still bad calls when the suppression ends",
    rule: margin,
    values: [7, 7, 8.5, 8.6, 8.6, 8.6, 7],
    events: ["1:00 suppress", "4:00 unsuppress"],
    expected: ["1:00 DSUPR", "4:00 UNACK", "6:00 RTNUN"],
  },
  {
    id: "T10: acknowledged and forgotten, it calls again",
    rule: `${margin}, reAlarm: 10min`,
    values: [7, ...repeat(8.5, 14)],
    events: ["2:00 ack"],
    expected: ["1:00 UNACK", "2:00 ACKED", "12:00 UNACK"],
  },
  {
    id: "T10 with few samples: the clock runs on for the re-alarm",
    rule: `${margin}, reAlarm: 10min`,
    values: [7, 8.5, 8.5, 8.5],
    events: ["2:00 ack"],
    expected: ["1:00 UNACK", "2:00 ACKED", "12:00 UNACK"],
  },
  {
    id: "T11: the limit itself is inside",
    rule: above,
    values: [8, 8.1, 8],
    expected: ["1:00 UNACK", "2:00 RTNUN"],
  },
  {
    id: "T11b: or outside, when the rule says so",
    rule: "atOrAbove: 8",
    values: [8, 7.9],
    expected: ["0:00 UNACK", "1:00 RTNUN"],
  },
  {
    id: "T12: limit 10 with margin 1 returns at 9",
    rule: "above: 10, deadband: 1",
    values: [10.1, 9.5, 9.1, 9],
    expected: ["0:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "T13: without a deadband each swing is an alarm",
    rule: above,
    everyS: 10,
    values: swings,
    expected: swings
      .map((value, index) => `${clock(at(index * 10))} ${value > 8 ? "UNACK" : "RTNUN"}`)
      .slice(1),
  },
  {
    id: "T13b: with one it is one alarm",
    rule: margin,
    everyS: 10,
    values: swings,
    expected: ["0:10 UNACK"],
  },
  {
    id: "T13c: with an on-delay none",
    rule: `${above}, onDelay: 1min`,
    everyS: 10,
    values: swings.slice(0, 11),
    expected: [],
  },
  {
    id: "T14: negative values",
    rule: "above: -2, deadband: 0.5",
    values: [-5, -1.9, -2.2, -2.4, -2.5],
    expected: ["1:00 UNACK", "4:00 RTNUN"],
  },
  {
    id: "a low limit that includes itself",
    rule: "atOrBelow: 2, deadband: 1",
    values: [3, 2, 2.5, 3],
    expected: ["1:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "out of service and back while it is bad",
    rule: above,
    values: [7, 9, 9, 9, 9],
    events: ["0:30 out-of-service probe exchanged", "3:30 return-to-service"],
    expected: ["0:30 OOSRV", "3:30 UNACK"],
  },
  {
    id: "unshelved by hand while it is bad",
    rule: above,
    values: [7, 9, 9, 9],
    events: ["1:30 shelve 8h", "2:30 unshelve"],
    expected: ["1:00 UNACK", "1:30 SHLVD", "2:30 UNACK"],
  },
  {
    id: "shelved before anything is wrong: the clock runs on for the shelf",
    rule: above,
    values: [7, 9],
    events: ["0:30 shelve 20min"],
    expected: ["0:30 SHLVD", "20:30 UNACK"],
  },
];

function put({ rule, values, everyS = 60, events = [] }: Timeline): void {
  rules(`{ point: ${point}, ${rule} }`);
  const rows = values.map((value, index) => `${at(index * everyS)},${point},${value}`);
  write("samples.csv", ["at,point,value", ...rows, ""].join("\n"));
  const acts = events.map((line) => {
    const [when = "", event = "", ...argument] = line.split(" ");
    return `${at(seconds(when))},warm,${event},alice,${argument.join(" ")}`;
  });
  write("events.csv", ["at,rule,event,by,argument", ...acts, ""].join("\n"));
}

describe("the timelines of the alarm standard", () => {
  for (const timeline of timelines) {
    test(timeline.id, async () => {
      put(timeline);
      const { out, code } = await simulate(...basic, "--events", "events.csv");
      expect(told(out)).toEqual(timeline.expected);
      expect(code).toBe(exitCodes.ok);
    });
  }
});

test("a transition says rule, time to the millisecond, both states and why", async () => {
  rules(`{ point: ${point}, above: 8 }`);
  write("samples.csv", `at,point,value\n${at(0)},${point},7\n2026-03-01T08:01:00.5Z,${point},9\n`);
  const { out } = await simulate(...basic);
  expect(JSON.parse(out)).toEqual([
    {
      rule: "warm",
      at: "2026-03-01T08:01:00.500Z",
      from: "NORM",
      to: "UNACK",
      cause: "violated",
    },
  ]);
});

test("after the last sample the clock runs on for the longest delay, and no further", async () => {
  rules(`{ point: ${point}, above: 8, onDelay: 5min }`, `{ point: a/b, stale: 6min }`);
  write("samples.csv", `at,point,value\n${at(0)},a/b,1\n${at(60)},${point},9\n`);
  const { out } = await simulate(...basic);
  expect(told(out)).toEqual(["6:00 UNACK", "6:00 UNACK"]);
  rules(`{ point: ${point}, above: 8, onDelay: 5min }`, `{ point: a/b, stale: 12min }`);
  write("samples.csv", `at,point,value\n${at(0)},a/b,1\n${at(60)},${point},9\n`);
  expect(told((await simulate(...basic)).out)).toEqual(["6:00 UNACK", "12:00 UNACK"]);
});

test("at one instant timers come first, then samples, then what people did", async () => {
  rules(`{ point: ${point}, above: 8, onDelay: 1min }`);
  write("samples.csv", `at,point,value\n${at(0)},${point},9\n${at(60)},${point},7\n`);
  write("events.csv", `at,rule,event,by\n${at(60)},warm,ack,alice\n`);
  const { out } = await simulate(...basic, "--events", "events.csv");
  expect(told(out)).toEqual(["1:00 UNACK", "1:00 RTNUN", "1:00 NORM"]);
});

describe("cumulative and consecutive violations", () => {
  /** Minutes below and above the limit by turns, one sample a minute. */
  const dips = (minutes: readonly number[]) => {
    const values = minutes.flatMap((length) => [...repeat(-1, length), ...repeat(2, 30)]);
    const rows = values.map((value, index) => `${at(index * 60)},${point},${value}`);
    write("samples.csv", ["at,point,value", ...rows].join("\n"));
  };

  test("a fridge that is too cold again and again alarms when the total is reached", async () => {
    rules(
      `{ point: ${point}, below: -0.5, total: 3h }`,
      `{ point: ${point}, below: -0.5, onDelay: 61min }`,
    );
    dips([50, 45, 55, 40, 20]);
    const [first, ...others] = told((await simulate(...basic)).out);
    // 50 + 45 + 55 min are 150; 30 min into the fourth dip, which begins after three pauses.
    expect(first).toBe(`${150 + 90 + 30}:00 UNACK`);
    expect(others.filter((line) => line.endsWith("UNACK"))).toEqual([]);
  });

  test("one long dip is both", async () => {
    rules(
      `{ point: ${point}, below: -0.5, total: 3h }`,
      `{ point: ${point}, below: -0.5, onDelay: 61min }`,
    );
    dips([200]);
    const { out } = await simulate(...basic);
    const raised = transitionsSchema.parse(JSON.parse(out)).filter(({ to }) => to === "UNACK");
    expect(raised.map((it) => `${it.rule} ${clock(it.at)}`)).toEqual(["r1 61:00", "warm 180:00"]);
  });

  test("a shipping indicator: 45 for an hour, 30 for ten hours in all", async () => {
    rules(
      `{ point: ${point}, atOrAbove: 45, onDelay: 1h }`,
      `{ point: ${point}, atOrAbove: 30, total: 10h }`,
    );
    const times = [0, 59, 150, 300, 450, 600, 750, 900, 1_050];
    const values = [45, 29.9, 30, 29.9, 30, 29.9, 30, 29.9, 30];
    const rows = values.map((value, i) => `${at((times[i] ?? 0) * 60)},${point},${value}`);
    write("samples.csv", ["at,point,value", ...rows, `${at(1_300 * 60)},${point},20`].join("\n"));
    const { out } = await simulate(...basic);
    const raised = transitionsSchema.parse(JSON.parse(out)).filter(({ to }) => to === "UNACK");
    // 59 min + 3 x 150 min are 509 of 600.
    expect(raised.map((it) => `${it.rule} ${clock(it.at)}`)).toEqual(["r1 1141:00"]);
  });
});

describe("other conditions", () => {
  test("a trend, by its ends and by least squares, and when it reaches the limit", async () => {
    const trend = (text: string) => `{ point: ${point}, ${text} }`;
    rules(
      trend("risingFaster: 6.29, fit: ends"),
      trend("risingFaster: 6.31, fit: ends"),
      trend("risingFaster: 6.35"),
      trend("risingFaster: 6.37"),
      trend("willReach: 8, ahead: 1090s, fit: ends"),
      trend("willReach: 8, ahead: 1080s, fit: ends"),
    );
    const values = [4, 4.4, 4.9, 5.5, 6.1];
    const rows = values.map((value, index) => `${at(index * 300)},${point},${value}`);
    write("samples.csv", ["at,point,value", ...rows].join("\n"));
    const { out } = await simulate(...basic);
    const found = transitionsSchema.parse(JSON.parse(out));
    expect(found.map((it) => `${clock(it.at)} ${it.rule}`)).toEqual([
      ...["20:00 warm", "20:00 r2", "20:00 r4"],
    ]);
  });

  test("silence and bad samples alarm by the clock, also after the last row", async () => {
    rules(
      `{ point: ${point}, stale: 5min }`,
      `{ point: ${point}, fault: true, onDelay: 2min }`,
      `{ point: door/open, equal: true, onDelay: 3min }`,
    );
    write(
      "samples.csv",
      `at,point,value,quality\n${at(0)},${point},4\n${at(30)},door/open,true\n${at(60)},${point},open probe,bad\n`,
    );
    const { out } = await simulate(...basic);
    const found = transitionsSchema.parse(JSON.parse(out));
    expect(found.map((it) => `${clock(it.at)} ${it.rule}`)).toEqual([
      ...["3:00 r1", "3:30 r2", "5:00 warm"],
    ]);
  });

  test("a schedule of a file without a gateway counts in UTC", async () => {
    write(
      "rules.yaml",
      `version: 1
schedules: { night: { hours: [{ from: "22:00", to: "06:00" }] } }
rules:
  open: { all: [{ point: door/open, equal: true }, { during: night }] }
`,
    );
    write(
      "samples.csv",
      `at,point,value\n2026-03-01T21:00:00Z,door/open,true\n2026-03-02T07:00:00Z,door/open,true\n`,
    );
    const { out } = await simulate(...basic);
    const found = transitionsSchema.parse(JSON.parse(out));
    expect(found.map(({ at: when, to }) => `${when} ${to}`)).toEqual([
      ...["2026-03-01T22:00:00.000Z UNACK", "2026-03-02T06:00:00.000Z RTNUN"],
    ]);
  });

  test("late samples of the night make no alarm at noon", async () => {
    rules(`{ point: ${point}, above: 8 }`, `{ point: ${point}, above: 8, total: 1min }`);
    const late = [0, 30, 60].map((minute) => `${at(minute * 60 - 5 * 3_600)},${point},9`);
    const live = [0, 600].map((second) => `${at(second)},${point},5`);
    write("samples.csv", ["at,point,value", live[0], ...late, live[1]].join("\n"));
    const { out, err } = await simulate(...basic);
    expect(JSON.parse(out)).toEqual([]);
    expect(err.match(/came late/g)).toHaveLength(3);
  });
});

describe("rows", () => {
  test("a bad row is said with its number, and the rest runs", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write(
      "samples.csv",
      [
        "at,point,value,quality",
        `${at(0)},${point},7,good`,
        `yesterday,${point},9,good`,
        `${at(60)},${point},warm,good`,
        `${at(60)},${point}`,
        `${at(60)},${point},,good`,
        `${at(60)},${point},9,perfect`,
        `${at(60)},,9,good`,
        `${at(60)},"${point},9,good`,
        `2026-02-30T00:00:00Z,${point},9,good`,
        `${at(120)},${point},9,good`,
        "",
      ].join("\n"),
    );
    const { out, err, code } = await simulate(...basic);
    expect(told(out)).toEqual(["2:00 UNACK"]);
    expect(code).toBe(exitCodes.ok);
    expect(err.trimEnd().split("\n")).toEqual([
      'samples.csv:3: row 3 is left out: "yesterday" is no time; write 2026-03-01T08:00:00Z',
      'samples.csv:4: row 4 is left out: "warm" is no number, and the point has numbers',
      "samples.csv:5: row 5 is left out: cells are missing",
      "samples.csv:6: row 6 is left out: it has no value; a bad sample needs the quality bad",
      'samples.csv:7: row 7 is left out: "perfect" is no quality; write good, uncertain or bad',
      "samples.csv:8: row 8 is left out: it names no point",
      "samples.csv:9: row 9 is left out: a double quote is not closed, or stands inside a cell without quotes",
      'samples.csv:10: row 10 is left out: "2026-02-30T00:00:00Z" is no time; write 2026-03-01T08:00:00Z',
    ]);
    const chinese = await simulate(...basic, "--lang", "zh");
    expect(chinese.err).toContain("samples.csv:3: 第 3 行已忽略：“yesterday”不是时间");
  });

  test("as spreadsheets write them: byte order mark, CRLF, quotes, capitals, another order", async () => {
    rules(`{ point: ${point}, above: 8 }`, `{ point: door/open, equal: true }`);
    write(
      "samples.csv",
      `\ufeff"Point","Value","At","Note"\r\n${point},7,2026-03-01 08:00:00Z,"a ""note"",\r\nof two lines"\r\ndoor/open,FALSE,2026-03-01T08:00:00,\r\n${point},"9",2026-03-01T16:01:00+08:00,\r\ndoor/open,TRUE,2026-03-01T08:02Z,`,
    );
    const { out, err } = await simulate(...basic);
    expect(err).toBe("");
    expect(told(out)).toEqual(["1:00 UNACK", "2:00 UNACK"]);
  });

  test("a first line that names no columns is a row", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write("samples.csv", `${at(0)},${point},9\n`);
    expect(told((await simulate(...basic)).out)).toEqual(["0:00 UNACK"]);
  });

  test("a bad sample neither raises nor returns, and no code becomes a number", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    const rows = ["7,", "9,", ",bad", "NaN,", "open probe,bad", "1e999,", "7,uncertain", "7,good"];
    const lines = rows.map((row, index) => `${at(index * 60)},${point},${row}`);
    write("samples.csv", ["at,point,value,quality", ...lines].join("\n"));
    const { out, err } = await simulate(...basic);
    expect(err).toBe("");
    expect(told(out)).toEqual(["1:00 UNACK", "7:00 RTNUN"]);
  });

  test("a row that is older than one of its point before it makes no alarm, and is said", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write(
      "samples.csv",
      `at,point,value\n${at(3_600)},${point},5\n${at(0)},${point},9\n${at(1_800)},${point},9\n${at(3_660)},${point},5\n`,
    );
    const { out, err, code } = await simulate(...basic);
    expect(JSON.parse(out)).toEqual([]);
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain(`samples.csv:3: row 3 came late: ${point} was 3600 s further already`);
    expect(err).toContain("samples.csv:4: row 4 came late");
  });

  test("GBK and UTF-16 are refused in words, with the line", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    const gbk = Buffer.from([0xc0, 0xe4, 0xbf, 0xe2]);
    write("samples.csv", Buffer.concat([Buffer.from(`at,point,value\n${at(0)},`), gbk]));
    const { err, out, code } = await simulate(...basic);
    expect({ out, code }).toEqual({ out: "", code: exitCodes.cannotRun });
    expect(err).toContain("not UTF-8, first seen in line 2");
    write("samples.csv", Buffer.from(`\ufeffat,point,value\n`, "utf16le"));
    expect((await simulate(...basic)).err).toContain("not UTF-8, first seen in line 1");
  });

  test("without a single usable sample the answer is empty and the exit code 1", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write("samples.csv", "at,point,value\nx,y,z\n");
    expect(await simulate(...basic)).toMatchObject({ out: "[]\n", code: exitCodes.problems });
    write("samples.csv", "at,point,value\n");
    expect(await simulate(...basic)).toMatchObject({ out: "[]\n", code: exitCodes.ok });
  });

  test("a first line without a needed column, a folder, a missing file: cannot run", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write("samples.csv", `at,name,value\n${at(0)},${point},9\n`);
    const { err, code } = await simulate(...basic);
    expect(code).toBe(exitCodes.cannotRun);
    expect(err).toContain('no column "point"');
    const from = ["--config", "rules.yaml", "--json", "--samples"];
    expect((await simulate(...from, ".")).code).toBe(exitCodes.cannotRun);
    expect((await simulate(...from, "none.csv")).code).toBe(exitCodes.cannotRun);
    expect((await simulate("--config", "rules.yaml")).code).toBe(exitCodes.cannotRun);
  });

  test("of very many bad rows the first are said, and how many more there are", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    const bad = Array.from({ length: complaintsMax + 7 }, () => `never,${point},1`);
    write("samples.csv", ["at,point,value", ...bad, `${at(0)},${point},9`].join("\n"));
    const { out, err } = await simulate(...basic);
    expect(told(out)).toEqual(["0:00 UNACK"]);
    const lines = err.trimEnd().split("\n");
    expect(lines).toHaveLength(complaintsMax + 1);
    expect(lines.at(-1)).toBe("samples.csv: 7 more like these");
  });

  test("a point that a rule names and no sample has is said, with what was meant", async () => {
    rules(`{ point: cold-2/temprature, above: 8 }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    const { err, code } = await simulate(...basic);
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain(`no point "cold-2/temprature", did you mean "${point}"?`);
  });
});

describe("what people did", () => {
  test("what is refused changes nothing, and is said with the reason", async () => {
    rules(`{ point: ${point}, above: 8, latch: true }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    write("events.csv", `at,rule,event,by\n${at(60)},warm,reset,alice\n${at(90)},warm,ack,bob\n`);
    const { out, err, code } = await simulate(...basic, "--events", "events.csv");
    expect(told(out)).toEqual(["0:00 UNACK", "1:30 ACKED"]);
    expect(code).toBe(exitCodes.ok);
    expect(err).toMatch(/^events\.csv:2: row 2 changes nothing: warm: .{10}/);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  test("more events than fit into memory are refused", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    const events = Array.from({ length: eventsMax + 1 }, () => `${at(60)},warm,ack,alice`);
    write("events.csv", events.join("\n"));
    const { out, err, code } = await simulate(...basic, "--events", "events.csv");
    expect({ out, code }).toEqual({ out: "", code: exitCodes.cannotRun });
    expect(err).toContain(`more than ${eventsMax} events`);
  });

  test("a bad event is said with its number, and the rest counts, in order of time", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n${at(120)},${point},7\n`);
    write(
      "events.csv",
      [
        "at,rule,event,by,argument",
        `${at(180)},warm,unshelve,alice,`,
        `soon,warm,ack,alice,`,
        `${at(60)},wram,ack,alice,`,
        `${at(60)},warm,forget,alice,`,
        `${at(60)},warm,shelve,alice,a while`,
        `${at(60)},warm,SHELVE,alice,30min`,
      ].join("\n"),
    );
    const { out, err } = await simulate(...basic, "--events", "events.csv");
    expect(told(out)).toEqual(["0:00 UNACK", "1:00 SHLVD", "3:00 NORM"]);
    expect(err.trimEnd().split("\n")).toEqual([
      'events.csv:3: row 3 is left out: "soon" is no time; write 2026-03-01T08:00:00Z',
      'events.csv:4: row 4 is left out: there is no rule "wram", did you mean "warm"?',
      expect.stringContaining('events.csv:5: row 5 is left out: "forget" is no event'),
      expect.stringContaining('events.csv:6: row 6 is left out: "a while" says not for how long'),
    ]);
  });
});

describe("configurations", () => {
  const gateway = `version: 1
gateway: { id: cold-1 }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices: { cold-2: { template: xy-md02, unitId: 1 } }
sync: { central: "https://c.example.com", credentials: !secret token }
rules:
  warm: { point: cold-2/temperature, above: 8, onDelay: 5min }
`;

  test("a whole gateway's, without its secrets and devices", async () => {
    write("rules.yaml", gateway);
    write(
      "samples.csv",
      `at,point,value\n${at(0)},${point},9\n${at(60)},cold-9/temperature,9\n${at(60)},cold-9/temperature,9\n`,
    );
    const { out, err, code } = await simulate(...basic);
    expect({ out: told(out), code }).toEqual({ out: ["5:00 UNACK"], code: exitCodes.ok });
    expect(err).toBe(
      'samples.csv:3: row 3 is left out: the configuration has no point "cold-9/temperature", did you mean "cold-2/temperature"?\n',
    );
  });

  test("what check refuses, simulate refuses in the same words", async () => {
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    write("rules.yaml", gateway.replace("cold-2/temperature,", "cold-2/temprature,"));
    const unknown = await simulate(...basic);
    expect(unknown.code).toBe(exitCodes.problems);
    expect(JSON.parse(unknown.out)).toEqual([
      expect.objectContaining({
        file: "rules.yaml",
        valid: false,
        problems: [expect.objectContaining({ code: "reference/point", line: 10 })],
      }),
    ]);
    write("rules.yaml", "version: 1\nrules:\n  warm: { point: a/b, abvoe: 8 }\n");
    const plain = await simulate(...basic.filter((word) => word !== "--json"));
    expect(plain.code).toBe(exitCodes.problems);
    expect(plain.out).toContain('rules.yaml:3:23 rules.warm: unknown key "abvoe"');
    expect((await simulate(...basic, "--config", "none.yaml")).code).toBe(exitCodes.cannotRun);
  });

  test("a part of one may name outputs, people and places that stand elsewhere", async () => {
    rules(
      `{ point: ${point}, above: 8, priority: critical, outputs: [stack/red], notify: [night], escalate: duty, annunciate: [door], location: cold-2 }`,
    );
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    expect(told((await simulate(...basic)).out)).toEqual(["0:00 UNACK"]);
  });

  test("limits of a storage profile are rules", async () => {
    write(
      "rules.yaml",
      `version: 1\nlocations: { room: { kind: room, profile: gsp-cold, temperature: ${point} } }\n`,
    );
    write("samples.csv", `at,point,value\n${at(0)},${point},5\n${at(60)},${point},10.1\n`);
    const { out } = await simulate(...basic);
    const found = transitionsSchema.parse(JSON.parse(out));
    expect(found.filter(({ at: when }) => when === at(60)).map(({ rule }) => rule)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^room:/)]),
    );
  });

  test("rules of a part of a configuration that cross are refused", async () => {
    rules(`{ point: ${point}, above: 2 }`, `{ point: ${point}, below: 8 }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n`);
    const { out, code } = await simulate(...basic);
    expect(code).toBe(exitCodes.problems);
    expect(out).toContain("rule/limits-crossed");
  });

  test("levels are rules of their own", async () => {
    rules(`{ point: ${point}, levels: { HH: { above: 10 }, H: { above: 8 } } }`);
    write("samples.csv", `at,point,value\n${at(0)},${point},9\n${at(60)},${point},11\n`);
    const { out } = await simulate(...basic);
    const found = transitionsSchema.parse(JSON.parse(out));
    expect(found.map((it) => `${clock(it.at)} ${it.rule}`)).toEqual([
      "0:00 warm:H",
      "1:00 warm:HH",
    ]);
  });
});

test("--against shows what came, what went and what moved", async () => {
  rules(`{ point: ${point}, above: 8 }`, `{ point: ${point}, above: 20 }`);
  write(
    "other.yaml",
    `version: 1\nrules:\n  warm: { point: ${point}, above: 8, onDelay: 90s }\n  cold: { point: ${point}, below: 1 }\n`,
  );
  const values = [7, 9, 7, 9, 9, 9, 7, 0, 7, 21, 21, 21, 7];
  const rows = values.map((value, index) => `${at(index * 60)},${point},${value}`);
  write("samples.csv", ["at,point,value", ...rows].join("\n"));
  const { out, code } = await simulate(...basic, "--against", "other.yaml");
  const span = (from: string, to: string) => ({ from: at(seconds(from)), to: at(seconds(to)) });
  const { transitions, rules: found } = z
    .object({
      transitions: z.object({ config: transitionsSchema, against: transitionsSchema }),
      rules: z.array(z.unknown()),
    })
    .parse(JSON.parse(out));
  expect(code).toBe(exitCodes.ok);
  expect(transitions.config).toHaveLength(8);
  expect(transitions.against).toHaveLength(6);
  expect(found).toEqual([
    { rule: "cold", same: 0, onlyConfig: [], onlyAgainst: [span("7:00", "8:00")], moved: [] },
    { rule: "r1", same: 0, onlyConfig: [span("9:00", "12:00")], onlyAgainst: [], moved: [] },
    {
      rule: "warm",
      same: 0,
      onlyConfig: [span("1:00", "2:00")],
      onlyAgainst: [],
      moved: [
        { config: span("3:00", "6:00"), against: span("4:30", "6:00") },
        { config: span("9:00", "12:00"), against: span("10:30", "12:00") },
      ],
    },
  ]);
  const text = await simulate(
    ...["--config", "rules.yaml", "--samples", "samples.csv", "--against", "other.yaml"],
  );
  expect(text.out).toContain("only with --against  2026-03-01T08:07:00.000Z");
});

test("a person reads a table and figures of each rule", async () => {
  rules(`{ point: ${point}, above: 8 }`);
  const values = [7, 9, 7, 9];
  const rows = values.map((value, index) => `${at(index * 60)},${point},${value}`);
  write("samples.csv", ["at,point,value", ...rows].join("\n"));
  const [english, chinese] = [
    await simulate("--config", "rules.yaml", "--samples", "samples.csv", "--lang", "en"),
    await simulate("--config", "rules.yaml", "--samples", "samples.csv", "--lang", "zh"),
  ];
  expect(english.out).toMatch(/2026-03-01T08:01:00\.000Z +warm +NORM +UNACK +violated/);
  expect(english.out).toMatch(/warm +2 +2\.0 +0:01:00 +0:01:00 +yes/);
  expect(english.out).toContain("4 samples of 1 points");
  expect(chinese.out).toContain("10 分钟内新报警最多 2 个");
});

describe("a gateway's store", () => {
  const rig = new StoreRig();
  beforeEach(() => rig.begin());
  afterEach(() => rig.end());

  test("is replayed as it was written, while the gateway has it open", async () => {
    const now = Date.now();
    const { store } = rig.open();
    const hour = 3_600_000;
    const values: readonly [number, number][] = [
      ...([
        [-30, 9],
        [-3, 7],
        [-2, 9],
        [-1, 7],
      ] as const),
    ].map(([hours, value]) => [now + hours * hour, value]);
    const rows = values.flatMap(([sampledAt, value]): Sample[] => [
      { point, sampledAt, quality: "good", value },
      { point: "a/b", sampledAt: sampledAt - 5, quality: "bad", reason: "x" },
    ]);
    // The first commit begins long before what is asked for, and ends within it.
    store.commit({ ...none, samples: rows.slice(0, 4) });
    store.commit({ ...none, samples: rows.slice(4) });
    rules(`{ point: ${point}, above: 8 }`);
    const from = ["--config", "rules.yaml", "--data", rig.dir, "--json", "--from"];
    const { out, err, code } = await simulate(...from, "1d");
    expect({ err, code }).toEqual({ err: "", code: exitCodes.ok });
    expect(transitionsSchema.parse(JSON.parse(out)).map(({ at: when, to }) => [when, to])).toEqual([
      [new Date(now - 2 * hour).toISOString(), "UNACK"],
      [new Date(now - hour).toISOString(), "RTNUN"],
    ]);
    const all = transitionsSchema.parse(JSON.parse((await simulate(...from, "2d")).out));
    expect(all).toHaveLength(4);
  });

  test("that is not there, or no duration, cannot be replayed", async () => {
    rules(`{ point: ${point}, above: 8 }`);
    const from = ["--config", "rules.yaml", "--data", folder, "--from"];
    const missing = await simulate(...from, "30d", "--lang", "en");
    expect(missing.code).toBe(exitCodes.cannotRun);
    expect(missing.err).toContain("no gateway's store");
    expect((await simulate(...from, "a month")).code).toBe(exitCodes.cannotRun);
    expect((await simulate(...from, "30d", "--samples", "x.csv")).code).toBe(exitCodes.cannotRun);
  });
});

test("however points are interleaved, the answer is the same", async () => {
  rules(
    `{ any: [{ point: a/x, above: 8 }, { point: b/x, above: 8 }], onDelay: 2s }`,
    `{ point: b/x, above: 6, offDelay: 3s }`,
    `{ all: [{ point: a/x, above: 6 }, { point: b/x, below: 4 }] }`,
  );
  const points = ["b/x", "a/x", "c/x"];
  const row = fc.record({ second: fc.nat(20), value: fc.integer({ min: 0, max: 10 }) });
  const files = fc.tuple(
    fc.array(fc.array(row, { maxLength: 12 }), { minLength: 3, maxLength: 3 }),
    fc.array(fc.nat(2), { maxLength: 36 }),
  );
  await fc.assert(
    fc.asyncProperty(files, async ([series, turns]) => {
      const queues = series.map((rows, index) =>
        [...rows]
          .sort((a, b) => a.second - b.second)
          .map(({ second, value }) => `${at(second)},${points[index]},${value}`),
      );
      const all = queues.flat();
      // All of one point, then all of the next; against any interleaving of the three.
      const mixed = turns.flatMap((turn) => queues[turn]?.shift() ?? []);
      write("samples.csv", ["at,point,value", ...all].join("\n"));
      const apart = await simulate(...basic);
      write("samples.csv", ["at,point,value", ...mixed, ...queues.flat()].join("\n"));
      expect((await simulate(...basic)).out).toEqual(apart.out);
    }),
    { numRuns: 60 },
  );
});
