import { downText } from "../config/language/down.ts";
import { revisionsText } from "../config/language/revisions.ts";
import { loadText } from "../config/load.ts";
import { errorsText } from "../config/report.ts";
import type { Config } from "../config/schema/config.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { loadOptions } from "./configuration.ts";
import type { ConfigurationView } from "./panel/configuration-api.ts";
import type { ConfigurationSource, RestoreRefusal } from "./panel/configuration-source.ts";
import { type Entry, RevisionBook } from "./revisions/book.ts";
import { putConfiguration } from "./revisions/put.ts";

/** Errors of a check that a refusal lists: a phone shows them without an end. */
const problemsMax = 5;

export interface PanelConfigurationsParts {
  readonly config: Config;
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The book of configurations as the panel shows it; what is gone back to takes the way of `rackwatch rollback`. */
export class PanelConfigurations implements ConfigurationSource {
  readonly #parts: PanelConfigurationsParts;
  readonly #book: RevisionBook;

  constructor(parts: PanelConfigurationsParts) {
    this.#parts = parts;
    this.#book = new RevisionBook(parts.dataDir);
  }

  list(): readonly ConfigurationView[] {
    const entries = this.#book.entries();
    const running = entries.findLast(
      ({ outcome }) => outcome === "trial" || outcome === "confirmed",
    );
    return entries.map((entry) => viewOf(entry, entry.serial === running?.serial)).toReversed();
  }

  restore(serial: number, seen: number, by: string): RestoreRefusal | undefined {
    const { config, configFile } = this.#parts;
    const text = this.#book.text(serial);
    if (text === undefined) return "unknown";
    if (this.#book.trial() !== undefined) return "on-trial";
    if (this.#book.entries().at(-1)?.serial !== seen) return "changed";
    const { language } = config.gateway;
    this.#check(text);
    const written = putConfiguration(text, revisionsText[language].back(serial), {
      ...this.#parts,
      ...{ configFile, language, by: { author: by, source: "panel" } },
    });
    return written === undefined ? "same" : undefined;
  }

  /** What ran once may not do so any more: a file that it names is gone. @throws RackwatchError `config/invalid`. */
  #check(text: string): void {
    const { config, configFile, env } = this.#parts;
    const loaded = loadText(text, configFile, loadOptions(env));
    if (loaded.ok) return;
    const { language } = config.gateway;
    const told = errorsText(loaded.problems, language, problemsMax);
    throw new RackwatchError("config/invalid", downText[language].invalid(told));
  }
}

function viewOf(entry: Entry, runs: boolean): ConfigurationView {
  const { digest, sha256, difference, ...shown } = entry;
  return { ...shown, runs, difference: [...difference] };
}
