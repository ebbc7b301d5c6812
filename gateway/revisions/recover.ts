import { readText, replaceFile } from "../../config/durable-file.ts";
import type { Log } from "../../drivers/contract.ts";
import { lockFolder } from "../store/lock.ts";
import { hashOf, RevisionBook } from "./book.ts";

/**
 * Before the configuration is read at a start: one that was on trial when the process ended is taken back, because nobody
 * knows whether it was the reason. A file that somebody changed meanwhile stays. @throws RackwatchError `store/locked`.
 */
export function recoverTrial(configFile: string, dataDir: string, log: Log): void {
  const book = new RevisionBook(dataDir);
  if (book.trial() === undefined) return;
  // While another process has the folder the trial is its own.
  using _lock = lockFolder(dataDir);
  const trial = book.trial();
  if (trial === undefined || trial.isOver) return;
  const { serial, previous } = trial;
  const before = book.text(previous);
  const stands = readText(configFile);
  const isOnTrial = stands !== undefined && hashOf(stands) === book.entry(serial)?.sha256;
  try {
    if (isOnTrial && before !== undefined) replaceFile(configFile, before);
    if (isOnTrial && before === undefined)
      log.error("no configuration to go back to", { previous });
    book.beginTrial({ ...trial, isOver: true });
    log.warn("configuration taken back after a restart in its trial", { serial, previous });
  } catch (error) {
    // It runs on as it stands, and the next start tries again.
    log.error("configuration not taken back", { err: error });
  }
}
