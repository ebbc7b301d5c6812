import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";

// The rights of rackwatch.tmpfiles.conf and the UMask= of the units, with users that exist nowhere.
const group = 61_000;
const gateway = { uid: 61_001, gid: group };
const agent = { uid: 61_002, gid: group };
const stranger = { uid: 61_003, gid: 61_003 };
const root = join(import.meta.dirname, "../..");

beforeEach((context) => {
  if (process.getuid?.() === 0) return;
  const message = "other users are played by root only: run .ci/run";
  if (process.env["CI"] === "true") throw new Error(message);
  context.skip(message);
});

function dataFolder(mode: number): string {
  const outer = mkdtempSync(join(tmpdir(), "rackwatch-rights-"));
  onTestFinished(() => rmSync(outer, { recursive: true }));
  chmodSync(outer, 0o755);
  const data = join(outer, "rackwatch");
  const make = (path: string, { uid, gid }: typeof gateway, rights: number) => {
    mkdirSync(path);
    chmodSync(path, rights);
    chownSync(path, uid, gid);
  };
  make(data, gateway, mode);
  make(join(data, "sync"), agent, 0o750);
  return data;
}

const open = `process.umask(0o027); const Database = require("better-sqlite3");`;

/** Opens, or makes, a database in WAL mode, writes a row, and keeps it open until its input ends. */
const hold = `${open}
  const db = new Database(process.argv[1]);
  db.pragma("journal_mode = WAL");
  db.exec("CREATE TABLE IF NOT EXISTS row (n INTEGER); INSERT INTO row VALUES (1)");
  process.stdout.write("open");
  process.stdin.on("end", () => db.close()).resume();`;

const read = `${open}
  const db = new Database(process.argv[1], { readonly: true });
  process.stdout.write(String(db.prepare("SELECT count(*) FROM row").pluck().get()));
  process.exit();`;

function runAs(user: typeof gateway, script: string, file: string) {
  const { uid, gid } = user;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script, file], {
    cwd: root,
    encoding: "utf8",
    uid,
    gid,
  });
  return stdout === "" ? (/SqliteError: (.*)/.exec(stderr)?.[1] ?? stderr) : stdout;
}

async function holdAs(user: typeof gateway, file: string): Promise<ChildProcessWithoutNullStreams> {
  const options = { cwd: root, uid: user.uid, gid: user.gid, stdio: "pipe" } as const;
  const child = spawn(process.execPath, ["-e", hold, file], options);
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stderr.pipe(process.stderr);
  await once(child.stdout, "data");
  return child;
}

async function end(child: ChildProcessWithoutNullStreams): Promise<void> {
  const ended = once(child, "exit");
  child.stdin.end();
  await ended;
}

test("the agent reads the gateway's live database, nobody else does, and neither may write it", async () => {
  const data = dataFolder(0o750);
  const file = join(data, "gateway.db");
  await holdAs(gateway, file);
  expect((statSync(`${file}-shm`).mode & 0o777).toString(8)).toBe("640");
  expect(runAs(agent, read, file)).toBe("1");
  expect(runAs(agent, hold, file)).toContain("readonly database");
  expect(runAs(stranger, read, file)).toContain("unable to open");
});

test("after a gateway that was killed the agent leaves nothing behind that locks the next one out", async () => {
  const data = dataFolder(0o750);
  const file = join(data, "gateway.db");
  const first = await holdAs(gateway, file);
  const died = once(first, "exit");
  first.kill("SIGKILL");
  await died;
  expect(runAs(agent, read, file)).toBe("1");
  await end(await holdAs(gateway, file));
  expect(runAs(agent, read, file)).toContain("readonly database");
  expect(readdirSync(data).sort()).toEqual(["gateway.db", "sync"]);
  await holdAs(gateway, file);
  expect(runAs(agent, read, file)).toBe("3");
});

test("trap: with the right to write beside the database, a reader of a stopped gateway locks the next start out", async () => {
  const data = dataFolder(0o770);
  const file = join(data, "gateway.db");
  await end(await holdAs(gateway, file));
  const reader = `${open} const db = new Database(process.argv[1], { readonly: true });
    db.prepare("SELECT count(*) FROM row").get(); process.stdout.write("open"); setInterval(() => 0, 1000)`;
  const options = { cwd: root, ...agent, stdio: "pipe" } as const;
  const child = spawn(process.execPath, ["-e", reader, file], options);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  expect(statSync(`${file}-shm`).uid).toBe(agent.uid);
  expect(runAs(gateway, hold, file)).toMatch(/readonly database|unable to open/);
});

test("the gateway reads what the agent writes in its own folder", async () => {
  const data = dataFolder(0o750);
  const file = join(data, "sync", "sync.db");
  const write = `${open} const db = new Database(process.argv[1]);
    db.exec("CREATE TABLE row (n INTEGER); INSERT INTO row VALUES (1)"); process.stdout.write("done");`;
  expect(runAs(agent, write, file)).toBe("done");
  expect(runAs(gateway, read, file)).toBe("1");
  expect(runAs(stranger, read, file)).toContain("directory does not exist");
});
