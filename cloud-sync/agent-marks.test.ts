import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { CursorFile, cursorFileName } from "../gateway/store/cursor-file.ts";
import { agentRig, fresh, settle, signal } from "../tests/support/agent-rig.ts";

const agents = agentRig();

const inMemory = "marks of central in memory only";
const again = "marks of central are written again";

/** What the store knows of it. */
function confirmed(epoch: string): number {
  using cursors = new CursorFile(agents.dir);
  return cursors.read("samples", epoch);
}

function locked(): Disposable {
  const other = new Sqlite(join(agents.dir, cursorFileName));
  other.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => other.close() };
}

test("marks go on in memory while somebody keeps the file locked, which is said once, and are written after it", async () => {
  const { agent, outbox, entries, sent } = agents.rig();
  outbox.addSamples(fresh(5));
  await settle(agent);
  {
    using _lock = locked();
    for (let round = 0; round < 3; round += 1) {
      outbox.addSamples(fresh(1));
      await settle(agent);
    }
    expect(agent.failures).toBe(0);
    expect(sent).toEqual(["samples 1-5", "samples 6-6", "samples 7-7", "samples 8-8"]);
    expect(confirmed(outbox.epoch)).toBe(5);
  }
  await agent.step(signal);
  expect(confirmed(outbox.epoch)).toBe(8);
  const said = entries.map(({ event }) => event);
  expect(said.filter((event) => event === inMemory)).toHaveLength(1);
  expect(said.filter((event) => event === again)).toHaveLength(1);
});

test("a file that cannot be made keeps no row back, and has the marks as soon as it can be", async () => {
  const { agent, outbox, entries, sent } = agents.rig();
  const file = join(agents.dir, cursorFileName);
  mkdirSync(file, { recursive: true });
  outbox.addSamples(fresh(5));
  await settle(agent);
  expect(sent).toEqual(["samples 1-5"]);
  expect(entries.find(({ event }) => event === inMemory)).toMatchObject({
    fields: { code: "store/io", where: file },
  });
  rmSync(dirname(file), { recursive: true });
  await agent.step(signal);
  expect(confirmed(outbox.epoch)).toBe(5);
});

test("marks of a central that was restored hold at once while the file is locked", async () => {
  const { agent, outbox, clock, marks, sent } = agents.rig();
  outbox.addSamples(fresh(5));
  await settle(agent);
  using _lock = locked();
  marks.samples = 2;
  await clock.advance(61_000);
  for (let step = 0; step < 4; step += 1) await agent.step(signal);
  expect(sent.slice(0, 2)).toEqual(["samples 1-5", "samples 3-5"]);
});

test("a file of which a kill left half a change is begun anew", async () => {
  const { agent, outbox } = agents.rig();
  outbox.addSamples(fresh(5));
  await settle(agent);
  agents.close();
  const db = new Sqlite(join(agents.dir, cursorFileName));
  db.unsafeMode();
  db.pragma("writable_schema = ON");
  db.exec("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'cursor'");
  db.close();
  expect(agents.progress.cursor("samples", outbox.epoch)).toBe(0);
  agents.progress.moveCursor("samples", outbox.epoch, 5, 0);
  expect(confirmed(outbox.epoch)).toBe(5);
});
