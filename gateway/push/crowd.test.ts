import { expect, test } from "vitest";
import { PushRig, type PushRigOptions } from "../../tests/support/push-rig.ts";

const minute = 60_000;
const one = { sms: ["+8613800138000"], ntfy: { topic: "one" } };
const rules = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ id: `r${index}`, notify: ["one"], ...more }));

function rigOf(options: Partial<PushRigOptions> & { readonly receiver?: object }) {
  const { receiver = {}, ...rest } = options;
  const config = { notify: { one: { ...one, ...receiver } } };
  return new PushRig({ rules: rules(20), config, ...rest });
}

const summaries = (rig: PushRig) =>
  rig.pushes
    .filter(({ channel }) => channel === "sms")
    .map(({ atS, kind, title }) => `${atS} ${kind} ${title}`);

test("in a flood only critical alarms come singly, the others as one message for each channel", () => {
  const rig = rigOf({
    rules: [...rules(20), { id: "fire", notify: ["one"], priority: "critical" }],
  });
  for (let index = 0; index < 14; index += 1) {
    rig.raise(`r${index}`);
    rig.commit();
    rig.advance(10_000);
  }
  rig.raise("fire");
  rig.commit();
  expect(rig.desk.flooded).toBe(true);
  const singles = rig.pushes.filter(({ kind }) => kind === "raised");
  expect(singles.map(({ alarm }) => alarm)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => [`r${index}#1`, `r${index}#1`]).flat(),
    "fire#1",
    "fire#1",
  ]);
  expect(rig.events.map(({ what }) => what)).toContain("flood-began");
  rig.advance(5 * minute);
  const digests = rig.pushes.filter(({ kind }) => kind === "digest");
  expect(digests.map(({ channel }) => channel)).toEqual(["sms", "ntfy"]);
  expect(digests[0]?.title).toBe("4 alarms, highest priority HIGH");
  expect(digests[0]?.fields).toMatchObject({ count: 4, priority: "high" });
  expect(summaries(rig).filter((line) => line.includes("notice"))).toEqual([
    "100 notice Alarm flood: 11 new alarms in 10 min",
  ]);
});

test("the end of a flood tells what waits, and that it is over; each alarm then comes singly again", () => {
  const rig = rigOf({});
  for (let index = 0; index < 12; index += 1) rig.raise(`r${index}`);
  rig.commit();
  rig.advance(11 * minute);
  expect(summaries(rig)).toEqual([
    "0 notice Alarm flood: 12 new alarms in 10 min",
    "300 digest 12 alarms, highest priority HIGH",
    "600 notice The alarm flood is over",
  ]);
  expect(rig.events.filter(({ what }) => what === "flood-ended")).toEqual([
    { what: "flood-ended", count: 0 },
  ]);
  rig.raise("r15");
  rig.commit();
  expect(summaries(rig).at(-1)).toBe("660 raised HIGH: r15 is too warm");
});

test("what was told in a digest returns in a digest, counted, over a restart too", () => {
  const rig = rigOf({});
  for (let index = 0; index < 12; index += 1) rig.raise(`r${index}`);
  rig.commit();
  rig.advance(2 * minute);
  rig.restart();
  rig.advance(4 * minute);
  for (let index = 0; index < 3; index += 1) rig.move(`r${index}`, "normal", "returned");
  rig.commit();
  rig.restart();
  rig.advance(20 * minute);
  expect(summaries(rig)).toEqual([
    "0 notice Alarm flood: 12 new alarms in 10 min",
    "300 digest 12 alarms, highest priority HIGH",
    "600 digest 3 alarms are back to normal",
    "600 notice The alarm flood is over",
  ]);
});

test("a rule that calls again and again in a flood is one line with its count", () => {
  const rig = rigOf({});
  for (let index = 0; index < 11; index += 1) rig.raise(`r${index}`);
  rig.commit();
  for (let turn = 0; turn < 5; turn += 1) {
    rig.move("r3", "returned-unacknowledged", "returned");
    rig.raise("r3");
    rig.commit();
    rig.advance(1_000);
  }
  rig.advance(5 * minute);
  const digest = rig.pushes.find(({ kind }) => kind === "digest");
  expect(digest?.title).toBe("16 alarms, highest priority HIGH");
  expect(digest?.text).toContain("r3 is too warm 8.6°C ×6");
});

