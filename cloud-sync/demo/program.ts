import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const rackwatch = fileURLToPath(new URL("../cli/rackwatch.js", import.meta.url));

/** A program that does not end after this is killed. */
const stopMsMax = 8_000;

/** Log lines above this are not looked at; they are shown when they are warnings. */
const lineCharsMax = 10_000;

export interface Program {
  /** Resolves to what happened when the program ends without being stopped. */
  readonly ended: Promise<string>;
  /** Resolves when the event was logged, to the field of any line so far; rejects when the program ends before. */
  untilLogged(event: string, field: string): Promise<string | undefined>;
  /** As a power cut or the kernel's memory killer would. */
  kill(): void;
  /** Whether a signal ended it, and not the program itself. */
  wasKilled(): boolean;
  stop(): Promise<void>;
}

/** As long as systemd waits (`RestartSec` of the units). */
const restartMs = 2_000;

/** A program that is started again when it is killed, as its unit would be; one that ends by itself has ended. */
export function keepUp(start: () => Program): Omit<Program, "wasKilled"> {
  let program = start();
  let isStopping = false;
  const ended = (async () => {
    for (;;) {
      const reason = await program.ended;
      if (isStopping || !program.wasKilled()) return reason;
      await sleep(restartMs, undefined, { ref: false });
      if (isStopping) return reason;
      program = start();
    }
  })();
  return {
    ended,
    untilLogged: (event, field) => program.untilLogged(event, field),
    kill: () => program.kill(),
    stop: () => {
      isStopping = true;
      return program.stop();
    },
  };
}

type Env = Readonly<Record<string, string | undefined>>;

/** Runs one rackwatch command as a process of its own; its errors are shown, its other log lines are not. */
export function startProgram(args: readonly [command: string, ...string[]], env: Env): Program {
  return startScript(args[0], [rackwatch, ...args], env);
}

/** The same for any script of Node; its standard input ends with this process. */
export function startScript(name: string, args: readonly string[], env: Env): Program {
  const child = spawn(process.execPath, args, {
    env,
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C reaches the whole group; the demo alone decides the order in which its programs end.
    detached: true,
  });
  const exited = new Promise<string>((done) => {
    child.once("error", (error) => done(`${name} cannot be started: ${error.message}`));
    child.once("exit", (code, signal) => done(`${name} ended with ${signal ?? `code ${code}`}`));
  });
  const events = new Set<string>();
  const fields = new Map<string, string>();
  let look: () => void = () => undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const entry = parsed(line);
    if (entry === undefined) return;
    events.add(String(entry["event"]));
    for (const [key, value] of Object.entries(entry)) fields.set(key, String(value));
    if (entry["level"] === "error") process.stderr.write(`${line}\n`);
    look();
  });
  return {
    ended: exited,
    untilLogged: (event, field) =>
      new Promise((done, fail) => {
        look = () => {
          if (events.has(event)) setImmediate(() => done(fields.get(field)));
        };
        look();
        void exited.then((reason) => fail(new Error(reason)));
      }),
    kill: () => void child.kill("SIGKILL"),
    wasKilled: () => child.signalCode !== null,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      await exited;
      clearTimeout(timer);
    },
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line.length > lineCharsMax) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
