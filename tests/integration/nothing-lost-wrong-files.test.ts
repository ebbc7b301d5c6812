import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeEach, expect, test } from "vitest";
import { backupCommand } from "../../gateway/cli/backup.ts";
import { type CommandIo, type Runnable, runCommand } from "../../gateway/cli/command.ts";
import { restoreCommand } from "../../gateway/cli/restore.ts";
import { verifyCommand } from "../../gateway/cli/verify.ts";
import { memoryIo } from "../support/command-io.ts";
import { none, storeRig } from "../support/store-rig.ts";

const rig = storeRig();
const inDir = (name: string) => join(rig.dir, name);

async function run(command: (io: CommandIo) => Runnable, ...args: readonly string[]) {
  const { io, seen } = memoryIo();
  await runCommand(command({ ...io, cwd: rig.dir }), args, io);
  return seen;
}

/** A backup of a stopped gateway, with rows after it, and the epoch that the database has. */
beforeEach(async () => {
  const { store } = rig.open();
  for (let n = 0; n < 5; n += 1) {
    store.commit({ ...none, samples: rig.samples(40), events: [rig.event({ n })] });
  }
  await run(backupCommand, "--data", ".", "--out", "sound");
  store.commit({ ...none, samples: rig.samples(7) });
  rig.close(store);
});

/** What a wrong backup may touch of the data folder: nothing. */
async function expectRefused(file: string, why: RegExp): Promise<void> {
  const before = readFileSync(inDir("gateway.db"));
  const done = await run(restoreCommand, file, "--data", ".", "--lang", "en");
  expect.soft(done.code, file).toBe(2);
  expect.soft(done.err, file).toMatch(why);
  expect.soft(done.err.split("\n  ").length, `${file}: what, where, what to do`).toBe(3);
  expect.soft(readFileSync(inDir("gateway.db")).equals(before), file).toBe(true);
  const left = readdirSync(rig.dir).filter((name) => /replaced|restoring/.test(name));
  expect.soft(left, file).toEqual([]);
}

test("a backup cut at any place, or with something behind it, is refused, and verify says the same", async () => {
  const whole = readFileSync(inDir("sound"));
  for (const length of [0, 1, 100, 8_191, 8_192, 8_193, 9_000, whole.length - 1]) {
    writeFileSync(inDir("cut"), whole.subarray(0, length));
    await expectRefused("cut", /cut short|first line/);
    expect.soft((await run(verifyCommand, "cut")).code, `${length} bytes`).toBe(1);
  }
  cpSync(inDir("sound"), inDir("long"));
  appendFileSync(inDir("long"), "more");
  await expectRefused("long", /something was added/);
  const { store } = rig.open();
  expect(store.outbox.head("samples")).toBe(207);
});

test("a single flipped bit at any place of a backup is found", async () => {
  const whole = readFileSync(inDir("sound"));
  for (let turn = 0; turn < 40; turn += 1) {
    const at = Math.floor((turn * whole.length) / 40);
    const torn = Buffer.from(whole);
    torn.writeUInt8((torn[at] ?? 0) ^ (1 << (turn % 8)), at);
    writeFileSync(inDir("torn"), torn);
    const verdict = await run(verifyCommand, "torn", "--lang", "en");
    // Blanks that fill up the first line say nothing.
    if (at > 0 && at < 8_192 && whole[at] === 0x20) continue;
    expect.soft(verdict.code, `byte ${at}`).toBe(1);
  }
});

test("a backup of another gateway, a directory, a missing file and any other file are refused by name", async () => {
  mkdirSync(inDir("folder"));
  writeFileSync(inDir("photo"), Buffer.alloc(20_000, 0xd8));
  await expectRefused("folder", /folder/);
  await expectRefused("missing", /missing/);
  await expectRefused("photo", /photo is no sound backup/);
  const done = await run(restoreCommand, "sound", "--data", ".", "--gateway", "gw-2");
  expect(done).toMatchObject({ code: 2, err: expect.stringMatching(/gw-1.*gw-2[\s\S]*--adopt/) });
});

test("a database of another gateway or of a later program is kept unread, and the gateway says how to go on with it", () => {
  const other = rig.open({}, "gw-2");
  expect(other.born).toBe("reborn");
  expect(other.problem?.message).toContain("it belongs to the gateway gw-1, and this is gw-2");
  expect(other.problem?.todo).toContain("mend gateway.id or update this program");
  rig.close(other.store);
  const aside = readdirSync(rig.dir).find((name) => /^gateway\.db\.foreign\.\w+\.\d+$/.test(name));
  expect(aside).toBeDefined();
  const kept = new Database(inDir(aside ?? ""), { readonly: true });
  expect(kept.prepare("SELECT value FROM meta WHERE key = 'gateway'").pluck().get()).toBe("gw-1");
  kept.close();
});

test("damage in the folder is found beside a stopped gateway, and what is no folder is not looked at", async () => {
  expect((await run(verifyCommand, "--data", ".")).code).toBe(0);
  const db = new Database(inDir("gateway.db"));
  const row = db.prepare<[], { payload: Buffer }>("SELECT payload FROM sample_chunk LIMIT 1").get();
  const payload = Buffer.from(row?.payload ?? Buffer.alloc(1));
  payload.writeUInt8(payload.readUInt8(payload.length - 2) ^ 4, payload.length - 2);
  db.prepare("UPDATE sample_chunk SET payload = ? WHERE first_seq = 1").run(payload);
  db.close();
  expect(await run(verifyCommand, "--data", ".", "--lang", "zh")).toMatchObject({
    code: 1,
    out: expect.stringContaining("损坏"),
  });
  for (const dir of ["nowhere", "sound"]) {
    const seen = await run(verifyCommand, "--data", dir);
    expect.soft(seen.code, dir).toBe(2);
    expect.soft(seen.err, dir).toContain(dir);
  }
});

test("a backup onto what cannot take it leaves nothing behind", async () => {
  for (const out of ["sound/below-a-file", "/proc/rackwatch.backup"]) {
    const made = await run(backupCommand, "--data", ".", "--out", out);
    expect.soft(made.code, out).toBe(2);
    expect.soft(made.err, out).toContain(out);
  }
  truncateSync(inDir("gateway.db"), 100);
  const made = await run(backupCommand, "--data", ".", "--out", "of-a-torn-one");
  expect(made.code).toBe(2);
  expect(existsSync(inDir("of-a-torn-one"))).toBe(false);
});

test("a backup replaces nothing but a backup", async () => {
  const database = readFileSync(inDir("gateway.db"));
  writeFileSync(inDir("gateway.yaml"), "version: 1\n");
  mkdirSync(inDir("folder"));
  for (const out of ["gateway.db", "gateway.yaml", "folder", "/dev/null"]) {
    const made = await run(backupCommand, "--data", ".", "--out", out);
    expect.soft(made.code, out).toBe(2);
    expect.soft(made.err, out).toMatch(/is there, and is no backup\n[\s\S]*name another file/);
  }
  expect(readFileSync(inDir("gateway.db")).equals(database)).toBe(true);
  expect(readFileSync(inDir("gateway.yaml"), "utf8")).toBe("version: 1\n");
  truncateSync(inDir("sound"), 9_000);
  expect((await run(backupCommand, "--data", ".", "--out", "sound")).code).toBe(0);
  expect((await run(verifyCommand, "sound")).code).toBe(0);
});
