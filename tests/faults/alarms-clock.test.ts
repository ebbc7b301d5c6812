import { expect, test } from "vitest";
import { AlarmSite } from "../support/alarm-site.ts";
import { stories, storyPlace } from "../support/alarm-stories.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { storedEvents } from "../support/store-events.ts";

const dayMs = 86_400_000;

/** Between two settings of the wall clock. */
const stepEveryMs = 1_500;

/** A busy machine may look at a timer this late; a clock that is set by a day would make it later or earlier by that. */
const lateMsMax = 10_000;

const played = stories.filter(({ rule }) => ["shelved", "calls-again", "rises"].includes(rule));

test("a wall clock that is set by a day, to 1970 and back lets no shelf, re-alarm or rise fire early or late", async (context) => {
  let time: FakeTime | undefined;
  await using site = await AlarmSite.open({
    ...storyPlace(),
    env: (folder) => {
      time = fakeTime(context, folder, 0);
      return time.env;
    },
  });
  await site.begin();
  const offsets = [-dayMs, dayMs, 60_000 - Date.now(), 0];
  let steps = 0;
  const stepping = setInterval(() => {
    const offset = offsets[steps % offsets.length];
    if (offset !== undefined) time?.step(offset);
    steps += 1;
  }, stepEveryMs);
  const tell = async (story: (typeof played)[number]) => {
    while (steps <= offsets.length) await story.play(site);
  };
  await Promise.all(played.map(tell)).finally(() => clearInterval(stepping));
  await site.killGateway("SIGTERM");

  const events = storedEvents(site.rig.dataDir);
  for (const { rule, timers } of played) {
    const own = events.filter(({ kind, body }) => kind === "alarm" && body["rule"] === rule);
    for (const { from, to, ms } of timers) {
      let began = Number.NaN;
      for (const { body, mono } of own) {
        if (body["cause"] === from) began = mono;
        if (body["cause"] !== to) continue;
        expect(mono - began, `${rule} ${to}`).toBeGreaterThanOrEqual(ms);
        expect(mono - began, `${rule} ${to}`).toBeLessThan(ms + lateMsMax);
      }
    }
  }
  const told = events.filter(({ kind, body }) => kind === "clock" && "steppedMs" in body);
  expect(told.length).toBeGreaterThanOrEqual(3);
  for (const { body } of told) {
    const { steppedMs, before, after } = body;
    expect(Math.abs(Number(after) - Number(before) - Number(steppedMs))).toBeLessThan(2);
    expect(Math.abs(Number(steppedMs))).toBeGreaterThan(dayMs / 2);
  }
});
