import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { checkFolder } from "../support/store-check.ts";

const writer = new URL("../support/store-writer.ts", import.meta.url).pathname;

/** Kills, on two folders at once: enough to hit every phase of a commit, few enough for some 20 s. */
const killsPerFolder = 50;

/** A commit takes about 1 ms here, so this falls anywhere within many. */
const lifeMsMax = 40;

/** Runs the writer until it is killed. @returns number of the last event that it was told is durable. */
async function killedWriter(dir: string): Promise<number> {
  const child = spawn(process.execPath, [writer, dir], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(dir, "compile-cache") },
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await once(child.stdout, "data");
  await sleep(Math.random() * lifeMsMax);
  child.kill("SIGKILL");
  await once(child, "close");
  const whole = printed.slice(0, printed.lastIndexOf("\n")).split("\n").at(-1) ?? "";
  return Number(whole.split(" ")[0]);
}

async function series(): Promise<{ kills: number; events: number }> {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-kill-"));
  try {
    let events = 0;
    for (let kill = 0; kill < killsPerFolder; kill += 1) {
      const acknowledged = await killedWriter(dir);
      expect(acknowledged).toBeGreaterThan(events);
      // Every tenth time by another process; in between the next writer's recovery is on its own.
      if (kill % 10 !== 9 && kill !== killsPerFolder - 1) continue;
      const found = checkFolder(dir);
      expect(found.born).toBe("existing");
      expect(found.events).toBeGreaterThanOrEqual(acknowledged);
      expect(found.events).toBeLessThanOrEqual(acknowledged + 1);
      expect(found.state).toBe(found.events);
      events = found.events;
    }
    return { kills: killsPerFolder, events };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test("100 kills at random moments lose no acknowledged row, tear no commit and leave no hole", async () => {
  const results = await Promise.all([series(), series()]);
  expect(results.reduce((sum, { kills }) => sum + kills, 0)).toBe(100);
  for (const { events } of results) expect(events).toBeGreaterThan(killsPerFolder);
});
