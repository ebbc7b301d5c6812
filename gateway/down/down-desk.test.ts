import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadText } from "../../config/load.ts";
import { CentralVoice } from "../../tests/support/central-voice.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import type { Follow } from "../follow.ts";
import { RevisionBook } from "../revisions/book.ts";
import type { Instant } from "../rules/rule.ts";
import { inboxFileName } from "../store/inbox-file.ts";
import { begunKey } from "./commands.ts";
import { DownDesk, hearingMsMax, holeMsMax } from "./down-desk.ts";

const yaml = `version: 1
gateway: { id: gw }
channels:
  line:
    driver: gpio
    backend: sim
    file: lamps.json
    devices: { stack: { points: { red: { line: 17 } } } }
rules:
  warm: { point: gateway/clock, equal: false }
`;

let dir: string;
let clock: ManualClock;
let voice: CentralVoice;
let state: Map<string, unknown>;
let told: string[];
let heard: PromiseWithResolvers<void>;
let desks: DisposableStack;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "down-desk-"));
  writeFileSync(join(dir, "gateway.yaml"), yaml);
  clock = new ManualClock(Date.now());
  voice = new CentralVoice(dir, "gw");
  state = new Map();
  told = [];
  heard = Promise.withResolvers();
  desks = new DisposableStack();
});

afterEach(() => {
  desks.dispose();
  rmSync(dir, { recursive: true });
});

function desk(): DownDesk {
  const configFile = join(dir, "gateway.yaml");
  const check = (text: string) => loadText(text, configFile, { env: {} });
  const loaded = check(yaml);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const follow = (work: (instant: Instant) => Follow) => {
    const { events, state: changed } = work({ at: 0, mono: 0 });
    for (const [key, value] of changed) {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
    }
    for (const { kind, body } of events) told.push(`${kind} ${body["outcome"] ?? body["action"]}`);
  };
  const intake = { follow, act: () => undefined };
  const now = () => ({ config: loaded.config, outputs: new Map(), intake });
  return desks.use(
    new DownDesk({
      ...{ configFile, dataDir: dir, clock, log: memoryLog().log, check, heard: heard.promise },
      ...{ startedFrom: "file", clockQuality: () => "synchronized" },
      now: now as never,
      annunciation: { silence: () => void told.push("silenced"), test: async () => undefined },
      channels: { restart: async () => true },
      configSwitch: { to: async () => ({ ok: true }) },
      vitals: () => ({ at: 0, problems: new Map(), channels: new Map() }),
      store: { readState: () => state, outbox: { epoch: "e" } },
    }),
  );
}

const rules = { warm: { point: "gateway/clock", equal: false, priority: "high" } };

test("a revision that waited for a gateway that was off is tried when its channels were heard; what came before it is done at once", async () => {
  voice.command("silence");
  voice.revision({ rules });
  const own = desk();
  await own.step();
  await own.step();
  expect(told).toEqual(["revision confirmed", "silenced", "command done"]);
  heard.resolve();
  await clock.advance(1_000);
  await own.step();
  expect(told.at(-1)).toBe("revision applied");
  expect(state.get("down/done")).toBe(2);
});

test("a channel that never says anything holds a revision up for some seconds only", async () => {
  voice.revision({ rules });
  const own = desk();
  await clock.advance(hearingMsMax - 1);
  await own.step();
  expect(told).toEqual(["revision confirmed"]);
  await clock.advance(1);
  await own.step();
  expect(told.at(-1)).toBe("revision applied");
});

test("what a kill cut off is told as that, also when its time is over by now; another one that is late is not done", async () => {
  const issuedAt = Date.now() - 600_000;
  const late = { issuedAt, expiresAt: issuedAt + 300_000 };
  const lamp = { kind: "command", action: "test", target: "stack/red" };
  voice.say({ ...lamp, id: "cut" }, late);
  voice.say({ ...lamp, id: "late" }, late);
  state.set(begunKey, "cut");
  await desk().step();
  expect(told).toEqual(["revision confirmed", "command interrupted", "command expired"]);
});

