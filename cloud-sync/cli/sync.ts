import { resolve } from "node:path";
import { pushText } from "../../config/language/push.ts";
import { syncText } from "../../config/language/sync.ts";
import { loadOrLastGood } from "../../config/last-good.ts";
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
import { bootId } from "../../gateway/runtime/machine.ts";
import { createNotifier } from "../../gateway/runtime/notify.ts";
import { stopSignal } from "../../gateway/runtime/stop.ts";
import { watchdogPing } from "../../gateway/runtime/watchdog.ts";
import { FollowedConfig } from "../followed-config.ts";
import { drainOnce, runSync } from "../main.ts";
import { hasNetworkReceivers } from "../push/outlets.ts";
import type { SyncOptions } from "../sync-options.ts";

/** Sections of the configuration whose secrets are the gateway's: the agent has no right to read them. */
const foreignSections = ["channels", "broker", "panel", "sms"];

/** `rackwatch sync`: the agent that ships the store to central, and pushes to their receivers. */
export function syncCommand(io: CommandIo) {
  return newCommand("sync", io)
    .description(
      "ship the gateway's log to central, every row once, and its pushes to their receivers",
    )
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--once", "send what is there, then end; exit code 1 when not all of it arrived")
    .action(async ({ config: file, data, once }) => {
      const path = resolve(io.cwd, file);
      const folder = resolve(io.cwd, data, "sync");
      const config = load(path, folder, io);
      if (config === undefined) return io.setExitCode(exitCodes.cannotRun);
      const text = syncText[config.gateway.language];
      if (config.sync === undefined && !hasNetworkReceivers(config)) {
        io.stderr.write(`${text.noSync.message}\n  ${text.noSync.todo}\n`);
        return io.setExitCode(exitCodes.cannotRun);
      }
      const log = createLog({ ...io.env }).child({ part: "sync" });
      const optionsOf = ({ gateway, sync, notify, mail }: Config): SyncOptions => ({
        gatewayId: gateway.id,
        language: gateway.language,
        ...(sync === undefined ? {} : { sync }),
        push: { notify, mail },
        boot: bootId(io.env),
        env: io.env,
        dataDir: resolve(io.cwd, data),
        clock: systemClock,
        log,
      });
      const options = optionsOf(config);
      const signal = stopSignal();
      if (once !== true) {
        const notifier = createNotifier(io.env, log);
        notifier.ready();
        const ticked = watchdogPing(notifier, systemClock);
        const again = () => loadOrLastGood(path, folder, { env: io.env, foreignSections });
        const followed = new FollowedConfig({
          ...{ file: path, load: again, optionsOf, running: options },
        });
        await runSync({ ...options, ticked, next: () => followed.next() }, signal);
        notifier.stopping();
        return notifier.idle();
      }
      const drained = await drainOnce(options, signal);
      if (!drained.rows) io.stderr.write(`${text.notDrained}\n`);
      if (!drained.pushes) {
        io.stderr.write(`${pushText[config.gateway.language].notDrained}\n`);
      }
      if (!drained.rows || !drained.pushes) io.setExitCode(exitCodes.problems);
    });
}

/**
 * A wrong file, or a secret that is gone, does not stop an agent that had a right one: it says so and ships on.
 */
function load(file: string, folder: string, io: CommandIo): Config | undefined {
  const loaded = loadOrLastGood(file, folder, { env: io.env, foreignSections });
  const language = terminalLanguage(io.env);
  if (loaded.ok && loaded.problem === undefined) return loaded.config;
  for (const problem of loaded.problems) io.stderr.write(`${problemText(problem, language)}\n`);
  if (!loaded.ok) return undefined;
  io.stderr.write(`${loaded.problem?.message ?? ""}\n`);
  return loaded.config;
}
