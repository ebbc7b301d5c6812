import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { doctorText } from "../../config/language/doctor.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { bundle, bundleBytesMax } from "../doctor/bundle.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch support`: all that somebody needs who helps from afar, without secrets, as a gzipped tar. */
export function supportCommand(io: CommandIo) {
  return newCommand("support", io)
    .description(
      "write doctor's findings, configuration, logs, metrics and figures, without secrets",
    )
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .requiredOption("--out <file>", "file to be made, as in support.tar.gz")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async ({ config, data, out, lang }) => {
      const language = lang ?? terminalLanguage(io.env);
      const file = resolve(io.cwd, out);
      const packed = await bundle({
        configFile: resolve(io.cwd, config),
        dataDir: resolve(io.cwd, data),
        env: io.env,
        language,
        now: () => Date.now(),
      });
      if (packed.length > bundleBytesMax) {
        throw new RackwatchError("store/full", `the bundle has more than ${bundleBytesMax} bytes`);
      }
      try {
        writeFileSync(file, packed, { mode: 0o600 });
      } catch (cause) {
        throw new RackwatchError("store/io", "the bundle cannot be written", {
          where: file,
          todo: "give another file with --out",
          cause,
        });
      }
      io.stdout.write(`${doctorText[language].written(file, packed.length)}\n`);
    });
}
