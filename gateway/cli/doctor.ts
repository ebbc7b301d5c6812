import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { doctorText } from "../../config/language/doctor.ts";
import { diagnose } from "../doctor/doctor.ts";
import { findingsText } from "../doctor/findings-text.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch doctor`: what is wrong with this gateway, and what to do. */
export function doctorCommand(io: CommandIo) {
  return newCommand("doctor", io)
    .description("look at everything a gateway needs: exit code 0 well, 1 something failed")
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--json", "print the findings as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async ({ config, data, json, lang }) => {
      const language = lang ?? terminalLanguage(io.env);
      const { findings } = await diagnose({
        configFile: resolve(io.cwd, config),
        dataDir: resolve(io.cwd, data),
        env: io.env,
        language,
        now: () => Date.now(),
      });
      if (findings.some(({ grade }) => grade === "fail")) io.setExitCode(exitCodes.problems);
      io.stdout.write(
        json === true
          ? `${JSON.stringify({ findings }, null, 2)}\n`
          : findingsText(findings, doctorText[language]),
      );
    });
}
