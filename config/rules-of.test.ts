import { expect, test } from "vitest";
import { keyPath, rulesOf } from "./rules-of.ts";
import { configSchema } from "./schema/config.ts";
import { profileSchema } from "./schema/profile.ts";

const text = (en: string) => ({ en, zh: `${en}的中文` });
const profile = profileSchema.parse({
  profile: "p",
  name: text("P"),
  source: "a book",
  temperature: {
    warm: {
      above: 8,
      deadband: 0.2,
      priority: "critical",
      message: text("Warm"),
      advise: text("Act"),
    },
    "warm-long": {
      ...{ above: 8, onDelay: "10min", onDelayBuffered: "1min" },
      ...{ priority: "high", message: text("Warm for long") },
    },
    nearly: { atOrAbove: 7, excursion: false, priority: "medium", message: text("Nearly") },
  },
  humidity: { damp: { above: 75, priority: "high", message: text("Damp") } },
  doorOpen: { onDelay: "3min", priority: "medium", message: text("Open") },
  mainsLost: { onDelay: "10s", priority: "critical", message: text("No mains") },
  noData: { after: "5min", priority: "high", message: text("Silent") },
  fault: { onDelay: "1min", priority: "high", message: text("Faulty") },
});

function rules(sections: object, language = "en") {
  const parsed = configSchema.parse({ version: 1, gateway: { id: "g", language }, ...sections });
  return rulesOf({ ...parsed, profiles: { p: profile } });
}

const room = { kind: "room", profile: "p", temperature: "a/t", humidity: "a/h" };

test("a level takes from its rule what it does not say itself", () => {
  const [h, hh, ...more] = rules({
    rules: {
      warm: {
        ...{ point: "a/t", onDelay: "5min", outputs: ["s/red"], priority: "medium" },
        levels: { H: { above: 8 }, HH: { above: 10, onDelay: "0s", priority: "critical" } },
      },
    },
  });
  expect(more).toEqual([]);
  expect(h).toMatchObject({
    id: "warm:H",
    config: { point: "a/t", above: 8, onDelay: 300_000, priority: "medium", outputs: ["s/red"] },
  });
  expect(hh).toMatchObject({
    id: "warm:HH",
    config: { point: "a/t", above: 10, onDelay: 0, priority: "critical", outputs: ["s/red"] },
  });
  expect(hh?.config.levels).toBeUndefined();
  if (hh === undefined) throw new Error("no level");
  expect(keyPath(hh, "above")).toEqual(["rules", "warm", "levels", "HH", "above"]);
  expect(keyPath(hh, "outputs")).toEqual(["rules", "warm", "outputs"]);
});

test("a location's profile makes a rule of each limit, with whom the location tells", () => {
  const made = rules({
    locations: {
      room: {
        ...room,
        door: "d/open",
        mains: "m/on",
        annunciate: ["x"],
        notify: ["n"],
        escalate: "l",
      },
    },
  });
  expect(made.map(({ id }) => id)).toEqual([
    ...["room:warm", "room:warm-long", "room:nearly", "room:damp", "room:door-open"],
    ...[
      "room:mains-lost",
      "room:no-data:a.t",
      "room:no-data:a.h",
      "room:fault:a.t",
      "room:fault:a.h",
    ],
  ]);
  for (const { config, path, location } of made) {
    expect(config).toMatchObject({
      annunciate: ["x"],
      notify: ["n"],
      escalate: "l",
      location: "room",
    });
    expect({ path, location }).toEqual({
      path: ["locations", "room", "profile"],
      location: "room",
    });
  }
  const byId = new Map(made.map((rule) => [rule.id, rule]));
  expect(byId.get("room:warm")).toMatchObject({
    config: {
      point: "a/t",
      above: 8,
      deadband: 0.2,
      priority: "critical",
      message: "Warm",
      advise: "Act",
    },
    profile: { id: "p", limit: "warm", excursion: true },
  });
  expect(byId.get("room:nearly")?.profile?.excursion).toBe(false);
  expect(byId.get("room:door-open")?.config).toMatchObject({
    point: "d/open",
    equal: true,
    onDelay: 180_000,
  });
  expect(byId.get("room:mains-lost")?.config).toMatchObject({ point: "m/on", equal: false });
  expect(byId.get("room:no-data:a.t")?.config).toMatchObject({
    stale: 300_000,
    inhibitedBy: ["room:fault:a.t"],
  });
  expect(byId.get("room:fault:a.h")?.config).toMatchObject({ fault: true, onDelay: 60_000 });
});

test("several points of a location make a rule each, named by the point", () => {
  const made = rules({ locations: { room: { ...room, temperature: ["a/t", "b/t"] } } });
  const ids = made.map(({ id }) => id);
  expect(ids).toContain("room:warm:a.t");
  expect(ids).toContain("room:warm:b.t");
  expect(ids).toContain("room:damp");
  expect(new Set(ids).size).toBe(ids.length);
});

test("a buffered probe has delays of its own, and messages are in the gateway's language", () => {
  const [, air] = rules({ locations: { room } });
  const [, buffered] = rules({ locations: { room: { ...room, probe: "buffered" } } }, "zh");
  expect(air?.config).toMatchObject({ onDelay: 600_000, message: "Warm for long" });
  expect(buffered?.config).toMatchObject({ onDelay: 60_000, message: "Warm for long的中文" });
});

test("a location without a profile, or with one that is not known, makes no rule", () => {
  expect(rules({ locations: { a: { kind: "room" }, b: { ...room, profile: "q" } } })).toEqual([]);
});
