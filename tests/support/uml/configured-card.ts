import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, RevisionBook, type Trial } from "../../../gateway/revisions/book.ts";
import { copyOfCard } from "./card-copy.ts";

/** What a power cut left of a configuration and of those before it. */
export interface ConfiguredCard {
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly trial: Trial | undefined;
}

/** @throws Error for a file system that is not whole, and for a revision whose files are torn. */
export function lookAtCard(image: string): ConfiguredCard {
  using card = copyOfCard(image);
  const { folder } = card;
  const dataDir = join(folder, "data");
  const book = new RevisionBook(dataDir);
  const entries = book.entries();
  const names = readdirSync(join(dataDir, "revisions"));
  const told = names.filter((name) => /^\d+\.json$/.test(name));
  const torn = told.length - entries.length;
  const bare = entries.filter(({ serial }) => book.text(serial) === undefined);
  if (torn > 0 || bare.length > 0)
    throw new Error(`torn: ${torn}, without text: ${JSON.stringify(bare)} in ${names.join(" ")}`);
  if (names.includes("trial.json") && book.trial() === undefined) throw new Error("torn trial");
  const text = readFileSync(join(folder, "gateway.yaml"), "utf8");
  return { text, entries, trial: book.trial() };
}