test("more than three alarms of one instant are one message, critical ones are not", () => {
  const rig = rigOf({
    rules: [...rules(5), { id: "fire", notify: ["one"], priority: "critical" }],
  });
  for (let index = 0; index < 4; index += 1) rig.raise(`r${index}`);
  rig.raise("fire");
  rig.commit();
  expect(summaries(rig)).toEqual([
    "0 raised CRITICAL: fire is too warm",
    "0 digest 4 alarms, highest priority HIGH",
  ]);
});

test("in quiet hours only the priorities that it excepts are told; what is still active is told when they end", () => {
  let quiet: boolean | undefined = true;
  const rig = rigOf({
    rules: [...rules(3), { id: "fire", notify: ["one"], priority: "critical" }],
    receiver: { quiet: { during: "night" } },
    isDuring: () => quiet,
  });
  for (const id of ["r0", "r1", "r2", "fire"]) rig.raise(id);
  rig.commit();
  rig.advance(60 * minute);
  expect(summaries(rig)).toEqual(["0 raised CRITICAL: fire is too warm"]);
  rig.move("r0", "returned-unacknowledged", "returned");
  rig.commit();
  rig.restart();
  quiet = false;
  rig.advance(minute);
  expect(summaries(rig).slice(1)).toEqual(["3630 digest 2 alarms, highest priority HIGH"]);
  rig.move("r1", "normal", "returned");
  rig.commit();
  expect(summaries(rig).at(-1)).toBe("3660 returned OK: r1 is too warm");
});

test("a schedule of which nothing is known keeps nobody from being told", () => {
  const rig = rigOf({ receiver: { quiet: { during: "night" } }, isDuring: () => undefined });
  rig.raise("r0");
  rig.commit();
  expect(rig.lines).toEqual(["0 one raised"]);
});

test("a receiver of some priorities is told of no others, nor of their end", () => {
  const rig = rigOf({ receiver: { priorities: ["low"] } });
  rig.raise("r0");
  rig.commit();
  rig.move("r0", "normal", "returned");
  rig.commit();
  expect(rig.pushes).toEqual([]);
});

test("an alarm that another one explains is on record, and told when that one is over and it is not", () => {
  const rig = rigOf({});
  rig.raise("r0", { inhibited: true });
  rig.raise("r1", { inhibited: true });
  rig.commit();
  rig.advance(60 * minute);
  rig.restart();
  expect(rig.pushes).toEqual([]);
  expect(rig.events).toContainEqual({ what: "held", why: "inhibited", alarm: "r0#1" });
  rig.move("r1", "returned-unacknowledged", "returned");
  rig.commit();
  rig.set("r0", { inhibited: false });
  rig.set("r1", { inhibited: false });
  rig.raise("r2");
  rig.commit();
  expect(rig.told.map(({ alarm, kind }) => `${alarm} ${kind}`)).toEqual([
    "r0#1 raised",
    "r2#1 raised",
  ]);
});

test("alarms that another one explains do not count towards a flood", () => {
  const rig = rigOf({});
  for (let index = 0; index < 19; index += 1) rig.raise(`r${index}`, { inhibited: true });
  rig.raise("r19");
  rig.commit();
  expect(rig.desk.flooded).toBe(false);
  expect(rig.lines).toEqual(["0 one raised"]);
});

test("notices go to those who are told first of the rule, in their language, and wait for quiet hours to end", () => {
  let quiet = true;
  const rig = new PushRig({
    config: {
      notify: {
        one: { ...one, language: "zh", quiet: { during: "night" } },
        two: one,
        other: one,
      },
    },
    rules: [{ id: "warm", notify: ["one", "two"] }],
    isDuring: () => quiet,
  });
  const historic = {
    kind: "historic",
    rule: "warm",
    priority: "low",
    message: "too warm",
    location: "cold-1",
    peak: 9,
    from: Date.UTC(2026, 10, 30, 3),
    until: Date.UTC(2026, 10, 30, 4),
  } as const;
  rig.commit([historic]);
  expect(rig.lines).toEqual(["0 two historic"]);
  rig.restart();
  quiet = false;
  rig.advance(minute);
  expect(rig.told.map(({ receiver }) => receiver)).toEqual(["two", "one"]);
  expect(rig.pushes.at(-1)?.title).toBe("补报：too warm");
  expect(rig.pushes[0]?.text).toContain("not happening now");
  rig.commit([
    {
      kind: "notice",
      priority: "low",
      title: { en: "Due", zh: "到期" },
      text: { en: "x", zh: "y" },
    },
  ]);
  expect(rig.told.slice(2).map(({ receiver }) => receiver)).toEqual(["one", "two", "other"]);
});
