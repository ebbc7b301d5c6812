import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { recordTimes } from "../support/record-world.ts";

const writer = new URL("../support/record-writer.ts", import.meta.url).pathname;

/** Enough to hit the writes of both files and what lies between them, few enough for some 20 s. */
const kills = 15;

/** A commit takes some milliseconds with its fsync: a life is some dozen commits, and a write of history.db or two. */
const lifeMsMax = 150;

function start(dir: string, total: number) {
  return spawn(process.execPath, [writer, dir, String(total)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(dir, "compile-cache") },
  });
}

async function killedWriter(dir: string): Promise<number> {
  const child = start(dir, 0);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  await once(child.stdout, "data");
  await sleep(Math.random() * lifeMsMax);
  child.kill("SIGKILL");
  await once(child, "close");
  return Number(printed.slice(0, printed.lastIndexOf("\n")).split("\n").at(-1));
}

test("15 kills between gateway.db and history.db lose no record and make none twice", async () => {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-record-kill-"));
  try {
    let last = 0;
    for (let kill = 0; kill < kills; kill += 1) last = await killedWriter(dir);
    const total = last + 100;
    const child = start(dir, total);
    child.stdout.resume();
    await once(child, "close");

    const db = new Database(join(dir, "history.db"), { readonly: true });
    // Days that are over may have been packed: their rows are in segments.
    const rows = db.prepare<[], number>("SELECT at FROM record ORDER BY at").pluck().all();
    const packed = Number(db.prepare("SELECT coalesce(sum(count), 0) FROM segment").pluck().get());
    db.close();
    const expected = recordTimes(total);
    expect(packed + rows.length).toBe(expected.length);
    expect(rows).toEqual(expected.slice(packed));
    expect(total).toBeGreaterThan(kills * 5);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
