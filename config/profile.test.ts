import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, loadSaved, profilesFor } from "./load.ts";
import { readProfile } from "./profile.ts";
import { headline } from "./report.ts";
import { rulesOf } from "./rules-of.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-profile-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const yaml = `version: 1
gateway: { id: g }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices: { cold: { template: xy-md02, unitId: 1, every: 10s } }
locations:
  room: { kind: room, profile: PROFILE, temperature: cold/temperature }
`;

function load(profile: string) {
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, yaml.replace("PROFILE", profile));
  return loadConfig(file);
}

function headlines(profile: string) {
  const loaded = load(profile);
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.map((problem) => headline(problem, "en").replace(`${folder}/`, ""));
}

function writeProfile(name: string, text: string) {
  mkdirSync(join(folder, "profiles"), { recursive: true });
  writeFileSync(join(folder, "profiles", `${name}.yaml`), text);
}

const own = `profile: own
name: { zh: 自定, en: Own }
source: our own rule book
temperature:
  warm: { above: 7, priority: high, message: { zh: 热, en: Warm } }
`;

test("every profile that is shipped is right, and has its source and both languages", () => {
  const folder = profilesFor(undefined);
  const names = folder.known();
  expect(names.length).toBeGreaterThanOrEqual(9);
  for (const name of names) {
    const file = folder.find(name);
    if (file === undefined) throw new Error(name);
    const { profile, findings } = readProfile(file, name);
    expect(findings, name).toEqual([]);
    expect(profile?.source.length, name).toBeGreaterThan(10);
    expect(profile?.duties.keepFor, name).toBeGreaterThan(300 * 86_400_000);
  }
});

test("limits of GSP are exclusive and without delay, what warns before them is inclusive", () => {
  for (const name of ["gsp-ambient", "gsp-cool", "gsp-cold"]) {
    const file = profilesFor(undefined).find(name);
    if (file === undefined) throw new Error(name);
    const { temperature = {}, humidity = {} } = readProfile(file, name).profile ?? {};
    const limits = Object.values({ ...temperature, ...humidity });
    expect(limits.every(({ onDelay }) => onDelay === 0)).toBe(true);
    const isInclusive = (limit: (typeof limits)[number]) =>
      limit.atOrAbove !== undefined || limit.atOrBelow !== undefined;
    expect(limits.every((limit) => isInclusive(limit) === !limit.excursion)).toBe(true);
  }
});

test("a profile beside the configuration comes before the shipped one, and is kept with it", () => {
  writeProfile("own", own);
  const loaded = load("own");
  if (!loaded.ok) throw new Error("refused");
  expect(Object.keys(loaded.config.profiles)).toEqual(["own"]);
  expect(rulesOf(loaded.config).map(({ id }) => id)).toEqual(["room:warm"]);
  expect(loaded.sources.map(({ role }) => role)).toContain("profile");
  rmSync(join(folder, "profiles"), { recursive: true });
  const saved = loadSaved(loaded.sources, {});
  expect(saved.ok && saved.config).toEqual(loaded.config);
});

test("a profile of the user's takes the place of the shipped one with its name", () => {
  writeProfile("freezer", own.replace("profile: own", "profile: freezer"));
  const loaded = load("freezer");
  expect(loaded.ok && loaded.config.profiles["freezer"]?.source).toBe("our own rule book");
});

test("an unknown profile is an error with the name that was meant", () => {
  expect(headlines("freezr")[0]).toMatch(
    /^gateway\.yaml:9:32 locations\.room\.profile: unknown storage profile "freezr", did you mean "freezer"\?/,
  );
});

test.each([
  ["an unknown key", own.replace("priority", "prioritty"), /own\.yaml:5:21 .*prioritty/],
  ["a limit that compares nothing", own.replace("above: 7, ", ""), /own\.yaml:5:3 .*nothing/],
  ["two comparisons", own.replace("above: 7", "above: 7, below: 2"), /own\.yaml:5:21 .*below/],
  ["another name", own.replace("profile: own", "profile: other"), /own\.yaml:1:10 .*"other"/],
  ["a name that is taken", own.replace("warm:", "fault:"), /own\.yaml:5:3 .*"fault" is taken/],
  ["no YAML", "profile: [", /own\.yaml:\d+:\d+ /],
  [
    "a total that cannot be",
    own.replace("above: 7", "above: 7, total: 2h, within: 1h"),
    /5:28 .*never/,
  ],
  ["a window without total", own.replace("above: 7", "above: 7, within: 1h"), /5:21 .*"within"/],
])("%s in a profile's file is told with its line and column", (_, text, expected) => {
  writeProfile("own", text);
  expect(headlines("own")[0]).toMatch(expected);
});
