import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Priority } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { alarmIn } from "../../tests/support/alarms.ts";
import type { Alarm, AlarmState } from "./alarm.ts";
import { Annunciator, type OutputSettings, outputTestMs, silenceMsMax } from "./annunciator.ts";

const lamp: PointKey = "stack/red";
const buzzer: PointKey = "stack/buzzer";
const siren: PointKey = "siren/relay";

const outputs: ReadonlyMap<PointKey, OutputSettings> = new Map<PointKey, OutputSettings>([
  [lamp, { role: "lamp", flash: true }],
  [buzzer, { role: "buzzer", flash: true }],
  [siren, { role: "buzzer", flash: false }],
]);

function alarm(state: AlarmState, priority: Priority = "critical", id = "warm#1"): Alarm {
  const rule = id.split("#")[0] ?? id;
  return alarmIn(state, { id, rule, priority, outputs: [lamp, buzzer, siren] });
}

function annunciator(...alarms: readonly Alarm[]): Annunciator {
  const it = new Annunciator(outputs);
  it.update(alarms, 0);
  return it;
}

/**
 * Moments at which one output changes within `ms`, beginning with on at 0: found by following
 * nextChange.
 */
function edges(it: Annunciator, output: PointKey, ms: number): number[] {
  const found: number[] = [];
  let on = false;
  for (let at: number | undefined = 0; at !== undefined && at < ms; at = it.nextChange(at)) {
    if ((it.desired(at).get(output) ?? false) === on) continue;
    on = !on;
    found.push(at);
  }
  return found;
}

describe("patterns", () => {
  test.for([
    ["critical", [0, 250, 500, 750, 1_000]],
    ["high", [0, 250, 500, 750, 1_000]],
    ["medium", [0, 833]],
    ["low", [0]],
  ] as const)("an unacknowledged %s alarm flashes a lamp at %j", ([priority, expected]) => {
    expect(edges(annunciator(alarm("unacknowledged", priority)), lamp, 1_001)).toEqual(expected);
  });

  test("a critical alarm sounds ten pulses, three and two and again, every seven seconds", () => {
    const starts = edges(annunciator(alarm("unacknowledged")), buzzer, 14_000).filter(
      (_, index) => index % 2 === 0,
    );
    const first = [0, 240, 480, 960, 1_200, 1_920, 2_160, 2_400, 2_880, 3_120];
    expect(starts).toEqual([...first, ...first.map((at) => at + 7_000)]);
  });

  test("a medium alarm sounds three pulses every twelve seconds, a low one a single pulse", () => {
    const medium = edges(annunciator(alarm("unacknowledged", "medium")), buzzer, 12_001);
    expect(medium).toEqual([0, 200, 400, 600, 800, 1_000, 12_000]);
    expect(edges(annunciator(alarm("unacknowledged", "low")), buzzer, 30_001)).toEqual([
      0, 200, 30_000,
    ]);
  });

  test("an output that must not flash is on all the time", () => {
    expect(edges(annunciator(alarm("unacknowledged")), siren, 60_000)).toEqual([0]);
  });

  test("after the acknowledgement the lamp is steady and the buzzers are off", () => {
    const it = annunciator(alarm("acknowledged"));
    expect(edges(it, lamp, 60_000)).toEqual([0]);
    expect(edges(it, buzzer, 60_000)).toEqual([]);
    expect(edges(it, siren, 60_000)).toEqual([]);
  });

  test("an alarm that returned before anybody saw it keeps the lamp steady without a sound", () => {
    const it = annunciator(alarm("returned-unacknowledged"));
    expect(edges(it, lamp, 60_000)).toEqual([0]);
    expect(edges(it, buzzer, 60_000)).toEqual([]);
  });

  test("an alarm that is over leaves every output off and nothing to wait for", () => {
    const it = annunciator(alarm("normal"));
    expect([...it.desired(5).values()]).toEqual([false, false, false]);
    expect(it.nextChange(5)).toBeUndefined();
  });
});

