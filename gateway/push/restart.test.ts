import fc from "fast-check";
import { expect, test } from "vitest";
import { PushRig } from "../../tests/support/push-rig.ts";

const minute = 60_000;
const person = { sms: ["+8613800138000"] };
const config = {
  notify: { one: person, two: person, three: person },
  escalation: {
    ladder: {
      steps: [
        { after: "0s", notify: ["one"] },
        { after: "10min", notify: ["two"] },
        { after: "20min", notify: ["three"] },
      ],
      remindEvery: "30min",
    },
  },
};
const rules = [{ id: "warm", escalate: "ladder" }];
const undisturbed = ["0 one raised", "10 two escalated", "20 three escalated"];

function raised() {
  const rig = new PushRig({ config, rules });
  rig.raise("warm");
  rig.commit();
  return rig;
}

test("a restart at any second changes nothing of a ladder", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 25 * 60 }), { maxLength: 5 }), (restarts) => {
      const rig = raised();
      for (let second = 0; second <= 25 * 60; second += 1) {
        if (restarts.includes(second)) rig.restart();
        rig.advance(1_000);
      }
      expect(rig.lines).toEqual(undisturbed);
    }),
    { numRuns: 20 },
  );
});

test("what was due while the process was dead is told at the start, and the rest in its time", () => {
  const rig = raised();
  rig.advance(5 * minute);
  rig.restart({ downMs: 7 * minute });
  rig.advance(30 * minute);
  expect(rig.lines).toEqual(["0 one raised", "12 two escalated", "20 three escalated"]);
});

test("in another boot a clock that can be believed says how long it was down", () => {
  const rig = raised();
  rig.advance(5 * minute);
  rig.restart({ downMs: 2 * minute, reboot: true });
  rig.advance(60 * minute);
  // The monotonic clock began at 5 s again, 7 min after the alarm.
  expect(rig.told.map(({ atS, receiver }) => `${atS} ${receiver}`)).toEqual([
    "0 one",
    "185 two",
    "785 three",
  ]);
});

test("in another boot without a clock to believe the next step is told at once, the others as far apart as before", () => {
  const rig = raised();
  rig.advance(5 * minute);
  rig.synchronized = false;
  rig.wall = 0;
  rig.restart({ reboot: true });
  rig.advance(60 * minute);
  expect(rig.told.map(({ atS, receiver }) => `${atS} ${receiver}`)).toEqual([
    "0 one",
    "5 two",
    "605 three",
  ]);
});

test.each([-86_400_000, 86_400_000, -Date.UTC(2026, 11, 1)])(
  "a wall clock that steps by %d ms fires no step early or late, nor over a restart",
  (stepMs) => {
    const rig = raised();
    rig.advance(5 * minute);
    rig.wall += stepMs;
    rig.advance(minute);
    rig.restart();
    rig.advance(30 * minute);
    expect(rig.lines).toEqual(undisturbed);
    expect(rig.events.filter(({ what }) => what === "dead")).toEqual([]);
  },
);

test("an acknowledged alarm stays so over a reboot, and its reminders go on", () => {
  const rig = raised();
  rig.move("warm", "acknowledged", "acknowledged", {}, "alice");
  rig.commit();
  rig.advance(20 * minute);
  rig.restart();
  rig.advance(15 * minute);
  expect(rig.lines).toEqual(["0 one raised", "30 one reminder"]);
});

test("numbers of pushes are never given twice, also when all have left before a restart", () => {
  const rig = raised();
  rig.settle(rig.desk.waiting().map(({ id }) => ({ id, state: "delivered", attempts: 1 })));
  expect(rig.desk.waiting()).toEqual([]);
  rig.restart();
  rig.advance(10 * minute);
  expect(rig.pushes.map(({ id }) => id.split("-")[0])).toEqual(["1", "2"]);
});

