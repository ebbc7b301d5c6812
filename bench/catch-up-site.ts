import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../cloud-sync/build.ts";

const receiverLook = new URL("receiver-look.ts", import.meta.url).href;
const projectDir = fileURLToPath(new URL("..", import.meta.url));

/** As in systemd/rackwatch-sync.service. */
const agentFlags = ["--max-semi-space-size=1", "--max-old-space-size=128"];
const agentEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };

export const gatewayId = "bench";
export const token = "token-of-the-bench";

/** The program as it is shipped, in a folder of its own, so that others may build theirs meanwhile. */
export async function builtProgram(folder: string): Promise<string> {
  const out = join(folder, "program");
  mkdirSync(out);
  symlinkSync(join(projectDir, "node_modules"), join(folder, "node_modules"));
  return buildProgram(out);
}

export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** @param lookFile to which `receiver-look.ts` writes in it; absent: it is not watched. */
export function startCentralProcess(
  program: string,
  port: number,
  database: string,
  lookFile?: string,
) {
  const listen = ["--listen", `127.0.0.1:${port}`, "--database", database];
  const flags = lookFile === undefined ? [] : ["--import", receiverLook];
  const env = lookFile === undefined ? {} : { RECEIVER_LOOK_FILE: lookFile };
  return running([...flags, program, "central", ...listen], env, "central listens");
}

/** The agent with the limits of its unit. */
export function startAgentProcess(program: string, folder: string, central: string) {
  const config = join(folder, "gateway.yaml");
  writeFileSync(config, yamlOf(central));
  const args = ["sync", "--config", config, "--data", join(folder, "data")];
  const env = { ...agentEnv, RACKWATCH_SECRET_CENTRAL: token };
  return running([...agentFlags, program, ...args], env, "agent ships");
}

function yamlOf(central: string): string {
  return `version: 1
gateway: { id: ${gatewayId} }
channels: {}
rules: {}
sync: { central: "${central}", credentials: !secret central }
`;
}

async function running(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: string,
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  await new Promise<void>((done, fail) => {
    child.once("exit", () => fail(new Error(`${args.join(" ")} ended`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes(ready)) done();
      if (line.includes('"level":"error"') || line.includes('"level":50')) {
        process.stderr.write(`${line}\n`);
      }
    });
  });
  const stop = async () => {
    // One that is held hears nothing else.
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    await exited;
  };
  return { pid: child.pid ?? 0, child, stop };
}
