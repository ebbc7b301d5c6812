import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { syncText } from "../../config/language/sync.ts";
import type { Log } from "../../drivers/contract.ts";
import { type CommandIo, newCommand, terminalLanguage } from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import type { Database } from "../central/database/database.ts";
import { migrate } from "../central/database/migrations.ts";
import { openPglite } from "../central/database/pglite.ts";
import { openPostgres } from "../central/database/postgres.ts";
import { startCentral } from "../central/main.ts";
import { addGateway, newToken } from "../central/tokens.ts";

const screens = fileURLToPath(new URL("../../dist/central", import.meta.url));
const packageFile = fileURLToPath(new URL("../../package.json", import.meta.url));

/** `rackwatch central` and `rackwatch central add-gateway ID`. */
export function centralCommand(io: CommandIo) {
  const command = newCommand("central", io)
    .description("run the server that gateways report to")
    .option("--listen <host:port>", "where to listen", "127.0.0.1:8090")
    .option(
      "--database <url>",
      "PostgreSQL, as in postgres://user@host/rackwatch (or RACKWATCH_DATABASE)",
    )
    .option("--data <dir>", "folder of the embedded database, when there is no --database", "data")
    .action(async ({ listen, database, data }) => {
      const log = createLog({ ...io.env }).child({ part: "central" });
      const readToken = secretFrom(io, "read-token", "RACKWATCH_READ_TOKEN");
      const central = await startCentral({
        listen,
        openDatabase: opener(io, { database, data }, log),
        clock: systemClock,
        log,
        version: version(),
        webDir: screens,
        ...(readToken === undefined ? {} : { readToken }),
      });
      await stopped();
      await central.stop();
    });
  command.addCommand(addGatewayCommand(io, () => command.opts()));
  return command;
}

function addGatewayCommand(
  io: CommandIo,
  where: () => { readonly database?: string | undefined; readonly data: string },
) {
  return newCommand("add-gateway", io)
    .description("enrol a gateway, or give it a new token, and print the token once")
    .argument("<id>", "gateway.id of its configuration")
    .option("--name <name>", "what people call it")
    .option("--json", "print JSON")
    .action(async (id, { name, json }) => {
      const log = createLog({ ...io.env });
      await using database = await opener(io, where(), log)();
      await migrate(database);
      const token = newToken();
      await addGateway(database, id, token, name);
      if (json === true) {
        io.stdout.write(`${JSON.stringify({ gateway: id, token })}\n`);
        return;
      }
      io.stderr.write(`${syncText[terminalLanguage(io.env)].tokenOnce}\n`);
      io.stdout.write(`${token}\n`);
    });
}

function opener(
  io: CommandIo,
  where: { readonly database?: string | undefined; readonly data: string },
  log: Log,
): () => Promise<Database> {
  const url = where.database ?? secretFrom(io, "database", "RACKWATCH_DATABASE");
  if (url === undefined) return () => openPglite(resolve(io.cwd, where.data));
  return async () => openPostgres(url, log);
}

/** From systemd's credentials, else from the environment: other users of the machine see arguments, but neither of these. */
function secretFrom(io: CommandIo, credential: string, variable: string): string | undefined {
  const { CREDENTIALS_DIRECTORY: folder } = io.env;
  const file = folder === undefined ? undefined : join(folder, credential);
  if (file !== undefined && existsSync(file)) return readFileSync(file, "utf8").trim();
  const value = io.env[variable];
  return value === "" ? undefined : value;
}

function version(): string {
  const text: unknown = JSON.parse(readFileSync(packageFile, "utf8"));
  const found = typeof text === "object" && text !== null && "version" in text ? text.version : "";
  return String(found);
}

function stopped(): Promise<void> {
  return new Promise((done) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => done());
  });
}
