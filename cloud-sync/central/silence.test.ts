import { expect, test } from "vitest";
import {
  type CentralRule,
  type Contact,
  carriedSilentAfterMs,
  Silence,
  silentAfterMs,
  stoppedAfterMs,
} from "./silence.ts";

const minute = 60_000;
const day = 86_400_000;

const contact = (more: Partial<Contact> = {}): Contact => ({
  gateway: "gw-1",
  contactAt: 5_000_000,
  aliveAgeMs: undefined,
  open: new Map(),
  ...more,
});
const open = (rule: CentralRule, since: number) => ({ open: new Map([[rule, since]]) });

/** Looks every 10 s from one time to another; what was found at last. */
function watch(silence: Silence, contacts: readonly Contact[], from: number, to: number) {
  let found = silence.judge(contacts, from);
  for (let now = from + 10_000; now <= to; now += 10_000) found = silence.judge(contacts, now);
  return found;
}

test("three missed heartbeats make a gateway silent since its last contact, not two", () => {
  const silence = new Silence();
  expect(watch(silence, [contact()], 0, silentAfterMs - 10_000).begin).toEqual([]);
  expect(silence.judge([contact()], silentAfterMs).begin).toEqual([
    { gateway: "gw-1", rule: "central/silent", since: 5_000_000 },
  ]);
});

test("a heartbeat begins the silence anew", () => {
  const silence = new Silence();
  watch(silence, [contact()], 0, 170_000);
  const heard = [contact({ contactAt: 5_170_000 })];
  expect(watch(silence, heard, 180_000, 350_000).begin).toEqual([]);
  expect(silence.judge(heard, 360_000).begin).toHaveLength(1);
});

test("a gateway that never spoke is not silent", () => {
  const silence = new Silence();
  expect(watch(silence, [contact({ contactAt: undefined })], 0, day / 24).begin).toEqual([]);
});

test("after central's own outage nobody is silent before a whole silence has passed", () => {
  const silence = new Silence();
  watch(silence, [contact()], 0, 2 * minute);
  const back = 2 * minute + day;
  expect(watch(silence, [contact()], back, back + silentAfterMs - 10_000).begin).toEqual([]);
  expect(silence.judge([contact()], back + silentAfterMs).begin).toHaveLength(1);
});

test("a database clock that is set, forwards or back, makes nobody silent", () => {
  const silence = new Silence();
  let contactAt = 5_000_000;
  for (let beat = 0; beat < 20; beat += 1) {
    contactAt += beat === 7 ? day : beat === 13 ? -2 * day : minute;
    expect(watch(silence, [contact({ contactAt })], beat * minute, beat * minute + 50_000)).toEqual(
      {
        begin: [],
        end: [],
      },
    );
  }
});

test("a silence ends with the next contact, also when central was restarted in between", () => {
  const stillSilent = contact(open("central/silent", 5_000_000));
  expect(new Silence().judge([stillSilent], 0)).toEqual({ begin: [], end: [] });
  const heard = contact({ ...open("central/silent", 5_000_000), contactAt: 4_000_000 });
  expect(new Silence().judge([heard], 0).end).toEqual([
    { gateway: "gw-1", rule: "central/silent" },
  ]);
});

test("an agent that speaks for a gateway that stands still makes it stopped, and living again ends it", () => {
  const silence = new Silence();
  expect(silence.judge([contact({ aliveAgeMs: stoppedAfterMs })], 0).begin).toEqual([]);
  expect(silence.judge([contact({ aliveAgeMs: stoppedAfterMs + 1 })], 0).begin).toEqual([
    { gateway: "gw-1", rule: "central/stopped", since: 5_000_000 - stoppedAfterMs - 1 },
  ]);
  const back = contact({ ...open("central/stopped", 1), aliveAgeMs: 3_000 });
  expect(silence.judge([back], 10_000).end).toEqual([{ gateway: "gw-1", rule: "central/stopped" }]);
});

test("of a silent gateway nobody knows whether it stopped: what was said stays", () => {
  const both = contact({
    aliveAgeMs: 3_000,
    open: new Map([
      ["central/silent", 5_000_000],
      ["central/stopped", 1],
    ]),
  });
  expect(new Silence().judge([both], 0)).toEqual({ begin: [], end: [] });
});

test("a gateway that only bundles come from is silent after days without one, also when central was just started", () => {
  const carried = (carriedAgeMs: number) => [contact({ carriedAgeMs })];
  const silence = new Silence();
  expect(watch(silence, carried(7 * day), 0, day / 24).begin).toEqual([]);
  const found = [{ gateway: "gw-1", rule: "central/silent", since: 5_000_000 }];
  expect(silence.judge(carried(carriedSilentAfterMs), day).begin).toEqual(found);
  expect(new Silence().judge(carried(9 * day), 0).begin).toEqual(found);
  expect(new Silence(30 * day).judge(carried(9 * day), 0).begin).toEqual([]);
  const back = contact({ carriedAgeMs: 0, contactAt: 6_000_000 });
  const ended = silence.judge([{ ...back, ...open("central/silent", 5_000_000) }], day + 10_000);
  expect(ended.end).toEqual([{ gateway: "gw-1", rule: "central/silent" }]);
});
