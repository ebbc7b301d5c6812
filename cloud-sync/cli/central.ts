import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "@commander-js/extra-typings";
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
import { migrate } from "../central/database/migrations.ts";
import { logRoles } from "../central/log/open-log.ts";
import { type Central, startCentral } from "../central/main.ts";
import { addGateway, newToken } from "../central/tokens.ts";
import { brokerOf } from "./central-broker.ts";
import { citusSqlCommand } from "./central-citus.ts";
import { identityCommands } from "./central-identity.ts";
import { centralImportCommand } from "./central-import.ts";
import { sampleLogOf } from "./central-kafka.ts";
import { carriedSilentOf, keepOf } from "./central-keep.ts";
import { operatorCommands } from "./central-operators.ts";
import { credentialFile, databaseOpener, keysOf, secretFrom } from "./central-place.ts";

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
    .option(
      "--carried-silent-after <time>",
      "a gateway that only bundles come from is silent after so long without one (default: 8d)",
    )
    .option("--backlog-rate <rows>", "rows a second that each gateway may send of a backlog")
    .option(
      "--backlog-rows-per-second <rows>",
      "the same for all gateways together: those that catch up share it",
    )
    .option("--keep-samples <time>", "drop samples that are older, as in 400d; else never")
    .option("--keep-minutes <time>", "the same for aggregates of minutes")
    .option("--keep-aggregates <time>", "the same for all aggregates, of hours and of minutes")
    .option("--keys <dir>", "folder of central's own keys (default: keys in --data)")
    .option("--tls-cert <file>", "central's certificate with those that it comes from, as PEM")
    .option("--tls-key <file>", "its key, as PEM; both are read again when they change")
    .option(
      "--trusted-proxy <addresses>",
      "addresses or networks of proxies that end TLS and hand on certificates in Client-Cert, with commas",
    )
    .option(
      "--mqtt <url>",
      "read from this broker too, as in mqtts://user@broker (or RACKWATCH_MQTT)",
    )
    .option("--mqtt-prefix <name>", "first level of the topics", "rackwatch")
    .option("--mqtt-ca <file>", "PEM file of the authority that signed the broker's certificate")
    .option("--mqtt-cert <file>", "PEM of the certificate that is shown to the broker")
    .option("--mqtt-key <file>", "its key, as PEM; both are read again at each connection")
    .option("--sparkplug-group <name>", "be the primary host of this group of Sparkplug nodes")
    .option("--sparkplug-host <name>", "under this name, as in the gateways' host", "rackwatch")
    .option(
      "--kafka <url>",
      "samples pass this log on their way, as in kafka://HOST:PORT,HOST:PORT (or RACKWATCH_KAFKA)",
    )
    .option("--kafka-topic <name>", "topic of the log", "rackwatch-samples")
    .addOption(
      new Option("--kafka-role <role>", "put samples into the log, store what it has, or both")
        .choices(logRoles)
        .default("both" as const),
    )
    .action(async ({ listen, database, data, alarmWebhook, ...rates }) => {
      const { backlogRate: rateOfEach, backlogRowsPerSecond: rateOfAll } = rates;
      const log = createLog({ ...io.env }).child({ part: "central" });
      const readToken = secretFrom(io, "read-token", "RACKWATCH_READ_TOKEN");
      const hook = alarmWebhook ?? secretFrom(io, "alarm-webhook", "RACKWATCH_ALARM_WEBHOOK");
      const secret = secretFrom(io, "alarm-webhook-secret", "RACKWATCH_ALARM_WEBHOOK_SECRET");
      const central = await startCentral({
        listen,
        openDatabase: databaseOpener(io, { database, data }, log),
        clock: systemClock,
        log,
        version: productVersion(),
        webDir: screens,
        language: terminalLanguage(io.env),
        keepMs: keepOf(rates),
        ...carriedSilentOf(rates.carriedSilentAfter),
        ...keys(),
        ...tlsOf(io, rates),
        ...brokerOf(io, rates),
        ...sampleLogOf(io, rates),
        trustedProxies: rates.trustedProxy?.split(",") ?? [],
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
  const isGiven = (option: "data") => command.getOptionValueSource(option) === "cli";
  command.addCommand(addGatewayCommand(io, () => command.opts()));
  const keys = () => keysOf(io, { ...command.opts(), dataGiven: isGiven("data") });
  const opener = (log: Log) => databaseOpener(io, command.opts(), log);
  command.addCommand(centralImportCommand(io, opener, keys));
  command.addCommand(citusSqlCommand(io));
  for (const it of identityCommands(io, () => command.opts())) command.addCommand(it);
  for (const it of operatorCommands(io, () => command.opts())) command.addCommand(it);
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

/** @throws RackwatchError `config/invalid`: there is one without the other. */
function tlsOf(
  io: CommandIo,
  given: { readonly tlsCert?: string | undefined; readonly tlsKey?: string | undefined },
) {
  const file = (option: string | undefined, credential: string) =>
    option === undefined ? credentialFile(io, credential) : resolve(io.cwd, option);
  const certFile = file(given.tlsCert, "tls-cert");
  const keyFile = file(given.tlsKey, "tls-key");
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile !== undefined && keyFile !== undefined) return { tls: { certFile, keyFile } };
  throw new RackwatchError("config/invalid", "TLS needs a certificate and its key", {
    todo: "give both --tls-cert and --tls-key, or neither",
  });
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
      await using database = await databaseOpener(io, where(), log)();
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
