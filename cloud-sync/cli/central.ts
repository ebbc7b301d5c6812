import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { syncText } from "../../config/language/sync.ts";
import type { Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type CommandIo, newCommand, terminalLanguage } from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createNotifier, type Notifier } from "../../gateway/runtime/notify.ts";
import { stopSignal } from "../../gateway/runtime/stop.ts";
import { productVersion } from "../../gateway/runtime/version.ts";
import { watchdogPing } from "../../gateway/runtime/watchdog.ts";
import type { Database } from "../central/database/database.ts";
import { migrate } from "../central/database/migrations.ts";
import { openPglite } from "../central/database/pglite.ts";
import { openPostgres } from "../central/database/postgres.ts";
import { type Central, startCentral } from "../central/main.ts";
import { addGateway, newToken } from "../central/tokens.ts";

const screens = fileURLToPath(new URL("../../dist/central", import.meta.url));

/** A loop that watches the database longer than this without coming round is stuck: the watchdog is not pinged. */
const silentMsMax = 60_000;

/** How often the watchdog is thought of. */
const tickMs = 5_000;

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
    .option(
      "--alarm-webhook <url>",
      "POST here when a gateway falls silent and when it is back (or RACKWATCH_ALARM_WEBHOOK)",
    )
    .option("--backlog-rate <rows>", "rows a second that each gateway may send of a backlog")
    .option(
      "--backlog-rows-per-second <rows>",
      "the same for all gateways together: those that catch up share it",
    )
    .action(async ({ listen, database, data, alarmWebhook, ...rates }) => {
      const { backlogRate: rateOfEach, backlogRowsPerSecond: rateOfAll } = rates;
      const log = createLog({ ...io.env }).child({ part: "central" });
      const readToken = secretFrom(io, "read-token", "RACKWATCH_READ_TOKEN");
      const hook = alarmWebhook ?? secretFrom(io, "alarm-webhook", "RACKWATCH_ALARM_WEBHOOK");
      const secret = secretFrom(io, "alarm-webhook-secret", "RACKWATCH_ALARM_WEBHOOK_SECRET");
      const central = await startCentral({
        listen,
        openDatabase: opener(io, { database, data }, log),
        clock: systemClock,
        log,
        version: productVersion(),
        webDir: screens,
        language: terminalLanguage(io.env),
        ...(hook === undefined ? {} : { alarmWebhook: alarmWebhookOf(hook, secret) }),
        ...(readToken === undefined ? {} : { readToken }),
        ...(rateOfEach === undefined ? {} : { backlogRowsPerSecond: rateOf(rateOfEach) }),
        ...(rateOfAll === undefined ? {} : { backlogRowsPerSecondOfAll: rateOf(rateOfAll) }),
      });
      const notifier = createNotifier(io.env, log);
      notifier.ready();
      await keepPinging(central, notifier);
      notifier.stopping();
      await central.stop();
      await notifier.idle();
    });
  command.addCommand(addGatewayCommand(io, () => command.opts()));
  return command;
}

/** @throws RackwatchError `config/invalid`: it is no address. */
function alarmWebhookOf(url: string, secret: string | undefined) {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw new RackwatchError("config/invalid", "the alarm webhook is no http(s) address", {
      todo: "give it as https://HOST/PATH with --alarm-webhook or RACKWATCH_ALARM_WEBHOOK",
    });
  }
  return secret === undefined ? { url } : { url, secret };
}

/** @throws RackwatchError `config/invalid`: it is no rate. */
function rateOf(given: string): number {
  const rate = Number(given);
  if (Number.isFinite(rate) && rate >= 1) return rate;
  throw new RackwatchError("config/invalid", "the rate of a backlog is no number from 1 on", {
    where: given,
    todo: "give rows a second, as in --backlog-rate 2000",
  });
}

/** Until the process is asked to stop. */
async function keepPinging(central: Central, notifier: Notifier): Promise<void> {
  const signal = stopSignal();
  const ping = watchdogPing(notifier, systemClock);
  while (!signal.aborted) {
    await systemClock.sleep(tickMs, signal).catch(() => undefined);
    if (central.silentMs() < silentMsMax) ping();
  }
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
