import { setImmediate } from "node:timers/promises";
import { switchText } from "../config/language/switch.ts";
import { errorsText } from "../config/report.ts";
import type { Config } from "../config/schema/config.ts";
import type { Log } from "../drivers/contract.ts";
import type { loadChanged } from "./configuration.ts";
import type { HealthBook } from "./health/health-book.ts";
import { isSameSetting } from "./same-settings.ts";

export type Switched = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** To another configuration while the gateway runs. */
export interface ConfigSwitch {
  /**
   * Reads the configuration file again and goes over to it. Resolves when what closes is closed and what is new is
   * opening; with a reason when nothing has changed. Never rejects.
   */
  to(): Promise<Switched>;
}

/** Problems that one reason lists; a file that is no configuration at all has thousands. */
export const reasonProblemsMax = 20;

type Loaded = ReturnType<typeof loadChanged>;

export interface ConfigSwitchParts {
  readonly log: Log;
  readonly health: HealthBook;
  /** The one that runs. */
  readonly config: () => Config;
  readonly load: () => Loaded;
  /** Keeps a configuration that runs for the next start. */
  readonly keep: (loaded: Extract<Loaded, { readonly ok: true }>) => {
    readonly notSaved?: unknown;
  };
  /** Goes over. @throws what a part throws that cannot be built: nothing has changed then. */
  readonly go: (config: Config) => Promise<void>;
}

/** One switch after the other; of several that are asked for meanwhile one is enough, since each reads the file as it is. */
export class RunningConfigSwitch implements ConfigSwitch {
  readonly #parts: ConfigSwitchParts;
  #running: Promise<Switched> | undefined;
  #waiting: Promise<Switched> | undefined;

  constructor(parts: ConfigSwitchParts) {
    this.#parts = parts;
  }

  to(): Promise<Switched> {
    if (this.#running === undefined) return this.#begin();
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.#begin();
    });
    return this.#waiting;
  }

  #begin(): Promise<Switched> {
    const running = this.#once().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #once(): Promise<Switched> {
    const { log, health, config, load, keep, go } = this.#parts;
    const before = config();
    const { language } = before.gateway;
    try {
      const loaded = load();
      if (!loaded.ok) {
        return this.#refused(errorsText(loaded.problems, language, reasonProblemsMax));
      }
      const { id } = loaded.config.gateway;
      if (id !== before.gateway.id) return this.#refused(switchText[language].otherId(id));
      // Reading took its time: what is due meanwhile comes first.
      await setImmediate();
      if (!isSameSetting(before, loaded.config)) await go(loaded.config);
      const { notSaved } = keep(loaded);
      if (notSaved !== undefined) log.warn("configuration not kept", { err: notSaved });
      health.report("config", undefined);
      return { ok: true };
    } catch (error) {
      log.error("configuration not switched", { err: error });
      return this.#refused(error instanceof Error ? error.message : String(error));
    }
  }

  #refused(reason: string): Switched {
    const { config, health, log } = this.#parts;
    const text = switchText[config().gateway.language];
    log.warn("configuration refused", { reason });
    const message = text.refused(reason);
    health.report("config", { code: "config/invalid", message, todo: text.todo });
    return { ok: false, reason };
  }
}
