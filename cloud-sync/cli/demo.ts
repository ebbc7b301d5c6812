import { type CommandIo, exitCodes, newCommand } from "../../gateway/cli/command.ts";
import { stopSignal } from "../../gateway/runtime/stop.ts";
import { runDemo } from "../demo/demo.ts";

/** `rackwatch demo`, which is `npm start`. */
export function demoCommand(io: CommandIo) {
  return newCommand("demo", io)
    .description("run gateway, agent and central with simulated devices")
    .option("--data <dir>", "keep the demo's data in this folder instead of throwing it away")
    .option("--no-build", "take the screens as they are")
    .action(async ({ data, build }) => {
      const ended = await runDemo({
        env: io.env,
        say: (line) => io.stdout.write(`${line}\n`),
        signal: stopSignal(),
        build,
        ...(data === undefined ? {} : { dataDir: data }),
      });
      if (!ended) io.setExitCode(exitCodes.problems);
    });
}
