import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Makes system calls of a running process fail or last, until it is disposed; needs strace and root.
 * @param calls as strace names them, by commas.
 * @param fault as strace's `inject` takes it: `error=EIO`, `delay_exit=300000` (microseconds).
 */
export async function syscallFault(
  pid: number,
  calls: string,
  fault: string,
): Promise<AsyncDisposable> {
  const args = ["-f", "-p", `${pid}`, "-o", "/dev/null", "-e", `trace=${calls}`];
  const tracer = spawn("strace", [...args, "-e", `inject=${calls}:${fault}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(tracer, "exit");
  let said = "";
  await new Promise<void>((attached, fail) => {
    tracer.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      if (said.includes("attached")) attached();
    });
    void exited.then(() => fail(new Error(`strace ended: ${said}`)));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      // It lets go of the process, which goes on.
      tracer.kill("SIGINT");
      await exited;
    },
  };
}
