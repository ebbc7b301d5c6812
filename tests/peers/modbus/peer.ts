import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";

/** Fails where everything must be there, and otherwise says what to do. */
export function needPrograms(context: TestContext, ...paths: readonly string[]): void {
  const { CI } = process.env;
  for (const path of paths) {
    if (existsSync(path)) continue;
    if (CI === "true") throw new Error(`${path} is missing`);
    context.skip(`${path} is missing: run .ci/run`);
  }
}

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "modbus-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
}

/** Starts a program and waits until it says `ready`. */
export async function startProgram(path: string, args: readonly string[]): Promise<Program> {
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ready = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${path} ended with ${code}`)));
    child.stdout.once("data", () => resolve());
  });
  await ready;
  return { child, [Symbol.asyncDispose]: () => stop(child) };
}

/** Two ends of a serial line, as socat makes them. */
export async function serialPair(folder: Folder) {
  const [a, b] = [join(folder.path, "a"), join(folder.path, "b")];
  const child = spawn("/usr/bin/socat", [`pty,raw,echo=0,link=${a}`, `pty,raw,echo=0,link=${b}`]);
  while (!existsSync(a) || !existsSync(b)) await new Promise((resolve) => setTimeout(resolve, 10));
  return { a, b, child, [Symbol.asyncDispose]: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** Compiles the C server of this folder. */
export function compileServer(folder: Folder): string {
  const source = join(import.meta.dirname, "libmodbus_server.c");
  const program = join(folder.path, "server");
  execFileSync("/usr/bin/gcc", [
    "-O1",
    "-Wall",
    "-Werror",
    // libmodbus' own macros cut constants.
    "-Wno-overflow",
    "-I/usr/include/modbus",
    "-o",
    program,
    source,
    "-lmodbus",
  ]);
  return program;
}
