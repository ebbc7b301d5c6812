import { execFile } from "node:child_process";
import type { Log } from "../../drivers/contract.ts";

/**
 * `systemd-notify` waits until the manager has read the message (5 s at most), because a message of a process that is
 * gone cannot be told to be the unit's. One that hangs for longer is killed and its message lost.
 */
const deliverTimeoutMs = 8_000;

/** What systemctl shows is cut there; a longer text only costs memory. */
const statusCharactersMax = 200;

/** Tells the service manager how the process is; without one each call does nothing. */
export interface Notifier {
  ready(): void;
  /** The configuration is being read again; `ready` says that this is over. */
  reloading(): void;
  watchdog(): void;
  /** One line that `systemctl status` shows. */
  status(text: string): void;
  stopping(): void;
  /** Without a ping for this long the manager kills the process; ping every half of it. Absent: no watchdog. */
  readonly watchdogMs?: number;
  /** Resolves when all that was said has been delivered or dropped. */
  idle(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const silent: Notifier = {
  ready: () => undefined,
  reloading: () => undefined,
  watchdog: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  idle: () => Promise.resolve(),
};

/**
 * sd_notify(3) by the program systemd-notify, which is there wherever systemd is: Node has no datagrams on Unix
 * sockets. The unit needs NotifyAccess=all, because the message comes from a child. See docs/decisions.
 */
export function createNotifier(env: Environment, log: Log, program = "systemd-notify"): Notifier {
  const { NOTIFY_SOCKET } = env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return silent;
  const messages = new Messages((fields) => deliver(program, fields, env, log));
  const watchdogMs = watchdogOf(env);
  return {
    ready: () => messages.say("READY", "1"),
    reloading: () => messages.say("RELOADING", "1"),
    watchdog: () => messages.say("WATCHDOG", "1"),
    status: (text) => messages.say("STATUS", statusLine(text)),
    stopping: () => messages.say("STOPPING", "1"),
    idle: () => messages.idle(),
    ...(watchdogMs === undefined ? {} : { watchdogMs }),
  };
}

function statusLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, statusCharactersMax);
}

/** Valid only for the process that the manager named, which a child that inherits the environment is not. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | undefined {
  const forMe = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  const ms = Number(WATCHDOG_USEC) / 1_000;
  return forMe && Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/**
 * At most one delivery under way and one message waiting, whose fields are merged: a newer status replaces an older
 * one, a second ping says no more than the first.
 */
class Messages {
  readonly #deliver: (fields: ReadonlyMap<string, string>) => Promise<void>;
  #waiting = new Map<string, string>();
  #running: Promise<void> | undefined;

  constructor(deliver: (fields: ReadonlyMap<string, string>) => Promise<void>) {
    this.#deliver = deliver;
  }

  say(field: string, value: string): void {
    // Of READY and RELOADING in one message the manager takes the last.
    this.#waiting.delete(field);
    this.#waiting.set(field, value);
    this.#running ??= this.#run();
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const fields = this.#waiting;
      this.#waiting = new Map();
      await this.#deliver(fields);
    }
    this.#running = undefined;
  }
}

/** Never rejects: a manager that does not listen is no reason to stop alarming. */
function deliver(
  program: string,
  fields: ReadonlyMap<string, string>,
  env: Environment,
  log: Log,
): Promise<void> {
  const args = [...fields].map(([field, value]) => `${field}=${value}`);
  const options = { env: { ...env }, timeout: deliverTimeoutMs, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, _stdout, stderr) => {
      if (error !== null) {
        const reason = stderr.trim() === "" ? error.message : stderr.trim();
        log.warn("service-manager-not-reached", { message: args.join(" "), reason });
      }
      resolve();
    });
  });
}
