import { expect, type TestContext, test } from "vitest";
import type { AlarmView } from "../../gateway/panel/api.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { ShelfSite } from "../support/shelf-site.ts";

const dayMs = 86_400_000;

async function siteAt(context: TestContext, offsetMs: number) {
  let time: FakeTime | undefined;
  const site = await ShelfSite.open({
    shelves: 1,
    // Long over by the real clock, far away by one that was never set.
    item: "min: 5, lots: [{ lot: A1, expires: 2026-01-31 }]",
    env: (folder) => {
      time = fakeTime(context, folder, offsetMs);
      return time.env;
    },
  });
  await site.handle(1, 40, 0);
  await site.begin();
  await site.settled(1);
  return { site, step: (ms: number) => time?.step(ms) };
}

const expired = (all: readonly AlarmView[]) => all.filter(({ rule }) => /expir/.test(rule)).length;

test("a clock at 1970: picks count in their order and no lot is expired, until the clock is set and it is", async (context) => {
  const { site, step } = await siteAt(context, -Date.now() + 60_000);
  await using _ = site;
  await site.handle(1, -3);
  await site.settled(1);
  await site.handle(1, -4);
  expect(await site.settled(1)).toMatchObject({ quantity: 33 });
  expect(expired(await site.get<readonly AlarmView[]>("/api/alarms"))).toBe(0);
  expect((await site.movements()).map(({ clock }) => clock)).not.toContain("synchronized");
  step(0);
  await site.alarm(({ rule }) => /expired/.test(rule));
  await site.handle(1, -2);
  expect(await site.settled(1)).toMatchObject({ quantity: 31 });
  const picks = await site.movements("&kind=pick");
  expect(picks.map(({ quantity }) => quantity)).toEqual([-3, -4, -2]);
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: true, differences: [] });
});

test("a wall clock that is stepped by a day, back and forth, while a shelf is picked from: each pick counts once, in order", async (context) => {
  const { site, step } = await siteAt(context, 0);
  await using _ = site;
  const done: number[] = [];
  for (const [offsetMs, pieces] of [
    [0, -1],
    [-dayMs, -2],
    [dayMs, -3],
    [0, -4],
  ] as const) {
    // In the middle of the pick.
    const handled = site.handle(1, pieces);
    step(offsetMs);
    await handled;
    await site.settled(1);
    done.push(pieces);
  }
  const picks = await site.movements("&kind=pick");
  expect(picks.map(({ quantity }) => quantity)).toEqual(done);
  expect(await site.stock(1)).toMatchObject({ quantity: 30 });
  // What was taken under the clock of tomorrow stands on tomorrow, and no day has anything twice.
  const { days } = await site.get<{ days: readonly { demand: number }[] }>(
    "/api/stock/outlook?location=s1&item=i1",
  );
  expect(days.reduce((sum, { demand }) => sum + demand, 0)).toBe(7);
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: true, differences: [] });
});
