import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { revisionsText } from "../../config/language/revisions.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type Entry, RevisionBook } from "../revisions/book.ts";
import { put } from "./apply.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch history [SERIAL]`: configurations that ran lately, or the difference that one made. */
export function historyCommand(io: CommandIo) {
  return newCommand("history", io)
    .description("list the last configurations: who, when, what became of them")
    .argument("[serial]", "only this one, with the lines that it changed", serialOf)
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--text", "print the whole configuration of that number")
    .option("--json", "print as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((serial, { data, text, json, lang }) => {
      const language = lang ?? terminalLanguage(io.env);
      const book = new RevisionBook(resolve(io.cwd, data));
      const entries = serial === undefined ? book.entries() : [known(book, serial, language)];
      if (serial !== undefined && text === true) {
        io.stdout.write(book.text(serial) ?? "");
        return;
      }
      if (json === true) {
        io.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
        return;
      }
      const lines = entries.flatMap((entry) => [
        lineOf(entry, language),
        ...(entry.reason === undefined ? [] : [`    ${entry.reason.replaceAll("\n", "\n    ")}`]),
        ...(serial === undefined ? [] : entry.difference),
      ]);
      const shown = lines.length === 0 ? [revisionsText[language].none] : lines;
      io.stdout.write(`${shown.join("\n")}\n`);
    });
}

/** `rackwatch rollback [SERIAL]`: an earlier configuration runs again, as a new one. */
export function rollbackCommand(io: CommandIo) {
  return newCommand("rollback", io)
    .description("go back to an earlier configuration; without a number to the one before")
    .argument("[serial]", "number as `rackwatch history` lists it", serialOf)
    .requiredOption("--config <file>", "the gateway's configuration, which is replaced")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--comment <text>", "why, for the history")
    .option("--wait", "wait for the outcome: exit code 0 confirmed, 1 refused or taken back")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (given, { config, data, comment, wait, lang }) => {
      const language = lang ?? terminalLanguage(io.env);
      const said = revisionsText[language];
      const dataDir = resolve(io.cwd, data);
      const book = new RevisionBook(dataDir);
      const serial = given ?? before(book, language);
      const text = book.text(serial);
      if (text === undefined) throw unknown(serial, language);
      await put(text, io, {
        ...{ configFile: resolve(io.cwd, config), dataDir, language },
        ...{ comment: comment ?? said.back(serial), isWaiting: wait === true },
      });
    });
}

/** The confirmed one before the newest that ran. */
function before(book: RevisionBook, language: Language): number {
  const entries = book.entries();
  const running = entries.findLast(({ outcome }) => outcome === "trial" || outcome === "confirmed");
  const found = entries.findLast(
    ({ serial, outcome, sha256 }) =>
      outcome === "confirmed" && serial < (running?.serial ?? 0) && sha256 !== running?.sha256,
  );
  if (found !== undefined) return found.serial;
  throw new RackwatchError("config/unreadable", revisionsText[language].nothingBefore);
}

function known(book: RevisionBook, serial: number, language: Language): Entry {
  const entry = book.entry(serial);
  if (entry === undefined) throw unknown(serial, language);
  return entry;
}

function unknown(serial: number, language: Language): RackwatchError {
  const { noSuch, noSuchTodo } = revisionsText[language];
  return new RackwatchError("config/unreadable", noSuch(serial), { todo: noSuchTodo });
}

function lineOf({ serial, at, source, author, outcome, comment }: Entry, language: Language) {
  const { outcomes, sources } = revisionsText[language];
  const time = new Date(at).toISOString();
  const who = author === source ? sources[source] : `${sources[source]} ${author}`;
  const about = comment === undefined ? [] : [comment];
  return [serial, time, outcomes[outcome], who, ...about].join("  ");
}

function serialOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("a number is needed");
  return Number(text);
}
