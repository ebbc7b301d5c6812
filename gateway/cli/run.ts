import { resolve } from "node:path";
import { problemText } from "../../config/report.ts";
import { keepRunning } from "../keep-running.ts";
import { hangUpReloads } from "../runtime/reload.ts";
import { stopSignal } from "../runtime/stop.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch run`: the gateway. */
export function runCommandOf(io: CommandIo) {
  return newCommand("run", io)
    .description("run the gateway: read devices, evaluate rules, drive outputs")
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "folder of its database; made when it is missing")
    .action(async ({ config, data }) => {
      const problems = await keepRunning({
        configFile: resolve(io.cwd, config),
        dataDir: resolve(io.cwd, data),
        env: io.env,
        // Where a terminal is, its end hangs up; without one SIGHUP asks to read the configuration again.
        ...(process.stdin.isTTY
          ? { signal: stopSignal() }
          : { signal: stopSignal(["SIGTERM", "SIGINT"]), reloads: hangUpReloads() }),
      });
      if (problems === undefined) return;
      const language = terminalLanguage(io.env);
      for (const problem of problems) io.stderr.write(`${problemText(problem, language)}\n`);
      io.setExitCode(exitCodes.cannotRun);
    });
}
