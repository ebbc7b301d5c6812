import type { CommandIo } from "../../gateway/cli/command.ts";

/** A terminal in memory, and what was written to it. */
export function memoryIo() {
  const seen = { out: "", err: "", code: 0 };
  const io: CommandIo = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    cwd: "/",
    env: {},
    setExitCode: (code) => {
      seen.code = code;
    },
  };
  return { io, seen };
}
