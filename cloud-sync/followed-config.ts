import { syncText } from "../config/language/sync.ts";
import type { LastGoodResult } from "../config/last-good.ts";
import { headline } from "../config/report.ts";
import { FileLook } from "../gateway/revisions/file-look.ts";
import type { SyncOptions } from "./sync-options.ts";

export interface FollowedConfigParts {
  readonly file: string;
  readonly load: () => LastGoodResult;
  /** What is made of a configuration. */
  readonly optionsOf: (
    config: Extract<LastGoodResult, { readonly ok: true }>["config"],
  ) => SyncOptions;
  /** What runs. */
  readonly running: SyncOptions;
}

/** The configuration while the agent runs: whoever changes it, a person or central, finds it followed within seconds. */
export class FollowedConfig {
  readonly #parts: FollowedConfigParts;
  readonly #look: FileLook;

  constructor(parts: FollowedConfigParts) {
    this.#parts = parts;
    this.#look = new FileLook(parts.file);
  }

  /** Undefined: it has not changed, or is not to be used, which is said; what runs goes on. To be called every second or so. */
  next(): SyncOptions | undefined {
    const { file, load, optionsOf, running } = this.#parts;
    const { clock, log, gatewayId, language } = running;
    if (!this.#look.isChanged(clock.monotonicMs(), true)) return undefined;
    const loaded = load();
    if (!loaded.ok || loaded.problem !== undefined) {
      const problem = loaded.problems.find(({ severity }) => severity === "error");
      const where = problem === undefined ? file : headline(problem, language);
      log.warn("configuration not taken", { code: "config/invalid", where });
      return undefined;
    }
    const { id } = loaded.config.gateway;
    if (id !== gatewayId) {
      // The log that is shipped belongs to the gateway that writes it.
      log.warn("configuration not taken", { ...syncText[language].otherId(gatewayId, id) });
      return undefined;
    }
    return optionsOf(loaded.config);
  }
}
