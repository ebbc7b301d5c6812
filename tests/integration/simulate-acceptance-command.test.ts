import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { filesOf, timelinesOf } from "../support/timelines.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-command-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** The command as a shell runs it. */
function simulate(...args: readonly string[]) {
  return new Promise<{ out: string; err: string; code: number | null }>((done) => {
    const child = spawn(process.execPath, [rackwatch, "simulate", ...args], { cwd: folder });
    const seen = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (seen.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (seen.err += text));
    child.once("close", (code) => done({ ...seen, code }));
  });
}

const files = ["--config", "rules.yaml", "--samples", "samples.csv"];
const toldSchema = z.array(z.object({ rule: z.string(), at: z.string(), to: z.string() }));
const told = (out: string) =>
  toldSchema.parse(JSON.parse(out)).map(({ rule, at, to }) => `${at.slice(11, 23)} ${rule} ${to}`);
const rules = (text: string) => write("rules.yaml", `version: 1\nrules:\n  warm: ${text}\n`);
const day = "2026-03-01T";

test("the first printed timeline through the shell, letter by letter", {
  timeout: 30_000,
}, async () => {
  const [first] = timelinesOf("printed.yaml");
  if (first === undefined) throw new Error("no timeline");
  const written = filesOf(first);
  write("rules.yaml", written.config);
  write("samples.csv", written.samples);
  const { out, err, code } = await simulate(...files, "--json");
  expect({ err, code }).toEqual({ err: "", code: 0 });
  expect(JSON.parse(out)).toEqual([
    { rule: "r", at: `${day}08:09:00.000Z`, from: "NORM", to: "UNACK", cause: "violated" },
    { rule: "r", at: `${day}08:15:00.000Z`, from: "UNACK", to: "RTNUN", cause: "returned" },
  ]);
});

test("80 000 rows in order of time, and sorted by point, say the same", {
  timeout: 60_000,
}, async () => {
  write(
    "rules.yaml",
    `version: 1
rules:
  warm: { point: room-1/t, above: 8, deadband: 0.5, onDelay: 90s, offDelay: 1min }
  apart: { point: room-2/t, minus: room-3/t, above: 2, onDelay: 1min }
  total: { point: room-4/t, above: 8, total: 1h, within: 1d }
`,
  );
  const rows = Array.from({ length: 80_000 }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 4) * 10_000).toISOString();
    const value = 6 + 3 * Math.sin(n / 2_400 + (n % 4));
    return `${at},room-${1 + (n % 4)}/t,${value.toFixed(2)}`;
  });
  write("samples.csv", ["at,point,value", ...rows].join("\n"));
  const ordered = await simulate(...files, "--json");
  const byPoint = [0, 1, 2, 3].flatMap((point) => rows.filter((_, n) => n % 4 === point));
  write("samples.csv", ["at,point,value", ...byPoint].join("\n"));
  const sorted = await simulate(...files, "--json");
  expect(ordered.err + sorted.err).toBe("");
  const names = new Set(toldSchema.parse(JSON.parse(ordered.out)).map(({ rule }) => rule));
  expect([...names].toSorted()).toEqual(["apart", "total", "warm"]);
  expect(sorted.out).toBe(ordered.out);
});

describe("bad input", () => {
  test("a bad row has its number, the rest runs, in both languages", {
    timeout: 30_000,
  }, async () => {
    rules("{ point: room/t, above: 8 }");
    write(
      "samples.csv",
      `at,point,value\n${day}08:00:00Z,room/t,7\n${day}08:01:00Z,room/t,seven\n${day}08:02:00Z,room/t,9\n`,
    );
    const english = await simulate(...files, "--json", "--lang", "en");
    expect(english.code).toBe(0);
    expect(english.err).toBe(
      'samples.csv:3: row 3 is left out: "seven" is no number, and the point has numbers\n',
    );
    expect(told(english.out)).toEqual(["08:02:00.000 warm UNACK"]);
    const chinese = await simulate(...files, "--json", "--lang", "zh");
    expect(chinese.err).toMatch(/^samples\.csv:3: 第 3 行已忽略：“seven”不是数字/);
    expect(chinese.out).toBe(english.out);
  });

  test("limits that cross and a key that is mistyped are said with file, line and column", {
    timeout: 30_000,
  }, async () => {
    rules("{ point: room/t, levels: { H: { above: 8 }, HH: { above: 6 } }, onDelai: 3min }");
    write("samples.csv", `at,point,value\n${day}08:00:00Z,room/t,7\n`);
    const { out, code } = await simulate(...files, "--lang", "en");
    expect(code).toBe(1);
    expect(out).toContain(
      "rules.yaml:3:66 rules.warm.levels.HH.above: HH (6) must lie above H (8)",
    );
    expect(out).toContain('rules.yaml:3:73 rules.warm: unknown key "onDelai", did you mean');
  });

  test("an acknowledgement of what is over, a reset of what is active and a shelf for a week change nothing", {
    timeout: 30_000,
  }, async () => {
    rules("{ point: room/t, above: 8, shelveMax: 1h }");
    write(
      "samples.csv",
      `at,point,value\n${day}08:00:00Z,room/t,9\n${day}08:02:00Z,room/t,7\n${day}08:09:00Z,room/t,7\n`,
    );
    write(
      "events.csv",
      `at,rule,event,by,argument
${day}08:00:30Z,warm,reset,li,
${day}08:01:00Z,warm,shelve,li,7d
${day}08:03:00Z,warm,ack,li,
${day}08:04:00Z,warm,ack,wang,
${day}08:05:00Z,cold,ack,wang,
`,
    );
    const { out, err, code } = await simulate(
      ...files,
      "--events",
      "events.csv",
      "--json",
      "--lang",
      "en",
    );
    expect(code).toBe(0);
    expect(told(out)).toEqual([
      "08:00:00.000 warm UNACK",
      "08:02:00.000 warm RTNUN",
      "08:03:00.000 warm NORM",
    ]);
    const lines = err.trimEnd().split("\n");
    expect(lines.map((line) => line.slice(0, 12)).toSorted()).toEqual(
      [2, 3, 5, 6].map((row) => `events.csv:${row}`),
    );
  });
});
