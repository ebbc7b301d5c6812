import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { backupText } from "../../config/language/backup.ts";
import { restoreBackup } from "../store/restore.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch restore`: a backup in place of what is there, which is kept aside. */
export function restoreCommand(io: CommandIo) {
  return newCommand("restore", io)
    .description("put a backup in place while the gateway is stopped: exit code 0 done, 2 refused")
    .argument("<file>", "the backup")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--gateway <id>", "whose it must be; default: that of the database which is there")
    .option("--adopt", "take another gateway's data as this one's")
    .option("--json", "print what was done as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((file, options) => {
      const restored = restoreBackup({
        backup: resolve(io.cwd, file),
        dataDir: resolve(io.cwd, options.data),
        gatewayId: options.gateway,
        adopt: options.adopt === true,
        now: Date.now(),
      });
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify(restored)}\n`);
        return;
      }
      const text = backupText[options.lang ?? terminalLanguage(io.env)];
      const { header, setAside } = restored;
      const lines = [
        text.restored(header.gateway, header.createdAt),
        ...(setAside.length > 0 ? [text.aside(setAside.join(", "))] : []),
        text.start,
      ];
      io.stdout.write(`${lines.join("\n  ")}\n`);
    });
}
