// ExecStopPost of the gateway's unit. A program of its own, so that it needs a fifth of the time and nothing that the
// gateway may have failed on: loading the whole command takes seconds on a small machine.
import { runCommand } from "./command.ts";
import { failSafeCommand } from "./fail-safe.ts";

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  setExitCode: (code: number) => {
    process.exitCode = code;
  },
};
await runCommand(failSafeCommand(io), process.argv.slice(2), io);
