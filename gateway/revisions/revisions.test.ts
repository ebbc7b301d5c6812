import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { digestOf, sectionsOf } from "../../config/edit.ts";
import { loadText } from "../../config/load.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import type { Message, Revision } from "../down/message.ts";
import { RevisionBook, revisionsMax } from "./book.ts";
import { recoverTrial } from "./recover.ts";
import { Revisions } from "./revisions.ts";
import type { Vitals } from "./vitals.ts";

/** A process that is killed does nothing any more, whatever it was about to do. */
const life = vi.hoisted(() => ({
  left: Number.POSITIVE_INFINITY,
  /** A file that cannot be replaced. */
  refused: "",
  live() {
    this.left -= 1;
    if (this.left < 0) throw new Error("killed");
  },
}));

vi.mock("../../config/durable-file.ts", async (original) => {
  const real = await original<typeof import("../../config/durable-file.ts")>();
  return {
    ...real,
    replaceFile: (file: string, text: string) => {
      life.live();
      if (file === life.refused) throw Object.assign(new Error("refused"), { code: "EROFS" });
      real.replaceFile(file, text);
    },
    removeFile: (file: string) => {
      life.live();
      real.removeFile(file);
    },
  };
});

const yaml = `version: 1
gateway: { id: gw } # on the wall
channels:
  line:
    driver: gpio
    backend: sim
    file: lamps.json
    devices: { stack: { points: { red: { line: 17 } } } }
rules:
  warm: { point: gateway/clock, equal: false } # by law
notify:
  night: { sms: ["+8613800138000"] }
sms: { port: "serial:/dev/ttyUSB2" }
`;
const sections = sectionsOf(yaml);

/** The one channel, which delivers or does not. */
function lineThat(isRead: boolean): Vitals["channels"] {
  const line = { isOpen: true, isRead, isTold: false, isBad: false, fellThriceSince: undefined };
  return new Map([["line", line]]);
}
const digest = digestOf(sections);

let dir: string;
let file: string;
let state: Map<string, unknown>;
let told: Record<string, unknown>[];
let clock: ManualClock;
let vitals: Vitals;
/** What the gateway runs. */
let runs: string;
let switchFails: string | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "revisions-"));
  file = join(dir, "gateway.yaml");
  writeFileSync(file, yaml);
  state = new Map();
  told = [];
  clock = new ManualClock();
  vitals = { at: 0, problems: new Map(), channels: lineThat(true) };
  switchFails = undefined;
  life.refused = "";
  life.left = Number.POSITIVE_INFINITY;
});

afterEach(() => rmSync(dir, { recursive: true }));

const loadedOf = (text: string) => loadText(text, file, { env: {} });

