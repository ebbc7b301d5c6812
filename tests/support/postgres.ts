import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

const debianFolder = "/usr/lib/postgresql";
const startMsMax = 30_000;

/** A PostgreSQL server of its own, in a folder of its own, on a port of its own. */
export interface PostgresServer {
  readonly url: string;
  /** Answers again when this resolves. */
  start(): Promise<void>;
  /** Ends connections at once, as a server does that is shut down. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Undefined where Debian's package postgresql is not installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(debianFolder)) return undefined;
  const [newest] = readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join(debianFolder, newest, "bin");
}

/** For a `beforeEach`: skips where PostgreSQL is missing; in CI that is a failure instead. */
export function needPostgres(skip: (reason: string) => void): void {
  if (postgresPrograms() !== undefined) return;
  const message = "postgresql is missing: run .ci/run";
  if (process.env["CI"] === "true") throw new Error(message);
  skip(message);
}

/** @param parent folder in which its folder is made. */
export async function createPostgres(programs: string, parent = tmpdir()): Promise<PostgresServer> {
  const dir = mkdtempSync(join(parent, "rackwatch-postgres-"));
  const port = await freePort();
  const url = `postgres://rackwatch@127.0.0.1:${port}/postgres`;
  const owner = ownerOf(dir);
  const data = join(dir, "data");
  const args = ["-D", data, "-U", "rackwatch", "-A", "trust", "-E", "UTF8", "--no-sync"];
  const made = spawnSync(join(programs, "initdb"), args, { ...owner, encoding: "utf8", cwd: dir });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn(
      join(programs, "postgres"),
      ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", dir],
      { ...owner, stdio: "ignore", cwd: dir },
    );
    await untilItAnswers(url);
  };
  const stop = async () => {
    const child = server;
    server = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await gone;
  };
  await start();
  return {
    url,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function ownerOf(dir: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const number = (flag: string) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout.trim());
  const owner = { uid: number("-u"), gid: number("-g") };
  chownSync(dir, owner.uid, owner.gid);
  return owner;
}

async function untilItAnswers(url: string): Promise<void> {
  const until = performance.now() + startMsMax;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
