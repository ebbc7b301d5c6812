import { expect, test } from "vitest";
import { migrations } from "./migrations.ts";
import { forTimescale } from "./timescale.ts";

const all = migrations.flat();
const changed = all.filter((it) => forTimescale(it).join() !== it);

test("with TimescaleDB samples are a plain table that becomes a hypertable, and nothing else changes", () => {
  expect(changed).toHaveLength(2);
  const made = changed.flatMap(forTimescale);
  expect(made[0]).toMatch(/^CREATE TABLE sample \([^;]*raw double precision\s*\)$/);
  expect(made.join("\n")).not.toMatch(/PARTITION/);
  expect(made[1]).toContain("create_hypertable('sample', by_range('sampled_at'");
  expect(made.filter((it) => it.includes("sample_strange_time"))).toEqual([]);
});

test("the hypertable is made before the first index and before the first row", () => {
  const statements = all.flatMap(forTimescale);
  const at = (part: string) => statements.findIndex((it) => it.includes(part));
  expect(at("CREATE TABLE sample (")).toBeLessThan(at("create_hypertable"));
  expect(at("create_hypertable")).toBeLessThan(at("CREATE INDEX sample_by_point"));
  const before = statements.slice(0, at("create_hypertable"));
  expect(before.filter((it) => /\b(?:FROM|INTO|UPDATE) sample\b/.test(it))).toEqual([]);
});

test("a hypertable takes no unique index without its time: samples have none", () => {
  const ofSample = all.filter((it) => /UNIQUE INDEX \w+ ON sample\b/.test(it));
  expect(ofSample).toEqual([]);
  expect(changed.flatMap(forTimescale)[0]).not.toMatch(/PRIMARY KEY|UNIQUE/);
});