describe("several alarms on one output", () => {
  test("the unacknowledged one with the highest priority gives the pattern", () => {
    const low = alarm("unacknowledged", "low", "a#1");
    const medium = alarm("unacknowledged", "medium", "b#1");
    const seen = alarm("acknowledged", "critical", "c#1");
    expect(edges(annunciator(low, seen, medium), lamp, 1_000)).toEqual([0, 833]);
  });

  test("a new alarm is heard at once, not with the next burst", () => {
    const it = annunciator(alarm("unacknowledged"));
    expect(it.desired(5_000).get(buzzer)).toBe(false);
    it.update([alarm("unacknowledged"), alarm("unacknowledged", "high", "door#1")], 5_000);
    expect(it.desired(5_000).get(buzzer)).toBe(true);
  });

  test("alarms that stay as they are do not disturb the rhythm", () => {
    const it = annunciator(alarm("unacknowledged"));
    it.update([alarm("unacknowledged"), alarm("normal", "low", "door#1")], 300);
    expect(it.desired(300).get(lamp)).toBe(false);
    expect(it.nextChange(300)).toBe(360);
  });
});

describe("silence", () => {
  test("sounding outputs are quiet until the time is over, lamps go on", () => {
    const it = annunciator(alarm("unacknowledged"));
    it.silence(60_000, 0);
    expect(it.desired(0)).toEqual(
      new Map([
        [lamp, true],
        [buzzer, false],
        [siren, false],
      ]),
    );
    expect(it.status(0)).toMatchObject([
      { key: lamp, silenced: false },
      { key: buzzer, silenced: true, alarms: ["warm#1"] },
      { key: siren, silenced: true },
    ]);
    expect(it.desired(59_999).get(siren)).toBe(false);
    expect(it.desired(60_000).get(siren)).toBe(true);
  });

  test("nobody can silence for longer than the limit", () => {
    const it = annunciator(alarm("unacknowledged"));
    expect(it.silence(24 * 3_600_000, 1_000)).toBe(1_000 + silenceMsMax);
    expect(it.desired(1_000 + silenceMsMax).get(siren)).toBe(true);
  });

  test("a new alarm ends the silence, a change of the old one does not", () => {
    const it = annunciator(alarm("unacknowledged"), alarm("unacknowledged", "low", "door#1"));
    it.silence(60_000, 0);
    it.update([alarm("acknowledged"), alarm("unacknowledged", "low", "door#1")], 1_000);
    expect(it.desired(1_000).get(siren)).toBe(false);
    it.update([alarm("acknowledged"), alarm("unacknowledged", "low", "door#2")], 2_000);
    expect(it.desired(2_000).get(siren)).toBe(true);
  });
});

describe("test of an output", () => {
  test("turns that output on for its time and is no alarm", () => {
    const it = annunciator();
    it.test(siren, 1_000);
    expect(it.desired(1_000)).toEqual(
      new Map([
        [lamp, false],
        [buzzer, false],
        [siren, true],
      ]),
    );
    expect(it.status(1_000)[2]).toMatchObject({ testing: true, on: true, alarms: [] });
    expect(it.nextChange(1_000)).toBe(1_000 + outputTestMs);
    expect(it.desired(1_000 + outputTestMs).get(siren)).toBe(false);
  });

  test("what is no output is refused", () => {
    expect(() => annunciator().test("stack/blue", 0)).toThrow("stack/blue is not an output");
  });
});

test("between two changes that nextChange tells, no output changes", () => {
  const anyAlarm = fc
    .tuple(
      fc.constantFrom<AlarmState>("unacknowledged", "acknowledged", "returned-unacknowledged"),
      fc.constantFrom<Priority>("low", "medium", "high", "critical"),
      fc.nat(3),
    )
    .map(([state, priority, id]) => alarm(state, priority, `rule-${id}#1`));
  const property = fc.property(
    fc.array(anyAlarm, { maxLength: 3 }),
    fc.option(fc.nat(10_000)),
    fc.nat(40_000),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (alarms, silenceMs, mono, share) => {
      const it = annunciator(...alarms);
      if (silenceMs !== null) it.silence(silenceMs, 0);
      it.test(lamp, 3_000);
      const next = it.nextChange(mono) ?? mono + 100_000;
      expect(next).toBeGreaterThan(mono);
      const between = Math.floor(mono + share * (next - mono - 1));
      expect(it.desired(between)).toEqual(it.desired(mono));
    },
  );
  fc.assert(property, { numRuns: 500 });
});
