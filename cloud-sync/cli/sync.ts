import { resolve } from "node:path";
import { syncText } from "../../config/language/sync.ts";
import { loadConfig } from "../../config/load.ts";
import { problemText } from "../../config/report.ts";
import type { Config } from "../../config/schema/config.ts";
import {
  type CommandIo,
  exitCodes,
  newCommand,
  terminalLanguage,
} from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { drainOnce, runSync, type SyncOptions } from "../main.ts";

/** `rackwatch sync`: the agent that ships the store to central. */
export function syncCommand(io: CommandIo) {
  return newCommand("sync", io)
    .description("ship the gateway's log to central, every row once")
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--once", "send what is there, then end; exit code 1 when not all of it arrived")
    .action(async ({ config: file, data, once }) => {
      const config = load(resolve(io.cwd, file), io);
      if (config === undefined) return io.setExitCode(exitCodes.cannotRun);
      const text = syncText[config.gateway.language];
      const { sync } = config;
      if (sync === undefined) {
        io.stderr.write(`${text.noSync.message}\n  ${text.noSync.todo}\n`);
        return io.setExitCode(exitCodes.cannotRun);
      }
      const options: SyncOptions = {
        gatewayId: config.gateway.id,
        language: config.gateway.language,
        sync,
        dataDir: resolve(io.cwd, data),
        clock: systemClock,
        log: createLog({ ...io.env }).child({ part: "sync" }),
      };
      const signal = stopSignal();
      if (once !== true) return runSync(options, signal);
      const drained = await drainOnce(options, signal);
      if (drained) return;
      io.stderr.write(`${text.notDrained}\n`);
      io.setExitCode(exitCodes.problems);
    });
}

/** The agent needs one secret of the configuration; the others are the gateway's, and it has no right to read them. */
function load(file: string, io: CommandIo): Config | undefined {
  const loaded = loadConfig(file, { env: io.env, secrets: "substitute" });
  if (loaded.ok) return loaded.config;
  const language = terminalLanguage(io.env);
  for (const problem of loaded.problems) io.stderr.write(`${problemText(problem, language)}\n`);
  return undefined;
}

/** Aborted by SIGTERM and SIGINT: the request under way is given up, central's mark says later what came of it. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  return stop.signal;
}
