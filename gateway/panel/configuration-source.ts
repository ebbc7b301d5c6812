import type { ConfigurationView } from "./configuration-api.ts";

/** Why a configuration is not gone back to; `same`: it stands there already. */
export type RestoreRefusal = "unknown" | "on-trial" | "changed" | "same";

/** The configurations of the gateway that ran lately. */
export interface ConfigurationSource {
  /** Newest first. */
  list(): readonly ConfigurationView[];
  /**
   * Puts an earlier one in place of the file; the gateway tries it within seconds, as a new one.
   * @param seen the newest serial that the person saw: whoever comes second must have seen the first.
   * @returns undefined: it is written.
   * @throws RackwatchError `config/invalid` when it passes the check no more, `config/unreadable` when it cannot be written.
   */
  restore(serial: number, seen: number, by: string): RestoreRefusal | undefined;
}
