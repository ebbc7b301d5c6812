import { expect, test } from "vitest";
import { loadText } from "../load.ts";

/** A cold room that does all that GSP demands. */
const gsp = `version: 1
gateway: { id: g }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices:
      a: { template: xy-md02, unitId: 1, every: 10s, points: { temperature: { calibrated: { on: 2026-01-31 } }, humidity: { calibrated: { on: 2026-01-31 } } } }
      b: { template: xy-md02, unitId: 2, every: 10s, points: { temperature: { calibrated: { on: 2026-01-31 } } } }
      io:
        unitId: 3
        every: 1s
        points:
          mains: { table: discrete, address: 0 }
          lamp: { table: coil, address: 0, access: write }
          buzzer: { table: coil, address: 1, access: write }
          guard-lamp: { table: coil, address: 2, access: write }
          guard-siren: { table: coil, address: 3, access: write }
          relay: { table: coil, address: 4, access: write, name: Relay }
locations:
  room: { kind: room, profile: gsp-cold, temperature: [a/temperature, b/temperature], humidity: a/humidity, mains: io/mains, area: 100, annunciate: [door, guard], notify: [night], escalate: up }
annunciators:
  door: { red: io/lamp, buzzer: io/buzzer }
  guard: { place: second, lamp: io/guard-lamp, siren: io/guard-siren }
sms: { port: serial:/dev/serial/by-id/modem }
notify: { night: { sms: ["+8613800138000", "+8613800138001"] }, boss: { sms: ["+8613800138002"] } }
escalation: { up: { steps: [{ after: 10min, notify: [boss] }] } }
rules:
  relay: { point: a/temperature, above: 9, outputs: [io/relay] }
`;

const springMs = Date.UTC(2026, 3, 1);

function codes(from: string | RegExp, to: string, now = springMs) {
  const text = gsp.replace(from, to);
  if (from !== "" && text === gsp) throw new Error(`nothing is replaced: ${from}`);
  const loaded = loadText(text, "gateway.yaml", { now });
  return (loaded.ok ? loaded.warnings : loaded.problems).map(({ code }) => code);
}

test("a cold room that does all that GSP demands has nothing to be told", () => {
  expect(codes("", "")).toEqual([]);
});

test.each<readonly [string, string | RegExp, string, string]>([
  ["two numbers only", `"+8613800138002"`, `"+8613800138001"`, "duty/sms"],
  ["a ladder that nobody climbs", ", escalate: up", "", "duty/sms"],
  ["a receiver that hears of low alarms only", "boss: {", "boss: { priorities: [low],", "duty/sms"],
  ["no second place", "place: second, ", "", "duty/place"],
  ["a second place that is silent", ", siren: io/guard-siren", "", "duty/place"],
  ["no light here", "red: io/lamp, ", "", "duty/place"],
  [
    "an annunciator that does not show it",
    "annunciate: [door, guard]",
    "annunciate: [door]",
    "duty/place",
  ],
  ["no mains", "mains: io/mains, ", "", "duty/mains"],
  ["mains that are read too seldom", "every: 1s", "every: 55s", "duty/mains-late"],
  [
    "a corrected reading",
    "{ temperature: { calibrated",
    "{ temperature: { calibration: { offset: 0.1 }, calibrated",
    "duty/offset",
  ],
  [
    "a gain",
    "{ temperature: { calibrated",
    "{ temperature: { calibration: { gain: 1.01 }, calibrated",
    "duty/offset",
  ],
  ["an output by its key", /relay/g, "compressor", "duty/refrigeration"],
  ["an output by its name", "name: Relay", "name: 压缩机", "duty/refrigeration"],
  ["readings every two minutes", /every: 10s/g, "every: 2min", "duty/refresh"],
  ["records for a year", "rules:", "store: { recordsFor: 365d }\nrules:", "duty/keep-for"],
  ["a larger room", "area: 100", "area: 101", "duty/probes"],
  [
    "no date of calibration",
    ", humidity: { calibrated: { on: 2026-01-31 } }",
    "",
    "duty/calibrated",
  ],
  [
    "degrees Fahrenheit",
    "{ temperature: { calibrated",
    '{ temperature: { convertTo: "[degF]", calibrated',
    "profile/unit",
  ],
  ["no humidity", "humidity: a/humidity, ", "", "profile/no-probe"],
])("%s is told", (_, from, to, code) => {
  expect(new Set(codes(from, to))).toEqual(new Set([code]));
});

test("a calibration that changes nothing is no correction", () => {
  expect(
    codes(
      "{ temperature: { calibrated",
      "{ temperature: { calibration: { gain: 1, offset: 0 }, calibrated",
    ),
  ).toEqual([]);
});

test("a calibration is due a year later, and over when that day is", () => {
  const due = Date.UTC(2027, 0, 31);
  expect(codes("", "", due)).toEqual([]);
  expect(codes("", "", due + 2 * 86_400_000)).toContain("duty/calibration-due");
  expect(codes("{ on: 2026-01-31 } }, hum", "{ on: 2026-01-31, due: 2026-03-01 } }, hum")).toEqual([
    "duty/calibration-due",
  ]);
});

test("the ladder of all rules counts where a location names nobody", () => {
  const nobody = "notify: [night], escalate: up";
  expect(codes(nobody, "notify: []")).toContain("duty/sms");
  const text =
    "steps: [{ notify: [night] }, { after: 10min, notify: [boss] }] } }\nalarms: { escalate: up }";
  const loaded = loadText(
    gsp.replace(`, ${nobody}`, "").replace(/steps: .*/, text),
    "gateway.yaml",
    { now: springMs },
  );
  expect(loaded.ok && loaded.warnings).toEqual([]);
});

test("links are refused where a profile wants an acknowledgement on the spot", () => {
  const links = "alarms: { links: true, site: https://x.example.com }\nrules:";
  expect(codes("rules:", links)).toEqual([]);
  const loaded = loadText(gsp.replace("rules:", links).replace("gsp-cold", "cct"), "gateway.yaml", {
    now: springMs,
  });
  expect(loaded.ok ? [] : loaded.problems.map(({ code }) => code)).toEqual(["duty/links"]);
});