test("an alarm that the configuration gives to somebody only now is told at the start", () => {
  const rig = new PushRig({ config: { notify: config.notify }, rules });
  rig.raise("warm");
  rig.commit();
  expect(rig.pushes).toEqual([]);
  const later = new PushRig({ config, rules });
  later.alarms.set("warm", { ...rig.alarms.get("warm") } as never);
  later.restart();
  expect(later.lines).toEqual(["0 one raised"]);
});

test("an escalation whose alarm is gone, or that cannot be read, is forgotten without a word", () => {
  const rig = raised();
  rig.alarms.delete("warm");
  rig.state.set("escalation/other", { version: 99 });
  rig.restart();
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised"]);
  expect([...rig.state.keys()].filter((key) => key.startsWith("escalation/"))).toEqual([]);
});

const deeds = fc.constantFrom(
  "raise",
  "return",
  "acknowledge",
  "shelve",
  "unshelve",
  "realarm",
  "wait",
  "restart",
  "reboot",
  "jump",
);

test("whatever happens, everybody who had to be told is told, and nobody of what was never raised", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(deeds, fc.constantFrom("a", "b", "c")), { maxLength: 60 }),
      (script) => {
        const ids = ["a", "b", "c"];
        const rig = new PushRig({
          config,
          rules: ids.map((id) => ({ id, priority: "critical", escalate: "ladder" })),
        });
        const raisedIds = new Set<string>();
        const must: string[] = [];
        for (const [deed, rule] of script) {
          const state = rig.alarms.get(rule)?.state ?? "normal";
          if (deed === "raise" && (state === "normal" || state === "returned-unacknowledged")) {
            const id = rig.raise(rule);
            raisedIds.add(id);
            must.push(`${id} one`);
          } else if (deed === "return" && state === "unacknowledged") {
            rig.move(rule, "returned-unacknowledged", "returned");
          } else if (deed === "return" && state === "acknowledged") {
            rig.move(rule, "normal", "returned");
          } else if (deed === "acknowledge" && state === "unacknowledged") {
            rig.move(rule, "acknowledged", "acknowledged", {}, "x");
          } else if (deed === "acknowledge" && state === "returned-unacknowledged") {
            rig.move(rule, "normal", "acknowledged", {}, "x");
          } else if (deed === "shelve" && state === "acknowledged") {
            rig.move(rule, "shelved", "shelved");
          } else if (deed === "unshelve" && state === "shelved") {
            rig.move(rule, "unacknowledged", "unshelved");
          } else if (deed === "realarm" && state === "acknowledged") {
            rig.move(rule, "unacknowledged", "re-alarm");
          } else if (deed === "wait") rig.advance(7 * minute);
          else if (deed === "restart") rig.restart();
          else if (deed === "reboot") rig.restart({ downMs: minute, reboot: true });
          else if (deed === "jump") rig.wall += 3_600_000;
          rig.commit();
        }
        // Those still calling are told to the top of the ladder.
        const calling = [...rig.alarms.values()].filter(({ state }) => state === "unacknowledged");
        rig.restart();
        rig.advance(60 * minute);
        for (const { id } of calling) must.push(`${id} two`, `${id} three`);
        const told = new Set(
          rig.pushes
            .filter(({ kind }) => kind === "raised" || kind === "escalated")
            .map(({ alarm, receiver }) => `${alarm} ${receiver}`),
        );
        for (const wanted of must) expect(told).toContain(wanted);
        for (const { alarm } of rig.pushes) expect(raisedIds).toContain(alarm);
        for (const { alarm, receiver, kind } of rig.pushes) {
          if (kind === "returned") expect(told).toContain(`${alarm} ${receiver}`);
        }
        // The queue as stored is the queue as known.
        const stored = [...rig.state.keys()].filter((key) => key.startsWith("push/"));
        expect(stored).toHaveLength(rig.desk.waiting().length);
      },
    ),
    { numRuns: 60 },
  );
});
