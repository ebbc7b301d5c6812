import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./spine.ts";

export interface Mosquitto extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  start(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it without ending it, as a machine that hangs: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Who may log in from the next start on; nobody by default, and then everybody may. */
  setPassword(user: string, password: string): void;
  /** Publishes with mosquitto_pub; the arguments come behind host and port. */
  publish(...args: readonly string[]): void;
}

/** The broker of Debian, in a folder of the test. Not running yet. */
export async function mosquitto(folder: string, lines: readonly string[] = []): Promise<Mosquitto> {
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  const passwords = join(folder, "passwords");
  // As root it would become the user mosquitto, who may not read the folder.
  const user = process.getuid?.() === 0 ? ["user root"] : [];
  const write = (access: readonly string[]) => {
    const all = [`listener ${port} 127.0.0.1`, ...user, ...access, ...lines, ""];
    writeFileSync(file, all.join("\n"));
  };
  write(["allow_anonymous true"]);
  let child: ChildProcess | undefined;
  const kill = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  return {
    address: `tcp://127.0.0.1:${port}`,
    port,
    kill,
    start: async () => {
      child = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
      await listening(port);
    },
    signal: (signal) => void child?.kill(signal),
    setPassword: (user, password) => {
      writeFileSync(passwords, `${user}:${password}\n`, { mode: 0o600 });
      const done = spawnSync("mosquitto_passwd", ["-U", passwords]);
      if (done.status !== 0) throw new Error(done.stderr.toString());
      write(["allow_anonymous false", `password_file ${passwords}`]);
    },
    publish: (...args) => {
      const where = ["-h", "127.0.0.1", "-p", `${port}`, "-V", "mqttv311"];
      const done = spawnSync("mosquitto_pub", [...where, ...args]);
      if (done.status !== 0) throw new Error(done.stderr.toString());
    },
    [Symbol.asyncDispose]: async () => {
      child?.kill("SIGCONT");
      await kill("SIGKILL");
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const socket = connect({ host: "127.0.0.1", port });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error("mosquitto does not listen");
}
