import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type BundleText, bundleText } from "../../config/language/bundles.ts";
import type { Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  type CommandIo,
  exitCodes,
  newCommand,
  terminalLanguage,
} from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { bundleFiles, writeAnswer } from "../central/bundles/bundle-files.ts";
import {
  type BundleFile,
  type ImportedFile,
  importBundles,
} from "../central/bundles/import-bundles.ts";
import type { Database } from "../central/database/database.ts";
import { DatabaseLink } from "../central/database-link.ts";
import type { KeyPlace } from "../central/identity/key-file.ts";
import { openSigningKey } from "../central/identity/signing-key.ts";
import { type PostTo, postBundles } from "./post-bundle.ts";

/** `rackwatch central import PATH...`: takes bundles of gateways in, and writes the answers that go back. */
export function centralImportCommand(
  io: CommandIo,
  opener: (log: Log) => () => Promise<Database>,
  keys: () => { readonly keys?: KeyPlace },
) {
  const importHere = async (files: readonly BundleFile[], text: BundleText) => {
    const log = createLog({ ...io.env }).child({ part: "central" });
    await using link = new DatabaseLink(opener(log), systemClock, log);
    await link.start(async () => undefined);
    const { keys: place } = keys();
    const signer = place && openSigningKey(place);
    const parts = { link, clock: systemClock, log, text, address: "bundle", signer };
    return await importBundles(files, parts);
  };
  return newCommand("import", io)
    .description(
      "take bundles of gateways in: exit code 0 all are at central, 1 some were refused or came too early",
    )
    .argument("<paths...>", "bundles (.rwb), or folders that hold them")
    .option("--answers <dir>", "where answers for the gateways go; default: beside the first path")
    .option("--central <url>", "give them to a central that runs, in place of its database")
    .option("--token-file <file>", "token of a person with the role operator, for --central")
    .option("--ca <file>", "PEM of the authority that central's certificate is from")
    .option("--json", "print JSON")
    .action(async (paths, { answers: folder, json, ...to }) => {
      const text = bundleText[terminalLanguage(io.env)];
      const given = paths.map((path) => resolve(io.cwd, path));
      const files = readable(() => bundleFiles(given), text.folder(given.join(", ")));
      if (files.length === 0) {
        io.stderr.write(`${text.noFiles}\n`);
        return io.setExitCode(exitCodes.cannotRun);
      }
      const done = await (to.central === undefined
        ? importHere(files, text)
        : postBundles(files, postTo(io, { ...to, central: to.central }, text)));
      const target = resolve(io.cwd, folder ?? folderOf(given[0] ?? "."));
      const answers = [];
      for (const answer of done.answers) {
        answers.push({ gateway: answer.gateway, file: await writeAnswer(target, answer) });
      }
      const isDone = ({ outcome }: ImportedFile) => outcome === "taken" || outcome === "known";
      if (!done.files.every(isDone)) io.setExitCode(exitCodes.problems);
      if (json === true) {
        io.stdout.write(`${JSON.stringify({ files: done.files, answers })}\n`);
        return;
      }
      for (const it of done.files) io.stdout.write(`${line(it, text)}\n`);
      for (const { file } of answers) io.stdout.write(`${text.answerWritten(file)}\n`);
    });
}

interface Running {
  readonly central: string;
  readonly tokenFile?: string | undefined;
  readonly ca?: string | undefined;
}

/** @throws RackwatchError `sync/bundle`: there is no token. */
function postTo(io: CommandIo, { central, tokenFile, ca }: Running, text: BundleText): PostTo {
  if (tokenFile === undefined) {
    const { message, todo } = text.noToken();
    throw new RackwatchError("sync/bundle", message, { todo });
  }
  const caFile = ca && resolve(io.cwd, ca);
  return { central, tokenFile: resolve(io.cwd, tokenFile), caFile, text };
}

function line(it: ImportedFile, text: BundleText): string {
  if (it.outcome === "taken") return text.imported(it.file, it.rows);
  if (it.outcome === "known") return text.known(it.file);
  return `${it.file}: ${it.message}\n  ${it.todo}`;
}

function folderOf(path: string): string {
  return statSync(path).isDirectory() ? path : dirname(path);
}

function readable<T>(
  read: () => T,
  { message, todo }: { readonly message: string; readonly todo: string },
): T {
  try {
    return read();
  } catch (cause) {
    throw new RackwatchError("sync/bundle", message, { todo, cause });
  }
}