test("messages behind a hole wait, and do not wait for ever; what is forged counts as done", async () => {
  voice.number = 1;
  voice.command("silence");
  state.set("down/epoch", "e");
  const own = desk();
  await own.step();
  await clock.advance(holeMsMax - 1);
  await own.step();
  expect(told).not.toContain("silenced");
  await clock.advance(1);
  await own.step();
  expect(told.at(-1)).toBe("command done");
  voice.say({ kind: "command", id: "f", action: "silence" }, {}, { text: (text) => `${text} ` });
  await own.step();
  expect(told.at(-1)).toBe("command refused");
  expect(state.get("down/done")).toBe(3);
});

test("behind a hole that central settled, or in a store that was born anew, nothing waits", async () => {
  voice.number = 1;
  voice.command("silence");
  await desk().step();
  expect(told.at(-1)).toBe("command done");
  voice.number = 6;
  voice.command("silence");
  const db = new Database(join(dir, inboxFileName));
  db.prepare("UPDATE message SET follows = 2 WHERE number = 7").run();
  db.close();
  await desk().step();
  expect(state.get("down/done")).toBe(7);
});

test("a second revision waits for the trial of the first, and what is behind it as well", async () => {
  heard.resolve();
  voice.revision({ rules });
  voice.revision({ rules: { warm: { ...rules.warm, priority: "low" } } });
  voice.command("silence");
  const own = desk();
  await clock.advance(1_000);
  await own.step();
  await own.step();
  expect(told).toEqual(["revision confirmed", "revision applied"]);
  await clock.advance(60_000);
  await own.step();
  expect(told.slice(2)).toEqual([
    "revision confirmed",
    "revision applied",
    "silenced",
    "command done",
  ]);
});

test("a message under a key that nobody told waits for it; one for another gateway is on record and nobody's", async () => {
  voice.say({ kind: "command", id: "a", action: "silence" }, {}, { key: "k2" });
  const own = desk();
  await own.step();
  expect([told, state.get("down/done")]).toEqual([["revision confirmed"], undefined]);
  const db = new Database(join(dir, inboxFileName));
  db.prepare("UPDATE message SET key = 'k1'").run();
  db.close();
  await own.step();
  expect(told.at(-1)).toBe("command done");
  voice.say({ kind: "command", id: "b", action: "silence" }, { gateway: "gw-2" });
  await own.step();
  expect([told.at(-1), state.get("down/done")]).toEqual(["audit message-refused", 2]);
});

test("the agent's file may be begun anew", async () => {
  voice.command("silence");
  const own = desk();
  await own.step();
  rmSync(join(dir, inboxFileName));
  voice.command("silence");
  await own.step();
  expect(state.get("down/done")).toBe(2);
});

test("what waited here for longer than it may is expired, though central's clock is ahead", async () => {
  const here = Date.now();
  clock.setWall(here + 32_000);
  const times = { issuedAt: here + 40_000, expiresAt: here + 70_000 };
  voice.say({ kind: "command", id: "a", action: "silence" }, times);
  await desk().step();
  expect(told.at(-1)).toBe("command expired");
});

test("a trial that a restart takes back does not take back what was done since", () => {
  const book = new RevisionBook(dir);
  const common = { at: 0, author: "Wang", digest: "d", difference: [] };
  book.write({ ...common, source: "file", serial: 1, outcome: "confirmed", sha256: "1" }, yaml);
  book.write(
    { ...common, source: "central", serial: 2, outcome: "trial", sha256: "2", revision: 3 },
    "x",
  );
  book.beginTrial({ serial: 2, previous: 1, number: 3, isOver: true });
  state.set("down/done", 5);
  desk();
  expect(told[0]).toBe("revision rolled-back");
  expect(state.get("down/done")).toBe(5);
});
