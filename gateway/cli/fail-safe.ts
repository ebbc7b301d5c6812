import { resolve } from "node:path";
import { type GpioHost, programFolders, sysfsFolder } from "../../drivers/gpio/backend.ts";
import { driveFailSafe, type FailSafeResult } from "../../drivers/gpio/fail-safe.ts";
import { systemClock } from "../runtime/clock.ts";
import { outputsFile, readOutputs } from "../runtime/outputs-file.ts";
import { type CommandIo, exitCodes, newCommand } from "./command.ts";

const machine: GpioHost = { clock: systemClock, programs: programFolders, sysfsFolder };

/**
 * `rackwatch fail-safe`: drives the outputs of a gateway that has ended to their fail-safe levels. It reads neither
 * configuration nor database, because it runs after any end, also after one that these have caused.
 */
export function failSafeCommand(io: CommandIo, host: GpioHost = machine) {
  return newCommand("fail-safe", io)
    .description("Drive the outputs to their fail-safe state; the gateway must not be running")
    .option("--data <folder>", "data folder of the gateway", "/var/lib/rackwatch")
    .option("--json", "print the result as JSON")
    .action(async (options) => {
      const path = outputsFile(io.env, resolve(io.cwd, options.data));
      const plans = readOutputs(path);
      const results = (
        await Promise.all((plans ?? []).map((plan) => driveFailSafe(plan, host)))
      ).flat();
      io.stdout.write(
        options.json === true ? jsonOf(results) : textOf(results, plans === undefined, path),
      );
      const failed = results.some(({ error }) => error !== undefined);
      io.setExitCode(failed ? exitCodes.problems : exitCodes.ok);
    });
}

function textOf(results: readonly FailSafeResult[], unwritten: boolean, path: string): string {
  if (unwritten) return `no output was driven: there is no ${path}\n`;
  if (results.length === 0) return "no output to drive\n";
  return results
    .map(({ channel, line, level, error }) => {
      const what = `${channel} line ${line}`;
      if (error === undefined) return `${what}: level ${level}\n`;
      return `${what}: ${error.message}${error.todo === undefined ? "" : ` (${error.todo})`}\n`;
    })
    .join("");
}

function jsonOf(results: readonly FailSafeResult[]): string {
  const rows = results.map(({ channel, line, level, error }) => ({
    channel,
    line,
    level,
    ...(error === undefined ? {} : { code: error.code, message: error.message }),
  }));
  return `${JSON.stringify(rows)}\n`;
}
