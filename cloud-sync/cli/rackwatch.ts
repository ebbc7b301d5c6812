import { type CommandIo, exitCodes, type Runnable, runCommand } from "../../gateway/cli/command.ts";

type Load = (io: CommandIo) => Promise<Runnable>;

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Each command is loaded when it is asked for: a gateway on a Pi never holds central's libraries. */
  readonly load: Load;
}

const commands: readonly Entry[] = [
  entry("run", "run the gateway", async (io) =>
    (await import("../../gateway/cli/run.ts")).runCommandOf(io),
  ),
  entry("sync", "ship the gateway's log to central", async (io) =>
    (await import("./sync.ts")).syncCommand(io),
  ),
  entry("bundle", "carry rows to central on a stick, and its answers back", async (io) =>
    (await import("./bundle.ts")).bundleCommand(io),
  ),
  entry("enroll", "make this machine a gateway of central, by a code", async (io) =>
    (await import("./enroll.ts")).enrollCommand(io),
  ),
  entry("central", "run the server that gateways report to", async (io) =>
    (await import("./central.ts")).centralCommand(io),
  ),
  entry("demo", "run all three with simulated devices", async (io) =>
    (await import("./demo.ts")).demoCommand(io),
  ),
  entry("check", "check configuration files", async (io) =>
    (await import("../../gateway/cli/check.ts")).checkCommand(io),
  ),
  entry("apply", "have the running gateway go over to another configuration", async (io) =>
    (await import("../../gateway/cli/apply.ts")).applyCommand(io),
  ),
  entry("history", "list the last configurations of a gateway", async (io) =>
    (await import("../../gateway/cli/history.ts")).historyCommand(io),
  ),
  entry("rollback", "go back to an earlier configuration", async (io) =>
    (await import("../../gateway/cli/history.ts")).rollbackCommand(io),
  ),
  entry("schema", "print the JSON Schema of the configuration", async (io) =>
    (await import("../../gateway/cli/schema.ts")).schemaCommand(io),
  ),
  entry(
    "simulate",
    "replay samples through the rules: the alarms that would have been",
    async (io) => (await import("../../gateway/cli/simulate.ts")).simulateCommand(io),
  ),
  entry("decode", "say what bytes from a wire mean", async (io) =>
    (await import("../../gateway/cli/decode.ts")).decodeCommand(io),
  ),
  entry("devices", "list what can be connected: drivers, languages, models", async (io) =>
    (await import("../../gateway/cli/devices.ts")).devicesCommand(io),
  ),
  entry("probe", "read one device and show everything about it", async (io) =>
    (await import("../../gateway/cli/probe.ts")).probeCommand(io),
  ),
  entry("weigh", "find tare and piece weight with the scale under a shelf", async (io) =>
    (await import("../../gateway/cli/weigh.ts")).weighCommand(io),
  ),
  entry("scan", "find out what is on a wire or a server", async (io) =>
    (await import("../../gateway/cli/scan.ts")).scanCommand(io),
  ),
  entry("sim", "run a simulated device on a port or a serial line", async (io) =>
    (await import("../../gateway/cli/sim.ts")).simCommand(io),
  ),
  entry("opcua", "accept or reject certificates of OPC UA servers", async (io) =>
    (await import("../../gateway/cli/opcua.ts")).opcuaCommand(io),
  ),
  entry("audit", "read and verify the audit trail", async (io) =>
    (await import("../../gateway/cli/audit.ts")).auditCommand(io),
  ),
  entry("stock", "read and verify the stock ledger", async (io) =>
    (await import("../../gateway/cli/stock.ts")).stockCommand(io),
  ),
  entry("doctor", "look at everything a gateway needs, and say what to do", async (io) =>
    (await import("../../gateway/cli/doctor.ts")).doctorCommand(io),
  ),
  entry("support", "write a file for whoever helps, without secrets", async (io) =>
    (await import("../../gateway/cli/support.ts")).supportCommand(io),
  ),
  entry("backup", "copy the database while the gateway runs", async (io) =>
    (await import("../../gateway/cli/backup.ts")).backupCommand(io),
  ),
  entry("restore", "put a backup in place of the database", async (io) =>
    (await import("../../gateway/cli/restore.ts")).restoreCommand(io),
  ),
  entry("verify", "look for damage in a backup or in a data folder", async (io) =>
    (await import("../../gateway/cli/verify.ts")).verifyCommand(io),
  ),
  entry("report", "write the record of a location and a period, as PDF or CSV", async (io) =>
    (await import("../../gateway/cli/report.ts")).reportCommand(io),
  ),
  entry("fail-safe", "drive the outputs to their fail-safe state", async (io) =>
    (await import("../../gateway/cli/fail-safe.ts")).failSafeCommand(io),
  ),
];

/** Runs one command line; resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const io: CommandIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    setExitCode: (given) => {
      code = given;
    },
  };
  const found = commands.find(({ name }) => name === args[0]);
  if (found === undefined) {
    const asked = args[0];
    const wantsHelp = asked === undefined || ["help", "--help", "-h"].includes(asked);
    (wantsHelp ? io.stdout : io.stderr).write(overview(wantsHelp ? undefined : asked));
    return wantsHelp ? exitCodes.ok : exitCodes.cannotRun;
  }
  await runCommand(await found.load(io), args.slice(1), io);
  return code;
}

function overview(unknown: string | undefined): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const complaint = unknown === undefined ? [] : [`rackwatch: there is no command ${unknown}`, ""];
  return `${[...complaint, "usage: rackwatch COMMAND [--help]", "", ...list].join("\n")}\n`;
}

function entry(name: string, summary: string, load: Load): Entry {
  return { name, summary, load };
}
