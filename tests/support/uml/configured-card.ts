import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { type Entry, RevisionBook, type Trial } from "../../../gateway/revisions/book.ts";
import { mounted } from "../mounted.ts";
import { makeCard } from "./card-guest.ts";

/** What a power cut left of a configuration and of those before it. */
export interface ConfiguredCard {
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly trial: Trial | undefined;
}

/** An empty card but for the configuration. */
export function makeConfiguredCard(context: TestContext, image: string, text: string): void {
  makeCard(image, 128 * 1_048_576);
  using _card = mounted(context, `${image}.mounted`, "-o", "loop", image);
  writeFileSync(join(`${image}.mounted`, "gateway.yaml"), text);
}

/**
 * Looks at a copy, so that the gateway's own recovery comes first on the card itself.
 * @throws Error for a file system that is not whole, and for a revision whose files are torn.
 */
export function lookAtCard(context: TestContext, image: string): ConfiguredCard {
  const copy = `${image}.copy`;
  execFileSync("cp", ["--sparse=always", image, copy]);
  // 1: mended, as a boot does it from the journal.
  const { status, stdout } = spawnSync("e2fsck", ["-fp", copy], { encoding: "utf8" });
  if (status === null || status > 1) throw new Error(`e2fsck ${status}: ${stdout}`);
  using _card = mounted(context, `${image}.mounted`, "-o", "loop", copy);
  const dataDir = join(`${image}.mounted`, "data");
  const book = new RevisionBook(dataDir);
  const entries = book.entries();
  const names = readdirSync(join(dataDir, "revisions"));
  const told = names.filter((name) => /^\d+\.json$/.test(name));
  const torn = told.length - entries.length;
  const bare = entries.filter(({ serial }) => book.text(serial) === undefined);
  if (torn > 0 || bare.length > 0)
    throw new Error(`torn: ${torn}, without text: ${JSON.stringify(bare)} in ${names.join(" ")}`);
  if (names.includes("trial.json") && book.trial() === undefined) throw new Error("torn trial");
  const text = readFileSync(join(`${image}.mounted`, "gateway.yaml"), "utf8");
  return { text, entries, trial: book.trial() };
}
