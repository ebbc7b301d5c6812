import { expect, test } from "vitest";
import { memoryLog } from "../../../tests/support/manual-clock.ts";
import { RecentIds } from "./recent-ids.ts";
import { RoadNotices } from "./road-notices.ts";
import { SeqWatch } from "./seq-watch.ts";
import { WorkSlots } from "./work-slots.ts";

test("an id passes once within its span, and may pass again long after", () => {
  const ids = new RecentIds(1_000);
  expect(ids.add("a", 0)).toBe(true);
  expect(ids.add("a", 900)).toBe(false);
  expect(ids.add("a", 1_500)).toBe(false);
  expect(ids.add("b", 1_600)).toBe(true);
  expect(ids.add("a", 5_000)).toBe(true);
});

test("so many ids that there is no room push out the oldest only", () => {
  const ids = new RecentIds(1_000_000, 10);
  for (let id = 0; id < 15; id += 1) ids.add(`id ${id}`, 0);
  expect(ids.add("id 14", 0)).toBe(false);
  expect(ids.add("id 5", 0)).toBe(false);
  for (let id = 15; id < 40; id += 1) ids.add(`id ${id}`, 0);
  expect(ids.add("id 0", 0)).toBe(true);
});

test("the same refusal of one source is said once a minute and counted each time", () => {
  const { log, entries } = memoryLog();
  const notices = new RoadNotices(log);
  for (const at of [0, 1_000, 59_000, 60_000]) notices.refused("wrong-seal", "gw-1", at);
  notices.refused("wrong-seal", "gw-2", 60_000);
  expect(entries).toHaveLength(3);
  expect(notices.counts.get("wrong-seal")).toBe(5);
});

test("work that has no place waits, and one gateway has not all of them", async () => {
  const slots = new WorkSlots(2, 1);
  const done = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun: number[] = [];
  for (const [at, it] of done.entries()) {
    await slots.start(async () => {
      begun.push(at);
      await it.promise;
    });
  }
  const third = slots.start(async () => void begun.push(2));
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  done[1]?.resolve();
  await third;
  expect(begun).toEqual([0, 1, 2]);
  {
    using place = slots.claim("gw-1");
    expect(place).toBeDefined();
    expect(slots.claim("gw-1")).toBeUndefined();
    using other = slots.claim("gw-2");
    expect(other).toBeDefined();
  }
  expect(slots.claim("gw-1")).toBeDefined();
  done[0]?.resolve();
});

test("a node out of step is asked for its births, not more often than every ten seconds", () => {
  const seqs = new SeqWatch();
  const heard = (type: string, seq: number | undefined, at = 0) => seqs.heard("n", type, seq, at);
  expect(heard("NDATA", 7)).toBe(true);
  expect(heard("NDATA", 8)).toBe(false);
  expect(heard("NBIRTH", 0)).toBe(false);
  expect(heard("DBIRTH", 1)).toBe(false);
  expect(heard("DDATA", 3, 20_000)).toBe(true);
  expect(heard("DDATA", 4, 20_001)).toBe(false);
  expect(heard("NDEATH", undefined, 20_002)).toBe(false);
  expect(heard("DDATA", 5, 40_000)).toBe(true);
  heard("NBIRTH", 255, 40_001);
  expect(heard("DDATA", 0, 60_000)).toBe(false);
});
