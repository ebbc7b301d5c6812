import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram, type User } from "./program.ts";

/** A folder that goes with the test. */
export function scratchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "rackwatch-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => done(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}

/** Asks until the answer fits; throws what was seen last. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  fits: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (fits(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      throw new Error(`not within ${timeoutMs} ms; last seen: ${describe(last)}`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

function describe(value: unknown): string {
  return value instanceof Error ? value.message : JSON.stringify(value);
}

export interface GatewayRig {
  readonly folder: string;
  readonly configFile: string;
  readonly dataDir: string;
  /** Base address of the panel. */
  readonly panel: string;
  readonly brokerPort: number;
  get<T>(path: string): Promise<T>;
  start(user?: User): Promise<Running>;
  writeConfig(yaml: string): void;
}

export interface Running {
  readonly pid: number;
  /** Log lines so far. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** A gateway process over a configuration; `{panel}` and `{broker}` in it become free ports. */
export async function gatewayRig(
  folder: string,
  yaml: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayRig> {
  const panelPort = await freePort();
  const brokerPort = await freePort();
  const configFile = join(folder, "gateway.yaml");
  const dataDir = join(folder, "data");
  const panel = `http://127.0.0.1:${panelPort}`;
  const writeConfig = (text: string) =>
    writeFileSync(
      configFile,
      text.replaceAll("{panel}", `${panelPort}`).replaceAll("{broker}", `${brokerPort}`),
    );
  writeConfig(yaml);
  return {
    folder,
    configFile,
    dataDir,
    panel,
    brokerPort,
    writeConfig,
    get: (path) => getJson(`${panel}${path}`),
    start: (user) =>
      startProgram(["run", "--config", configFile, "--data", dataDir], env, "gateway runs", user),
  };
}

export async function getJson<T>(url: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(20_000), ...init });
  // The caller says what it expects, and asserts on it.
  return (await answer.json()) as T;
}
