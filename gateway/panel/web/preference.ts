import { type Signal, signal } from "@preact/signals";
import type { Language } from "../../../config/language/language.ts";

const storageKey = "rackwatch-language";

/** The language that this browser chose, else that of the gateway, else what the browser asks for. */
export interface LanguagePreference {
  readonly language: Signal<Language>;
  /** A person's choice: remembered. */
  choose(language: Language): void;
  /** Counts only while nobody has chosen here. */
  suggest(language: Language): void;
}

export function openPreference(): LanguagePreference {
  let chosen = read();
  const language = signal<Language>(chosen ?? (/^zh\b/i.test(navigator.language) ? "zh" : "en"));
  return {
    language,
    choose: (next) => {
      chosen = next;
      language.value = next;
      keep(next);
    },
    suggest: (next) => {
      if (chosen === undefined) language.value = next;
    },
  };
}

function read(): Language | undefined {
  try {
    const kept = localStorage.getItem(storageKey);
    return kept === "en" || kept === "zh" ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** A browser that keeps nothing (private mode) forgets the choice, and that is all. */
function keep(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    return;
  }
}
