import { userInfo } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readText, replaceFile } from "../../config/durable-file.ts";
import type { Language } from "../../config/language/language.ts";
import { revisionsText } from "../../config/language/revisions.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type Entry, hashOf, type Note, RevisionBook } from "./book.ts";

/** How long a command waits for an outcome: two looks, a switch, the trial and some more. */
export const outcomeMsMax = 180_000;

const lookEveryMs = 500;

export interface PutParts {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  /** Who and by which way; default: whoever typed the command. */
  readonly by?: Pick<Note, "author" | "source">;
}

/**
 * Writes a text in place of the configuration, with a note of who did it; the gateway that runs notices.
 * @returns the highest serial before, or undefined when this text stands there already.
 * @throws RackwatchError `config/unreadable` when file or folder cannot be written.
 */
export function putConfiguration(
  text: string,
  comment: string | undefined,
  { configFile, dataDir, env, language, by }: PutParts,
): number | undefined {
  const book = new RevisionBook(dataDir);
  const serial = book.entries().at(-1)?.serial ?? 0;
  if (readText(configFile) === text) return undefined;
  const said = revisionsText[language];
  try {
    const about = comment === undefined ? {} : { comment };
    book.leaveNote({ sha256: hashOf(text), ...(by ?? { author: authorOf(env) }), ...about });
    replaceFile(configFile, text);
  } catch (cause) {
    throw new RackwatchError("config/unreadable", said.notWritten(configFile), {
      where: dirname(configFile),
      todo: said.notWrittenTodo,
      cause,
    });
  }
  return serial;
}

/** What became of a text that was put behind `after`; undefined: nothing yet. */
export async function outcomeOf(
  text: string,
  after: number,
  dataDir: string,
  msMax = outcomeMsMax,
): Promise<Entry | undefined> {
  const book = new RevisionBook(dataDir);
  const sha256 = hashOf(text);
  for (const until = performance.now() + msMax; performance.now() < until; ) {
    const found = book
      .entries()
      .find((it) => it.serial > after && it.sha256 === sha256 && it.outcome !== "trial");
    if (found !== undefined) return found;
    await sleep(lookEveryMs);
  }
  return undefined;
}

/** Whoever typed the command, also behind sudo. */
function authorOf(env: PutParts["env"]): string {
  const { SUDO_USER: behind } = env;
  if (behind !== undefined && behind !== "") return behind.slice(0, 200);
  try {
    return userInfo().username;
  } catch {
    // A user without a name.
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}
