import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { bundleText } from "../../config/language/bundles.ts";
import { syncText } from "../../config/language/sync.ts";
import { loadConfig } from "../../config/load.ts";
import { problemText } from "../../config/report.ts";
import { type Road, roadsOf } from "../../config/roads.ts";
import type { Config } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  type CommandIo,
  exitCodes,
  newCommand,
  terminalLanguage,
} from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { answerBytesMax } from "../bundles/answer-format.ts";
import { type AnswerTaken, BundleExchange, rowsOf } from "../bundles/bundle-exchange.ts";
import { BundleRecord } from "../bundles/bundle-record.ts";
import { CarriedMessages } from "../bundles/carried-messages.ts";
import { roadCredentials } from "../identity/road-credentials.ts";
import { Progress } from "../progress.ts";

/** Sections whose secrets are not needed here. */
const foreignSections = ["channels", "broker", "panel", "sms", "notify", "mail"];

interface Given {
  readonly config: string;
  readonly data: string;
  readonly road?: string | undefined;
}

/** `rackwatch bundle export DIR` and `rackwatch bundle import PATH`: the road of files, by hand. */
export function bundleCommand(io: CommandIo) {
  return newCommand("bundle", io)
    .description("carry rows to central and its answers back, on a stick")
    .addCommand(exportCommand(io))
    .addCommand(importCommand(io));
}

function exportCommand(io: CommandIo) {
  return newCommand("export", io)
    .description("write what central has not confirmed into bundles")
    .argument("<dir>", "folder of the stick")
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option(
      "--road <name>",
      "whose credentials and cursor; default: the road via file, else central",
    )
    .option("--since-last", "only what came after the last bundle that was made")
    .option("--json", "print JSON")
    .action(async (dir, options) => {
      using opened = open(io, options);
      const { exchange, text } = opened;
      const made = await exchange.export(resolve(io.cwd, dir), options.sinceLast === true);
      if (options.json === true) {
        const bundles = made.map(({ name, head }) => ({ file: name, ...head }));
        io.stdout.write(`${JSON.stringify({ bundles })}\n`);
        return;
      }
      if (made.length === 0) io.stdout.write(`${text.nothing}\n`);
      else {
        for (const it of made) {
          const rows = rowsOf(it);
          const said = rows === 0 ? text.question(it.name) : text.exported(it.name, rows);
          io.stdout.write(`${said}\n`);
        }
        io.stdout.write(`  ${text.exportedTodo}\n`);
      }
    });
}

function importCommand(io: CommandIo) {
  return newCommand("import", io)
    .description("take central's answers: exit code 0 taken or known, 1 refused")
    .argument("<path>", "an answer (.rwa), or a folder that holds some")
    .requiredOption("--config <file>", "the gateway's configuration")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option(
      "--road <name>",
      "whose credentials and cursor; default: the road via file, else central",
    )
    .option("--new-central", "central was set up anew: its answers count from now on")
    .option("--older", "take an older answer too: central's clock was wrong")
    .option("--json", "print JSON")
    .action(async (path, options) => {
      using opened = open(io, options);
      const { exchange, text } = opened;
      const from = resolve(io.cwd, path);
      const how = { newCentral: options.newCentral === true, older: options.older === true };
      const taken = await answersAt(exchange, from, how, text);
      const bad = taken.some((it) => it.kind === "refused" || it.kind === "foreign");
      if (taken.length === 0 || bad) io.setExitCode(exitCodes.problems);
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify({ answers: taken })}\n`);
        return;
      }
      if (taken.length === 0) io.stderr.write(`${text.noFiles}\n`);
      for (const it of taken) io.stdout.write(`${line(it, text)}\n`);
    });
}

type Text = (typeof bundleText)["en"];

async function answersAt(
  exchange: BundleExchange,
  from: string,
  how: { readonly newCentral: boolean; readonly older: boolean },
  text: Text,
): Promise<readonly AnswerTaken[]> {
  try {
    if (statSync(from).isDirectory()) return await exchange.takeAll(from, how);
    const bytes = statSync(from).size > answerBytesMax ? undefined : readFileSync(from);
    return [exchange.take(basename(from), bytes, how)];
  } catch (cause) {
    if (cause instanceof RackwatchError) throw cause;
    const { message, todo } = text.folder(from);
    throw new RackwatchError("sync/bundle", message, { where: from, todo, cause });
  }
}

function line(it: AnswerTaken, text: Text): string {
  if (it.kind === "taken") return text.taken(it.file, it.marks.events, it.marks.samples);
  if (it.kind === "known") return text.known(it.file);
  return `${it.file}: ${it.message}\n  ${it.todo}`;
}

/** @throws RackwatchError `config/invalid`, `sync/bundle`, `sync/not-enrolled`, `store/...` */
function open(io: CommandIo, given: Given): Disposable & { exchange: BundleExchange; text: Text } {
  const dataDir = resolve(io.cwd, given.data);
  const language = terminalLanguage(io.env);
  const text = bundleText[language];
  const { gateway, sync } = load(io, given);
  const road = roadFor(sync, given.road);
  if (road === undefined) {
    const { message, todo } = text.noRoad();
    throw new RackwatchError("sync/bundle", message, { todo });
  }
  const agentText = syncText[language];
  const { keys } = roadCredentials(road, { gatewayId: gateway.id, dataDir, text: agentText });
  const log = createLog({ ...io.env }).child({ part: "bundle" });
  using opened = new DisposableStack();
  const outbox = opened.use(openOutbox(dataDir, gateway.id));
  const progress = opened.use(new Progress(dataDir, agentText, road.name));
  const record = new BundleRecord(dataDir, road.name);
  const of = { gatewayId: gateway.id, clock: systemClock, log };
  const messages = opened.use(new CarriedMessages({ ...of, dataDir, text: agentText }));
  const exchange = new BundleExchange({
    ...{ ...of, outbox, progress, keys, record, language, messages },
  });
  const kept = opened.move();
  return { exchange, text, [Symbol.dispose]: () => kept.dispose() };
}

function load(io: CommandIo, { config: file }: Given): Config {
  const loaded = loadConfig(resolve(io.cwd, file), { env: io.env, foreignSections });
  if (loaded.ok) return loaded.config;
  const language = terminalLanguage(io.env);
  const problems = loaded.problems.map((problem) => problemText(problem, language));
  throw new RackwatchError("config/invalid", problems.join("\n"));
}

function roadFor(sync: Config["sync"], name: string | undefined): Road | undefined {
  const roads = sync === undefined ? [] : roadsOf(sync);
  if (name !== undefined) return roads.find((road) => road.name === name);
  return roads.find(({ settings }) => settings.via === "file") ?? roads[0];
}
