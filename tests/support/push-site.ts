import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Push, pushKey } from "../../gateway/push/push.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { DeliveryFile } from "../../gateway/store/delivery-file.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { memoryLog } from "./manual-clock.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));

export interface SyncProcess {
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** A gateway's folder with a real store, whose pushes a real `rackwatch sync` delivers. */
export class PushSite implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), "rackwatch-push-site-"));
  readonly #config = join(this.dir, "gateway.yaml");
  readonly #store = openStore({
    dir: this.dir,
    gatewayId: "gw-1",
    clock: systemClock,
    log: memoryLog().log,
  }).store;
  readonly #file = new DeliveryFile(this.dir);
  readonly #processes: SyncProcess[] = [];
  #seq = 0;

  /** @param sections beside `version`, `gateway` and `channels` */
  configure(sections: string, id = "gw-1"): void {
    writeFileSync(this.#config, `version: 1\ngateway: { id: ${id} }\nchannels: {}\n${sections}\n`);
  }

  queue(...pushes: readonly Push[]): void {
    const state = new Map<string, unknown>();
    for (const push of pushes) {
      this.#seq += 1;
      state.set(pushKey(this.#seq), push);
    }
    this.#store.commit({
      clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
      samples: [],
      events: [],
      state,
    });
  }

  states() {
    return this.#file.read(this.#store.outbox.epoch);
  }

  problems() {
    return this.#file.problems();
  }

  sync(env: Readonly<Record<string, string>> = {}, ...more: readonly string[]): SyncProcess {
    const args = [rackwatch, "sync", "--config", this.#config, "--data", this.dir, ...more];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
      });
    }
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const running: SyncProcess = {
      output: () => output,
      exited,
      kill: (signal) => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        return exited;
      },
    };
    this.#processes.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#processes) await running.kill("SIGKILL");
    this.#file[Symbol.dispose]();
    this.#store[Symbol.dispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
