import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { backupText } from "../../config/language/backup.ts";
import type { Language } from "../../config/language/language.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { databaseName } from "../store/database.ts";
import { noSuchFile, openedFile } from "../store/opened-file.ts";
import { verifyBackup } from "../store/restore.ts";
import { saidIn } from "../store/store-error.ts";
import { type DatabaseVerdict, verifyDatabase } from "../store/verify-database.ts";
import { rest } from "./backup.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

const nothing = { chunks: 0, events: 0, audit: 0 };

/** `rackwatch verify`: every hash of a backup, or of a data folder beside a gateway that may be running. */
export function verifyCommand(io: CommandIo) {
  return newCommand("verify", io)
    .description("look for damage: exit code 0 none, 1 found, 2 cannot read")
    .argument("[file]", "a backup")
    .option("--data <dir>", "a gateway's data folder")
    .option("--gently", "leave disk and processor to others")
    .option("--json", "print the verdict as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((file, options) => {
      const language = options.lang ?? terminalLanguage(io.env);
      const text = backupText[language];
      const breathe = options.gently === true ? rest : undefined;
      if ((file === undefined) === (options.data === undefined)) {
        throw new RackwatchError("config/invalid", text.oneOf);
      }
      const found =
        file === undefined
          ? { verdict: folderVerdict(resolve(io.cwd, options.data ?? ""), breathe) }
          : backupVerdict(resolve(io.cwd, file), language, breathe);
      const { verdict } = found;
      if (!verdict.ok) io.setExitCode(exitCodes.problems);
      if (options.json === true) {
        const about = "header" in found ? { backup: found.header } : {};
        io.stdout.write(`${JSON.stringify({ ...verdict, ...about })}\n`);
        return;
      }
      const { chunks, events, audit, findings } = verdict;
      const header = "header" in found ? found.header : undefined;
      const lines = [
        ...(header === undefined ? [] : [text.of(header.gateway, header.createdAt, header.kind)]),
        ...(verdict.ok
          ? [text.sound(chunks, events, audit)]
          : [
              text.damaged(verdict.found),
              ...findings.map(({ is, where }) => `  ${text[is]}: ${where}`),
              text.todo,
            ]),
      ];
      io.stdout.write(`${lines.join("\n")}\n`);
    });
}

function folderVerdict(dataDir: string, breathe: (() => void) | undefined): DatabaseVerdict {
  const bytes = statSync(join(dataDir, databaseName), { throwIfNoEntry: false })?.size ?? 0;
  using opened = openedFile(dataDir, databaseName, (db) => ({
    verdict: verifyDatabase(db, bytes, breathe),
  }));
  if (opened === undefined) throw noSuchFile(dataDir, databaseName);
  return opened.verdict;
}

function backupVerdict(file: string, language: Language, breathe: (() => void) | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-verify-"));
  try {
    return verifyBackup(file, folder, breathe);
  } catch (error) {
    if (!(error instanceof RackwatchError) || !existsSync(file)) throw error;
    const where = saidIn(error, language).message;
    const findings = [{ is: "structure", where }] as const;
    const verdict: DatabaseVerdict = { ok: false, ...nothing, findings, found: findings.length };
    return { verdict };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
