import { statSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { backupText } from "../../config/language/backup.ts";
import { makeBackup } from "../store/backup.ts";
import { CursorFile } from "../store/cursor-file.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

/** Rest after each megabyte: on a card that writes 10 MB/s the gateway has the greater part of it. */
const restMs = 100;

/** `rackwatch backup`: a copy of the database as of one instant, whether its gateway runs or not. */
export function backupCommand(io: CommandIo) {
  return newCommand("backup", io)
    .description("copy the database, checked and packed: exit code 0 made, 2 not")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .requiredOption("--out <file>", "the backup; one that is there is replaced")
    .option("--full", "also samples that central confirmed, and the records of years")
    .option("--json", "print the backup's first line as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((options) => {
      const dataDir = resolve(io.cwd, options.data);
      const out = resolve(io.cwd, options.out);
      using cursors = new CursorFile(dataDir);
      const header = makeBackup({
        dataDir,
        out,
        full: options.full === true,
        now: Date.now(),
        confirmed: (lane, epoch) => cursors.read(lane, epoch),
        breathe: rest,
      });
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify({ file: out, ...header })}\n`);
        return;
      }
      const text = backupText[options.lang ?? terminalLanguage(io.env)];
      const megabytes = (statSync(out).size / 1e6).toFixed(1);
      io.stdout.write(`${text.made(out, header.kind, megabytes)}\n  ${text.secret}\n`);
    });
}

/** This process has nothing else to do, and shall leave disk and processor to those who have. */
export function rest(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restMs);
}
