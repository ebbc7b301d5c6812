import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import type { RunEnd } from "./background-run.ts";
import { type Checked, IntegrityCheck, readChecked } from "./integrity-check.ts";

function setUp(end: RunEnd) {
  const clock = new ManualClock();
  const runs: (readonly string[])[] = [];
  const distrusted: string[] = [];
  const kept: Checked[] = [];
  const check = new IntegrityCheck({
    dataDir: "/data",
    clock,
    log: memoryLog().log,
    distrust: (why) => distrusted.push(why),
    keep: (checked) => kept.push(checked),
    run: (args) => {
      runs.push(args);
      return Promise.resolve(end);
    },
  });
  const pass = async (ms: number) => {
    await clock.advance(ms);
    check.step();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { clock, runs, distrusted, kept, pass };
}

const verdict = (is: string) =>
  JSON.stringify({ ok: false, found: 1, findings: [{ is, where: "state: row 1 missing" }] });

test("the whole database is read a minute after the start and then each week, beside the gateway", async () => {
  const { runs, distrusted, pass } = setUp({
    ...{ code: 0, err: "" },
    out: JSON.stringify({ ok: true, found: 0, findings: [] }),
  });
  await pass(59_000);
  expect(runs).toHaveLength(0);
  await pass(1_000);
  await pass(86_400_000);
  expect(runs).toEqual([["verify", "--data", "/data", "--gently", "--json"]]);
  await pass(6 * 86_400_000);
  expect(runs).toHaveLength(2);
  expect(distrusted).toEqual([]);
});

test("damage of the structure ends the database, damage of a chunk's content does not", async () => {
  const structure = setUp({ code: 1, out: verdict("structure"), err: "" });
  await structure.pass(60_000);
  expect(structure.distrusted).toEqual(["state: row 1 missing"]);
  const chunk = setUp({ code: 1, out: verdict("chunk"), err: "" });
  await chunk.pass(60_000);
  expect(chunk.distrusted).toEqual([]);
});

test("a check that did not come to its end says nothing of the database", async () => {
  const { distrusted, kept, pass } = setUp({ code: undefined, out: '{"ok":fal', err: "killed" });
  await pass(60_000);
  expect(distrusted).toEqual([]);
  expect(kept).toEqual([]);
});

test("what a check found is kept with its time, and what is no such thing is nothing", async () => {
  const { clock, kept, pass } = setUp({ code: 1, out: verdict("chunk"), err: "" });
  await pass(60_000);
  expect(kept).toEqual([{ at: clock.now(), ok: false, found: 1 }]);
  expect(readChecked(kept[0])).toEqual(kept[0]);
  expect(readChecked("yesterday")).toBeUndefined();
});
