import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { needPrograms } from "../support/need-program.ts";
import { alarmAt, day, hour, minute, ReportWorld, recordsOf } from "../support/report-world.ts";

const program = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const from = Date.UTC(2026, 8, 30, 16);

function report(world: ReportWorld, ...args: readonly string[]): string {
  const fixed = ["report", "--data", world.dir, "--config", world.configFile];
  return execFileSync(process.execPath, [program, ...fixed, ...args], { encoding: "utf8" });
}

function filled(): ReportWorld {
  const world = new ReportWorld();
  world.record(recordsOf(from, from + day, (at) => (at < from + 18 * hour ? 5 : 14), 10 * minute));
  const said = { by: "张三", comment: '=HYPERLINK("http://x"),喆\n𠮷' };
  world.commit(
    [],
    [
      alarmAt(from + hour, "violated"),
      alarmAt(from + hour + minute, "acknowledged", { to: "acknowledged", ...said }),
    ],
  );
  return world;
}

test("a PDF carries its Chinese text, figures and hashes, and says which character it lacks", (context) => {
  needPrograms(context, "pdftotext");
  using world = filled();
  const file = join(world.dir, "october.pdf");
  const said = report(world, "--location", "cold-1", "--month", "2026-10", "--out", file);
  const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  for (const part of ["储存条件报告", "一号冷库", "疫苗冷藏", "货架超温", "张三", "已逾期", "喆"]) {
    expect(text).toContain(part);
  }
  expect(text).toContain("[U+20BB7]");
  const [content] = /[0-9a-f]{64}(?=\s*$)/.exec(said) ?? [];
  expect(text).toContain(content);
  const fonts = execFileSync("pdffonts", [file], { encoding: "utf8" });
  // Embedded, a subset, and with its Unicode table: readable on any machine in ten years.
  expect(fonts).toMatch(/NotoSansCJK\S*\s+CID Type 0C\s+Identity-H\s+yes yes yes/);
});

test("a CSV is read by another program: lines of one length, no formula, the hash of the PDF", (context) => {
  needPrograms(context, "python3");
  using world = filled();
  const file = join(world.dir, "day.csv");
  const pdf = join(world.dir, "day.pdf");
  const asked = ["--location", "cold-1", "--from", "2026-10-01", "--to", "2026-10-01"];
  const said = report(world, ...asked, "--out", file);
  const again = report(world, ...asked, "--out", pdf);
  const content = /[0-9a-f]{64}(?=\s*$)/.exec(said)?.[0];
  expect(/[0-9a-f]{64}(?=\s*$)/.exec(again)?.[0]).toBe(content);
  expect(readFileSync(file).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const script =
    "import csv,json,sys; rows=list(csv.reader(open(sys.argv[1],encoding='utf-8-sig',newline=''),strict=True)); print(json.dumps(rows))";
  const rows: unknown = JSON.parse(
    execFileSync("python3", ["-c", script, file], { encoding: "utf8", maxBuffer: 1e8 }),
  );
  if (!Array.isArray(rows)) throw new Error("no rows");
  const lines = rows.map((row: unknown) => (Array.isArray(row) ? row.map(String) : []));
  expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([18]));
  const cells = lines.flat();
  expect(cells.filter((cell) => /^[=+@]/.test(cell))).toEqual([]);
  const mkt = lines.find(([type, , , , , point, ...rest]) => {
    return type === "figure" && point === "cold-1/temperature" && rest.at(-1) === "mkt";
  });
  expect(Number(mkt?.[7])).toBeCloseTo(8.2852, 3);
  expect(cells).toContain(content);
});

test("the figures of the alarm system are on paper and in a spreadsheet", (context) => {
  needPrograms(context, "pdftotext");
  using world = filled();
  const today = new Date().toISOString().slice(0, 10);
  const counted = { version: 1, day: today, raised: { low: 3, medium: 1, high: 0, critical: 0 } };
  const rest = { rules: { "shelf-warm": { raised: 4, chattered: 1, fleeting: 0 } } };
  const sums = { acknowledged: { count: 2, ms: 120_000 }, cleared: { count: 0, ms: 0 } };
  const figures = { ...counted, ...rest, ...sums, floods: 0, floodMs: 0 };
  world.commit([], [], { state: new Map([[`figures/${today}`, figures]]) });
  const [pdf, csv] = [join(world.dir, "week.pdf"), join(world.dir, "week.csv")];
  report(world, "--figures", "--days", "7", "--out", pdf);
  report(world, "--figures", "--days", "7", "--out", csv, "--lang", "en");
  const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" });
  expect(text).toMatch(/报警总数\s+4/);
  expect(text).toMatch(/shelf-warm\s+4 \(100 %\)/);
  expect(readFileSync(csv, "utf8")).toContain("Mean time to acknowledge,1 min");
});
