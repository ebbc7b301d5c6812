import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSamples } from "../../gateway/store/chunk.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { checkFolder } from "../support/store-check.ts";

const writer = new URL("../support/store-writer.ts", import.meta.url).pathname;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-store-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function start(commits: number) {
  return spawn(process.execPath, [writer, dir, String(commits)], { stdio: "pipe" });
}

test("a second process on the folder is refused; after kill -9 of the first the folder is free", async () => {
  const first = start(0);
  first.stdout.resume();
  await once(first.stdout, "data");
  const second = start(1);
  let said = "";
  second.stderr.on("data", (text) => {
    said += String(text);
  });
  const [code] = await once(second, "close");
  expect({ code, said }).toEqual({ code: 3, said: "store/locked\n" });
  first.kill("SIGKILL");
  await once(first, "close");
  expect(checkFolder(dir).events).toBeGreaterThan(0);
});

test("another process reads each row once while the gateway writes and merges", async () => {
  const child = start(400);
  child.stdout.resume();
  const ended = once(child, "close").then(() => true);
  using outbox = openOutbox(dir);
  let cursor = 0;
  for (;;) {
    const over = await Promise.race([ended, sleep(3, false)]);
    if (outbox.epoch === "") continue;
    for (const chunk of outbox.read("samples", cursor, 500)) {
      expect(chunk.firstSeq).toBeLessThanOrEqual(cursor + 1);
      for (const [index, sample] of readSamples(chunk).entries()) {
        const seq = chunk.firstSeq + index;
        if (seq <= cursor) continue;
        expect(sample).toMatchObject({ value: seq });
        cursor = seq;
      }
    }
    if (over && cursor === outbox.head("samples")) break;
  }
  expect(cursor).toBe(400 * 20);
});
