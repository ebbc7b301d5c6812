import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { pointBook } from "../../gateway/point-book.ts";
import { ReportDesk } from "../../gateway/report/report-desk.ts";
import { configuredRules } from "../../gateway/rules/configured-rules.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { day, minute, ReportWorld, recordsOf } from "../support/report-world.ts";

const program = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const from = Date.UTC(2026, 8, 30, 16);

function deskOf(world: ReportWorld, args: readonly string[] = [program]) {
  const loaded = loadConfig(world.configFile, { secrets: "substitute" });
  if (!loaded.ok) throw new Error("the configuration does not load");
  const { config } = loaded;
  const points = pointBook(config);
  const written: Readonly<Record<string, unknown>>[] = [];
  const desk = new ReportDesk({
    ...{ config, points, rules: configuredRules(config, points), dataDir: world.dir },
    ...{ clock: systemClock, log: memoryLog().log, program: [process.execPath, ...args] },
    written: (by, fields) => void written.push({ by, ...fields }),
  });
  return { desk, written };
}

const asked = { location: "cold-1", from: "2026-10-01", to: "2026-10-01", by: "质管" } as const;

test("a report is written by another process, one at a time, and who asked is told when it is whole", async () => {
  using world = new ReportWorld();
  world.record(recordsOf(from, from + day, () => 5, 10 * minute));
  const { desk, written } = deskOf(world);
  const first = desk.write({ ...asked, form: "csv" });
  expect(await desk.write({ ...asked, form: "pdf" })).toBeUndefined();
  const stream = await first;
  if (stream === undefined) throw new Error("the desk was busy");
  const csv = (await buffer(stream)).toString("utf8");
  expect(csv.match(/^reading,/gm)).toHaveLength(144);
  await expect.poll(() => written.length).toBe(1);
  expect(written[0]).toMatchObject({ by: "质管", location: "cold-1", form: "csv", from });
  const pdf = await desk.write({ ...asked, form: "pdf" });
  if (pdf === undefined) throw new Error("the desk was busy");
  expect((await buffer(pdf)).subarray(0, 5).toString()).toBe("%PDF-");
});

test("a writer that fails is said, and does not keep the next one from its turn", async () => {
  using world = new ReportWorld();
  const { desk } = deskOf(world);
  await expect(desk.write({ ...asked, form: "csv" })).rejects.toThrow();
  await expect(desk.write({ ...asked, form: "pdf" })).rejects.toThrow(/no database|没有数据库/);
  const broken = deskOf(world, ["-e", "process.exit(3)"]);
  await expect(broken.desk.write({ ...asked, form: "csv" })).rejects.toThrow("not written");
});

test("who stops reading ends the writer", async () => {
  using world = new ReportWorld();
  world.record(recordsOf(from, from + day, () => 5, 10 * minute));
  const { desk, written } = deskOf(world, [
    "-e",
    "setInterval(() => process.stdout.write('x'.repeat(65536)), 1)",
  ]);
  const stream = await desk.write({ ...asked, form: "csv" });
  if (stream === undefined) throw new Error("the desk was busy");
  for await (const _ of stream) break;
  await expect
    .poll(
      async () => {
        const next = await desk.write({ ...asked, form: "csv" });
        next?.destroy();
        return next !== undefined;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  expect(written).toEqual([]);
});

test("an unknown location and a period to come are refused before anything starts", async () => {
  using world = new ReportWorld();
  const { desk } = deskOf(world, ["-e", "process.exit(3)"]);
  await expect(desk.write({ ...asked, location: "cold-9", form: "csv" })).rejects.toThrow("cold-9");
  const later = { location: "cold-1", month: "2999-01", by: "a" };
  await expect(desk.write({ ...later, form: "csv" })).rejects.toMatchObject({
    code: "config/invalid",
  });
});
