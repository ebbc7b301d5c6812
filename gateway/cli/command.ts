import type { Readable } from "node:stream";
import { Command, CommanderError } from "@commander-js/extra-typings";
import { type Language, languageSchema } from "../../config/language/language.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { saidIn } from "../store/store-error.ts";

/** How every command ends: all is well; what was looked at is not well; the command could not do its work. */
export const exitCodes = { ok: 0, problems: 1, cannotRun: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface Output {
  write(text: string): unknown;
}

/** All that a command touches of the world besides files; a test gives its own. */
export interface CommandIo {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Relative paths of arguments start here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Decides how the process ends, without ending it: output that is on its way still arrives. */
  setExitCode(code: ExitCode): void;
  /** What is typed while the command runs; absent: nothing. */
  readonly stdin?: Readable;
  /** Ends a command that runs on; absent: the signals of the process do. */
  readonly signal?: AbortSignal;
}

/** A command that writes to `io` and throws instead of ending the process. */
export function newCommand(name: string, io: CommandIo) {
  return new Command(name).exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
  });
}

export interface Runnable {
  parseAsync(argv: readonly string[], options: { from: "user" }): Promise<unknown>;
}

/** Runs `command` with the arguments behind the program's name; usage and operating errors end in exit code 2. */
export async function runCommand(
  command: Runnable,
  args: readonly string[],
  io: CommandIo,
): Promise<void> {
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) io.setExitCode(exitCodes.cannotRun);
      return;
    }
    if (!(error instanceof RackwatchError)) throw error;
    const { message, todo } = saidIn(error, languageOf(args, io));
    const lines = [message, error.where, todo].filter((line) => line !== undefined);
    io.stderr.write(`${lines.join("\n  ")}\n`);
    io.setExitCode(exitCodes.cannotRun);
  }
}

/** As `--lang` of the commands that have it, else as the terminal's. */
function languageOf(args: readonly string[], { env }: CommandIo): Language {
  const at = args.indexOf("--lang");
  const asked = languageSchema.safeParse(at === -1 ? undefined : args[at + 1]);
  return asked.data ?? terminalLanguage(env);
}

/** The language of the terminal: Chinese when the locale says so, else English. */
export function terminalLanguage(env: CommandIo["env"]): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = env;
  const locale = LC_ALL || LC_MESSAGES || LANG || "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
}
