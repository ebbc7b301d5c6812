import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CentralVoice } from "../support/central-voice.ts";
import { type ColdRoom, coldRoom } from "../support/cold-room.ts";
import { storedEvents } from "../support/store-events.ts";

const timeout = 120_000;

test("kill -9 while one is applied: the gateway comes back on one that is known to run, and central learns what became of it", {
  timeout,
}, async () => {
  await using it = await coldRoom({ env: () => ({ RACKWATCH_TRIAL_MS: "2000" }) });
  const voice = new CentralVoice(it.rig.dataDir, "cold-room");
  const { configFile, dataDir } = it.rig;
  let gateway = await it.start();
  await it.live();
  for (const [round, delayMs] of [300, 1_300].entries()) {
    const before = readFileSync(configFile, "utf8");
    const above = 20 + round;
    const warm = { point: "cold/temperature", above, deadband: 0.5, priority: "high" };
    const number = voice.revision({ rules: { warm } });
    await sleep(delayMs);
    await gateway.kill("SIGKILL");
    gateway = await it.start();
    await it.live();
    await expect.poll(() => ends(it, number), { timeout: 30_000, interval: 500 }).toHaveLength(1);
    const [end] = ends(it, number);
    const text = readFileSync(configFile, "utf8");
    expect(end?.["outcome"]).toMatch(/^(confirmed|rolled-back)$/);
    if (end?.["outcome"] === "rolled-back") expect(text).toBe(before);
    else expect(text).toContain(`above: ${above}`);
    expect(existsSync(join(dataDir, "revisions", "trial.json"))).toBe(false);
  }
});

function ends(it: ColdRoom, revision: number) {
  return storedEvents(it.rig.dataDir)
    .filter(({ kind }) => kind === "revision")
    .map(({ body }) => body)
    .filter((body) => body["revision"] === revision && body["outcome"] !== "applied");
}
