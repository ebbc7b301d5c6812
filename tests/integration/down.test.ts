import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf, sectionsOf } from "../../config/edit.ts";
import { CentralVoice } from "../support/central-voice.ts";
import { type ColdRoom, coldRoom } from "../support/cold-room.ts";
import { storedEvents } from "../support/store-events.ts";

const timeout = 60_000;

async function room(trialMs = 1_500) {
  const it = await coldRoom({ env: () => ({ RACKWATCH_TRIAL_MS: String(trialMs) }) });
  const voice = new CentralVoice(it.rig.dataDir, "cold-room");
  const text = readFileSync(it.rig.configFile, "utf8");
  writeFileSync(
    it.rig.configFile,
    `# wired by Li\n${text.replace("above: 8", "above: 8 # by law")}`,
  );
  return { it, voice };
}

function told(it: ColdRoom, kind: "revision" | "command") {
  return storedEvents(it.rig.dataDir)
    .filter((event) => event.kind === kind)
    .map(({ body }) => body);
}

async function outcome(it: ColdRoom, kind: "revision" | "command", like: object) {
  await expect
    .poll(() => told(it, kind), { timeout: 30_000, interval: 250 })
    .toContainEqual(expect.objectContaining(like));
  return told(it, kind).find((body) =>
    Object.entries(like).every(([key, value]) => body[key] === value),
  );
}

test("a limit from central: checked, written between the technician's comments, run, confirmed; then taken back by an editor", {
  timeout,
}, async () => {
  const { it, voice } = await room();
  await using _room = it;
  await it.start();
  await it.live();
  const first = await outcome(it, "revision", { outcome: "confirmed", source: "file", serial: 1 });
  const { rules } = sectionsOf(readFileSync(it.rig.configFile, "utf8"));
  expect(first).toMatchObject({ sections: { rules }, digest: digestOf({ rules: rules ?? {} }) });
  it.setTemperature(6);
  const warm = { ...Object(rules?.["warm"]), above: 5 };
  voice.revision({ rules: { warm } }, { base: first?.["digest"], comment: "stricter" });
  await outcome(it, "revision", {
    outcome: "applied",
    source: "central",
    author: "Wang",
    serial: 2,
  });
  await it.alarm("warm");
  const text = readFileSync(it.rig.configFile, "utf8");
  expect(text).toContain("# wired by Li");
  expect(text).toContain("above: 5 # by law");
  await outcome(it, "revision", { outcome: "confirmed", serial: 2, revision: 1 });
  expect(existsSync(join(it.rig.dataDir, "revisions", "trial.json"))).toBe(false);
  writeFileSync(it.rig.configFile, text.replace("above: 5", "above: 30"));
  await outcome(it, "revision", { outcome: "confirmed", serial: 3, source: "file" });
  voice.revision({ rules: { warm } }, { base: first?.["digest"] });
  const late = await outcome(it, "revision", { outcome: "refused", revision: 2 });
  expect(late?.["reason"]).toMatch(/^config\/conflict/);
  expect(late?.["sections"]).toMatchObject({ rules: { warm: { above: 30 } } });
});

test("what does not pass the check is refused with its place, and leaves file and run alone", {
  timeout,
}, async () => {
  const { it, voice } = await room();
  await using _room = it;
  await it.start();
  await it.live();
  const before = readFileSync(it.rig.configFile, "utf8");
  voice.revision({ rules: { warm: { point: "cold/temperature", abvoe: 5 } } });
  voice.revision({ rules: { warm: { point: "cold/presure", above: 5 } } });
  voice.revision({ rules: {} });
  voice.revision({ profiles: { mine: { name: "x" } } });
  const misspelt = await outcome(it, "revision", { outcome: "refused", revision: 1 });
  expect(misspelt?.["reason"]).toMatch(/gateway\.yaml:\d+:\d+ .*abvoe/s);
  const unknown = await outcome(it, "revision", { outcome: "refused", revision: 2 });
  expect(unknown?.["reason"]).toMatch(/gateway\.yaml:\d+:\d+ .*cold\/presure/s);
  const last = await outcome(it, "revision", { outcome: "refused", revision: 3 });
  expect(last?.["reason"]).toMatch(/^down\/last-rule/);
  await outcome(it, "revision", { outcome: "refused", revision: 4 });
  expect(readFileSync(it.rig.configFile, "utf8")).toBe(before);
  it.setTemperature(9);
  await it.alarm("warm");
});

test("commands: acknowledged by name, each once; what is late, forged or meant for others is refused and said", {
  timeout,
}, async () => {
  const { it, voice } = await room();
  await using _room = it;
  await it.start();
  await it.live();
  it.setTemperature(9);
  const alarm = await it.alarm("warm");
  voice.command("acknowledge", { target: "warm", comment: "on my way" });
  await outcome(it, "command", { id: "c1", outcome: "done", by: "Wang" });
  await expect
    .poll(() => it.rig.get("/api/alarms"), { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ id: alarm.id, acknowledgedBy: "Wang" }));
  voice.say({ kind: "command", id: "c1", action: "acknowledge", target: "warm" });
  voice.say({ kind: "command", id: "late", action: "silence" }, { expiresAt: Date.now() - 1 });
  voice.say(
    { kind: "command", id: "forged", action: "silence" },
    {},
    { text: (text) => text.replace("Wang", "Weng") },
  );
  voice.say({ kind: "command", id: "other", action: "silence" }, { gateway: "cold-room-2" });
  voice.say({ kind: "command", id: "replayed", action: "silence" }, { number: 1 });
  voice.command("test", { target: "stack/red" });
  voice.command("test", { target: "nothing" });
  voice.command("restart-channel", { target: "room" });
  voice.command("silence", { target: "all" });
  await outcome(it, "command", { id: "c10", outcome: "done" });
  const outcomes = told(it, "command").map(({ id, outcome: what }) => `${id} ${what}`);
  expect(outcomes).toEqual([
    ...["c1 done", "c1 done", "late expired", "forged refused"],
    ...["c7 done", "c8 refused", "c9 done", "c10 done"],
  ]);
  const refused = storedEvents(it.rig.dataDir).filter(
    ({ kind, body }) => kind === "audit" && body["action"] === "message-refused",
  );
  expect(refused.map(({ body }) => body["number"])).toEqual([5, 6]);
  await it.live();
});
