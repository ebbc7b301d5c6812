import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { revisionsText } from "../../config/language/revisions.ts";
import { loadText } from "../../config/load.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { loadOptions } from "../configuration.ts";
import { outcomeMsMax, outcomeOf, putConfiguration } from "../revisions/put.ts";
import { isLocked } from "../store/lock.ts";
import { exitCodeOf, textOf } from "./check.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch apply FILE`: checked, then in place of the configuration that runs; taken back when it does harm. */
export function applyCommand(io: CommandIo) {
  return newCommand("apply", io)
    .description("check a configuration and have the running gateway go over to it, on trial")
    .argument("<file>", "the new configuration")
    .requiredOption("--config <file>", "the gateway's configuration, which is replaced")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--comment <text>", "why, for the history")
    .option("--wait", "wait for the outcome: exit code 0 confirmed, 1 refused or taken back")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (file, { config, data, comment, wait, lang }) => {
      const text = readNew(resolve(io.cwd, file));
      await put(text, io, {
        ...{ configFile: resolve(io.cwd, config), dataDir: resolve(io.cwd, data), comment },
        ...{ isWaiting: wait === true, language: lang ?? terminalLanguage(io.env) },
      });
    });
}

export interface PutOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly comment: string | undefined;
  readonly isWaiting: boolean;
  readonly language: Language;
}

/** Checks a text, writes it, and waits for the gateway where that is asked for. */
export async function put(text: string, io: CommandIo, options: PutOptions): Promise<void> {
  const { configFile, dataDir, comment, isWaiting, language } = options;
  const said = revisionsText[language];
  const loaded = loadText(text, configFile, loadOptions(io.env));
  if (!loaded.ok) {
    const checked = [{ file: configFile, problems: loaded.problems }];
    io.stderr.write(textOf(checked, language));
    io.setExitCode(exitCodeOf(checked));
    return;
  }
  const after = putConfiguration(text, comment, { ...options, env: io.env });
  if (after === undefined) {
    io.stdout.write(`${said.same}\n`);
    return;
  }
  if (!isLocked(dataDir)) {
    io.stdout.write(`${said.kept(configFile)}\n`);
    return;
  }
  io.stdout.write(`${said.written(configFile)}\n`);
  if (!isWaiting) return;
  const entry = await outcomeOf(text, after, dataDir);
  if (entry === undefined) {
    io.stderr.write(`${said.noOutcome(outcomeMsMax / 1_000)}\n`);
    io.setExitCode(exitCodes.cannotRun);
    return;
  }
  const { serial, outcome, reason } = entry;
  io.stdout.write(`${[`${serial} ${said.outcomes[outcome]}`, reason ?? []].flat().join("\n")}\n`);
  if (outcome !== "confirmed") io.setExitCode(exitCodes.problems);
}

function readNew(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new RackwatchError("config/unreadable", `${file} cannot be read`, { where: file, cause });
  }
}
