import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyCommand } from "../../gateway/cli/apply.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { historyCommand, rollbackCommand } from "../../gateway/cli/history.ts";
import { CentralVoice } from "../support/central-voice.ts";
import { type ColdRoom, coldRoom } from "../support/cold-room.ts";
import { memoryIo } from "../support/command-io.ts";
import { storedEvents } from "../support/store-events.ts";

const timeout = 120_000;

function revisions(it: ColdRoom) {
  return storedEvents(it.rig.dataDir)
    .filter(({ kind }) => kind === "revision")
    .map(({ body }) => body);
}

test("apply, history and rollback: checked, run, on record with who and what", {
  timeout,
}, async () => {
  await using it = await coldRoom({ env: () => ({ RACKWATCH_TRIAL_MS: "3000" }) });
  const { configFile, dataDir } = it.rig;
  await it.start();
  await it.live();
  const before = readFileSync(configFile, "utf8");
  const where = ["--config", configFile, "--data", dataDir];
  const fresh = join(it.folder, "new.yaml");
  writeFileSync(fresh, before.replace("above: 8", "abvoe: 8"));
  const refused = memoryIo();
  await runCommand(applyCommand(refused.io), [fresh, ...where], refused.io);
  expect([refused.seen.code, readFileSync(configFile, "utf8")]).toEqual([1, before]);
  expect(refused.seen.err).toContain("abvoe");
  writeFileSync(fresh, before.replace("above: 8", "above: 3"));
  const applied = memoryIo();
  const args = [fresh, ...where, "--comment", "colder", "--wait"];
  await runCommand(applyCommand(applied.io), args, applied.io);
  expect([applied.seen.code, applied.seen.err]).toEqual([0, ""]);
  expect(applied.seen.out).toContain("2 confirmed");
  await it.alarm("warm");
  const back = memoryIo();
  await runCommand(rollbackCommand(back.io), [...where, "--wait"], back.io);
  expect(back.seen.out).toContain("3 confirmed");
  expect(readFileSync(configFile, "utf8")).toBe(before);
  const listed = memoryIo();
  await runCommand(historyCommand(listed.io), ["2", "--data", dataDir], listed.io);
  expect(listed.seen.out).toMatch(
    /^2 {2}\S+Z {2}confirmed {2}command \S+ {2}colder\n- {5}above: 8\n\+ {5}above: 3\n$/,
  );
  expect(revisions(it).map(({ outcome, source }) => `${source} ${outcome}`)).toEqual([
    ...["file confirmed", "command applied", "command confirmed"],
    ...["command applied", "command confirmed"],
  ]);
});

test("a clock of 1970 knows no age: what expires is refused, what does not is done", {
  timeout,
}, async () => {
  const it = await coldRoom({ env: (folder) => ({ RACKWATCH_CLOCK_MARK: join(folder, "never") }) });
  await using _room = it;
  const voice = new CentralVoice(it.rig.dataDir, "cold-room");
  await it.start();
  await it.live();
  const later = Date.now() + 3_600_000;
  const command = (id: string) => ({ kind: "command", id, action: "silence" });
  voice.say(command("future"), { issuedAt: later, expiresAt: later + 60_000 });
  voice.say(command("lasting"), { issuedAt: later });
  await expect
    .poll(
      () =>
        storedEvents(it.rig.dataDir)
          .filter(({ kind }) => kind === "command")
          .map(({ body }) => `${body["id"]} ${body["outcome"]}`),
      { timeout: 20_000 },
    )
    .toEqual(["future refused", "lasting done"]);
});