function configOf(text: string) {
  const loaded = loadedOf(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** A start of the gateway, as `main.ts` does it. */
function start() {
  const { log } = memoryLog();
  recoverTrial(file, dir, log);
  const stands = readFileSync(file, "utf8");
  const startedFrom = loadedOf(stands).ok ? "file" : "last-good";
  if (startedFrom === "file") runs = stands;
  return new Revisions({
    ...{ configFile: file, dataDir: dir, clock, log, startedFrom },
    config: () => configOf(runs),
    configSwitch: {
      to: async () => {
        life.live();
        const text = readFileSync(file, "utf8");
        if (switchFails !== undefined && text.includes(switchFails)) {
          return { ok: false, reason: "a driver broke" };
        }
        if (!loadedOf(text).ok) return { ok: false, reason: "invalid" };
        runs = text;
        return { ok: true };
      },
    },
    check: loadedOf,
    vitals: () => vitals,
    commit: ({ events, state: changed }) => {
      life.live();
      for (const { body } of events) told.push({ ...body });
      for (const [key, value] of changed) state.set(key, value);
    },
    readState: () => state,
  });
}

function revision(number: number, more: Partial<Revision> = {}): [Message, Revision] {
  const rules = { warm: { ...Object(sections.rules?.["warm"]), priority: "high" } };
  const body: Revision = { kind: "revision", revision: number, sections: { rules }, ...more };
  return [{ gateway: "gw", number, issuedAt: 0, by: "Wang", body }, body];
}

async function pass(revisions: Revisions, ms: number) {
  for (let at = 0; at < ms; at += 1_000) {
    await clock.advance(1_000);
    await revisions.step();
  }
}

const outcomes = () => told.map(({ serial, outcome }) => `${serial} ${outcome}`);

test("one from central is written in place, watched for a minute, confirmed, and on record with its difference", async () => {
  const revisions = start();
  await revisions.take(...revision(1, { base: digest, comment: "urgent" }));
  expect(revisions.isBusy).toBe(true);
  expect(runs).toContain("# by law");
  expect(state.get("down/done")).toBe(1);
  await pass(revisions, 59_000);
  expect(outcomes()).toEqual(["1 confirmed", "2 applied"]);
  await pass(revisions, 2_000);
  expect(outcomes()).toEqual(["1 confirmed", "2 applied", "2 confirmed"]);
  expect(told.at(-1)).toMatchObject({ source: "central", author: "Wang", revision: 1 });
  const [, entry] = new RevisionBook(dir).entries();
  expect(entry).toMatchObject({ comment: "urgent", outcome: "confirmed" });
  expect(entry?.difference).toEqual([
    "-   warm: { point: gateway/clock, equal: false } # by law",
    "+   warm: { point: gateway/clock, equal: false, priority: high } # by law",
  ]);
});

test("one after which a channel delivers nothing any more is taken back, and it is said why", async () => {
  const revisions = start();
  await revisions.take(...revision(1));
  vitals = { ...vitals, channels: lineThat(false) };
  await pass(revisions, 61_000);
  expect(outcomes().at(-1)).toBe("2 rolled-back");
  expect(told.at(-1)).toMatchObject({ digest, reason: expect.stringContaining("line") });
  expect([runs, readFileSync(file, "utf8")]).toEqual([yaml, yaml]);
  await revisions.take(...revision(2, { base: digest }));
  expect(outcomes().at(-1)).toBe("3 applied");
});

test("a problem that was there before, and an end of a broker, are not its fault; a new one of the store is", async () => {
  vitals = { ...vitals, problems: new Map([["channel-line", "old"]]) };
  const revisions = start();
  await revisions.take(...revision(1));
  vitals = { ...vitals, problems: new Map([...vitals.problems, ["broker", "x"]]) };
  await pass(revisions, 61_000);
  expect(outcomes().at(-1)).toBe("2 confirmed");
  await revisions.take(...revision(2, { sections: { rules: Object(sections.rules) } }));
  vitals = { ...vitals, problems: new Map([...vitals.problems, ["store", "full"]]) };
  await pass(revisions, 61_000);
  expect(outcomes().at(-1)).toBe("3 rolled-back");
});

test("one that the run does not go over to is refused, and the file is as it was", async () => {
  const revisions = start();
  switchFails = "priority: high";
  await revisions.take(...revision(1));
  expect(told.at(-1)).toMatchObject({ outcome: "refused", serial: 1, digest });
  expect(told.at(-1)?.["reason"]).toContain("a driver broke");
  expect(readFileSync(file, "utf8")).toBe(yaml);
  expect(revisions.isBusy).toBe(false);
});

test.each([
  ["its author saw something else", { base: "0".repeat(32) }, "config/conflict"],
  ["nobody would be told any more", { sections: { notify: {} } }, "down/last-receiver"],
  ["no rule would be left", { sections: { rules: {} } }, "down/last-rule"],
  ["a rule is misspelt", { sections: { rules: { warm: { pont: "a/b" } } } }, "gateway.yaml:10:"],
  ["a section is not central's", { sections: { profiles: { x: {} } } }, "config/invalid"],
])("refused because %s, with what runs", async (_, more, reason) => {
  const revisions = start();
  await revisions.take(...revision(1, more));
  expect(told.at(-1)).toMatchObject({ outcome: "refused", digest, sections });
  expect(told.at(-1)?.["reason"]).toContain(reason);
  expect(state.get("down/done")).toBe(1);
  expect(readFileSync(file, "utf8")).toBe(yaml);
});

test("a secret of a wire or of central is nobody's to send to a receiver from afar", async () => {
  const synced = `${yaml}sync: { central: "https://c.example", credentials: !secret central }\n`;
  writeFileSync(file, synced);
  const { log } = memoryLog();
  const options = { env: { RACKWATCH_SECRET_CENTRAL: "x", RACKWATCH_SECRET_NEW: "y" } };
  runs = synced;
  const revisions = new Revisions({
    ...{ configFile: file, dataDir: dir, clock, log, startedFrom: "file" as const },
    config: () => configOf(yaml),
    configSwitch: { to: async () => ({ ok: true }) },
    check: (text) => loadText(text, file, options),
    vitals: () => vitals,
    commit: ({ events }) => told.push(...events.map(({ body }) => ({ ...body }))),
    readState: () => state,
  });
  const ntfy = (name: string) => ({
    ntfy: { topic: "t", server: "https://e.example", token: { "!secret": name } },
  });
  await revisions.take(...revision(1, { sections: { notify: { night: ntfy("central") } } }));
  expect(told.at(-1)?.["reason"]).toMatch(/^down\/secret/);
  await revisions.take(...revision(2, { sections: { notify: { night: ntfy("new") } } }));
  expect(outcomes().at(-1)).toBe("2 applied");
});

test("two at once: the second author did not see the first, and has to decide again; without a base it overrides", async () => {
  const revisions = start();
  await revisions.take(...revision(1, { base: digest }));
  await pass(revisions, 61_000);
  await revisions.take(...revision(2, { base: digest }));
  expect(told.at(-1)?.["reason"]).toMatch(/^config\/conflict/);
  await revisions.take(...revision(3, { sections: { rules: Object(sections.rules) } }));
  expect(outcomes().at(-1)).toBe("3 applied");
});

test("an editor's change is gone over to when the file stands still, and is never taken back; a wrong one is said", async () => {
  const revisions = start();
  const wider = yaml.replace("equal: false", "equal: true");
  writeFileSync(file, wider);
  vitals = { ...vitals, channels: lineThat(false) };
  await pass(revisions, 80_000);
  expect(runs).toBe(wider);
  expect(told.at(-1)).toMatchObject({ serial: 2, outcome: "confirmed", source: "file" });
  writeFileSync(file, "rules: [");
  await pass(revisions, 30_000);
  expect(told.at(-1)).toMatchObject({ serial: 2, outcome: "refused", source: "file" });
  expect(told).toHaveLength(3);
  await revisions.take(...revision(1));
  expect(told.at(-1)?.["reason"]).toMatch(/^config\/form/);
  writeFileSync(file, wider);
  await pass(revisions, 30_000);
  expect(told).toHaveLength(4);
});

test("who edits during a trial keeps the own work when the trial fails", async () => {
  const revisions = start();
  await revisions.take(...revision(1));
  const own = yaml.replace("equal: false", "equal: true");
  writeFileSync(file, own);
  vitals = { ...vitals, channels: lineThat(false) };
  await pass(revisions, 90_000);
  expect(outcomes()).toEqual(["1 confirmed", "2 applied", "2 rolled-back", "3 confirmed"]);
  expect(readFileSync(file, "utf8")).toBe(own);
});

test("who edits while the gateway is off in a trial keeps the own work, and the trial is told as taken back", async () => {
  await start().take(...revision(1));
  const own = yaml.replace("equal: false", "equal: true");
  writeFileSync(file, own);
  start();
  expect(outcomes()).toEqual(["1 confirmed", "2 applied", "2 rolled-back", "3 confirmed"]);
  expect([readFileSync(file, "utf8"), runs]).toEqual([own, own]);
});

test("a file that cannot be replaced, or nothing to go back to: refused, what runs goes on, and the next one is taken", async () => {
  const revisions = start();
  life.refused = file;
  await revisions.take(...revision(1));
  expect(told.at(-1)?.["reason"]).toMatch(/^config\/read-only: .*EROFS/);
  life.refused = join(dir, "revisions", "2.yaml");
  await revisions.take(...revision(2));
  expect(told.at(-1)?.["reason"]).toMatch(/^store\/full: .*EROFS/);
  expect(outcomes()).toEqual(["1 confirmed", "1 refused", "1 refused"]);
  expect([readFileSync(file, "utf8"), state.get("down/done")]).toEqual([yaml, 2]);
  expect([revisions.isBusy, existsSync(join(dir, "revisions", "trial.json"))]).toEqual([
    false,
    false,
  ]);
  life.refused = "";
  await revisions.take(...revision(3));
  expect(outcomes().at(-1)).toBe("2 applied");
});

test.each([
  ["by command", "command", {}],
  ["at the panel", "panel", { source: "panel" }],
] as const)(
  "what was written %s is known by its note, watched, and taken back as well",
  async (_, source, by) => {
    const revisions = start();
    const text = yaml.replace("equal: false", "equal: true");
    const book = new RevisionBook(dir);
    const { hashOf } = await import("./book.ts");
    book.leaveNote({ sha256: hashOf(text), author: "li", comment: "try", ...by });
    writeFileSync(file, text);
    await pass(revisions, 3_000);
    expect(told.at(-1)).toMatchObject({ outcome: "applied", source, author: "li" });
    vitals = { ...vitals, channels: lineThat(false) };
    await pass(revisions, 61_000);
    expect(outcomes().at(-1)).toBe("2 rolled-back");
    expect(readFileSync(file, "utf8")).toBe(yaml);
  },
);

test("a start finds an edited file; sections too long for an outcome come beside it", async () => {
  start();
  const rules = Object.fromEntries(
    Array.from({ length: 800 }, (_, at) => [
      `rule-${at}`,
      { point: "gateway/clock", equal: false, message: "冷库温度过高".repeat(3) },
    ]),
  );
  const long = yaml.replace(/rules:\n.*\n/, `rules: ${JSON.stringify(rules)}\n`);
  writeFileSync(file, long);
  start();
  const [, outcome, ...parts] = told;
  expect(outcome).toMatchObject({ serial: 2, outcome: "confirmed", source: "file" });
  expect(outcome).not.toHaveProperty("sections");
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(65_536);
  const text = parts.map((part) => part["text"]).join("");
  expect(JSON.parse(text)).toEqual(sectionsOf(long));
});

test("only so many are kept, the newest; their numbers are never given again", async () => {
  const revisions = start();
  for (let at = 1; at <= revisionsMax + 5; at += 1) {
    writeFileSync(file, `${yaml}# ${at}\n`);
    await pass(revisions, 12_000);
  }
  const serials = new RevisionBook(dir).entries().map(({ serial }) => serial);
  expect(serials).toHaveLength(revisionsMax);
  expect(serials.at(-1)).toBe(revisionsMax + 6);
});

test("killed at any step of applying, confirming or taking back: the next start runs one that ran before or was confirmed, and says so once", async () => {
  for (const fails of [false, true]) {
    for (let steps = 0; ; steps += 1) {
      rmSync(dir, { recursive: true });
      dir = mkdtempSync(join(tmpdir(), "revisions-"));
      file = join(dir, "gateway.yaml");
      writeFileSync(file, yaml);
      state = new Map();
      told = [];
      vitals = { ...vitals, channels: lineThat(true) };
      const first = start();
      life.left = steps;
      const story = async (revisions: Revisions) => {
        if (state.get("down/done") === undefined) await revisions.take(...revision(1));
        if (fails) vitals = { ...vitals, channels: lineThat(false) };
        await pass(revisions, 62_000);
      };
      const killed = await story(first).then(
        () => false,
        () => true,
      );
      life.left = Number.POSITIVE_INFINITY;
      if (killed) {
        vitals = { ...vitals, channels: lineThat(true) };
        const second = start();
        const where = `killed after ${steps} steps: ${outcomes().join(", ")}`;
        expect(runs === yaml || outcomes().includes("2 confirmed"), where).toBe(true);
        await story(second);
      }
      const where = `killed after ${steps} steps: ${outcomes().join(", ")}`;
      const ends = told.filter(({ revision: its, outcome }) => its === 1 && outcome !== "applied");
      const [end] = ends;
      expect(ends, where).toHaveLength(1);
      const stands = readFileSync(file, "utf8");
      expect(stands === yaml, where).toBe(end?.["outcome"] === "rolled-back");
      expect(runs, where).toBe(stands);
      expect(state.get("down/done"), where).toBe(1);
      expect(existsSync(join(dir, "revisions", "trial.json")), where).toBe(false);
      if (!killed) break;
      expect(steps).toBeLessThan(60);
    }
  }
});
