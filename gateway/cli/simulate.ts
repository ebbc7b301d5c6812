import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { canConvert } from "../pipeline/unit.ts";
import { systemClock } from "../runtime/clock.ts";
import { differences } from "../simulate/difference.ts";
import { ruleBook } from "../simulate/rule-book.ts";
import { type NamedFile, type Run, type RunInput, run } from "../simulate/run.ts";
import { differenceJson, differenceText, replayText, transitionsJson } from "../simulate/show.ts";
import { type Checked, exitCodeOf, jsonOf, textOf } from "./check.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

const help = `
Samples are CSV in UTF-8: at,point,value[,quality]. Events are at,rule,event,by[,argument]; event is
one of ack, reset, shelve (argument: 30min, or one-shot), unshelve, suppress, unsuppress,
out-of-service, return-to-service. A first line may name the columns, in any order. at is ISO 8601;
without a zone it is UTC. Values are as the gateway stores them: after calibration and conversion.
quality is good (default), uncertain or bad; a bad sample's value may be empty, or its reason.

A file of only version and rules is enough; the points are then those of the samples. Points may be
interleaved in any order. A row older than one of its own point before it is late: it makes no
alarm. At one instant timers come first, then samples (by the name of their point), then events.
After the last of them the clock runs on for the longest delay of the rules.

--json prints an array of {rule, at, from, to, cause}. With --against it prints an object:
transitions.config and transitions.against are such arrays; rules says of each rule how many alarms
are the same, which come onlyConfig or onlyAgainst, and which moved ({config, against}); an alarm is
{from, to} from its violation to its return, to null while it is not over.

Rows that are left out, late or refused are told on standard error. Exit code 0 done, 1 problems in
a configuration or no usable sample at all, 2 a file cannot be read.`;

/** `rackwatch simulate`: the rules over recorded or given samples, and the alarms that would have been. */
export function simulateCommand(io: CommandIo) {
  return newCommand("simulate", io)
    .description("Replay samples through the rules and show the alarms that would have been")
    .requiredOption("--config <file>", "the rules: a gateway's configuration, or a part of one")
    .option("--samples <file>", "CSV of samples")
    .option("--from <duration>", "instead: the samples of this time in a gateway's store, as 30d")
    .option("--data <dir>", "folder of that store")
    .option("--events <file>", "CSV of what people did")
    .option("--against <file>", "other rules, to show what they would change")
    .option("--json", "print as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .addHelpText("after", help)
    .action((options) => {
      const language = options.lang ?? terminalLanguage(io.env);
      const asJson = options.json === true;
      const samples = samplesOf(options, io, language);
      const files = [options.config, ...(options.against === undefined ? [] : [options.against])];
      const configs = loadAll(files, io, { asJson, language });
      if (configs === undefined) return;
      const source = "dir" in samples ? "store" : "file";
      const done = run({
        books: configs.map((config) => ruleBook(config, source)),
        samples,
        events: options.events === undefined ? undefined : named(options.events, io),
        language,
      });
      for (const line of done.complaints) io.stderr.write(`${line}\n`);
      if (done.samples === 0) io.stderr.write(`${simulateText[language].noSamples}\n`);
      io.stdout.write(asJson ? json(done, files) : textFor(done, language));
      io.setExitCode(done.samples === 0 && done.badRows > 0 ? exitCodes.problems : exitCodes.ok);
    });
}

/** Undefined when there are errors: then they were printed as `check` prints them. */
function loadAll(
  files: readonly string[],
  io: CommandIo,
  { asJson, language }: { readonly asJson: boolean; readonly language: Language },
): readonly Config[] | undefined {
  const configs: Config[] = [];
  const wrong: Checked[] = [];
  for (const file of files) {
    const { env, cwd: folder } = io;
    const result = loadConfig(file, {
      ...{ env, folder, canConvert },
      secrets: "substitute",
      form: "partial",
    });
    if (result.ok) configs.push(result.config);
    else wrong.push({ file, problems: result.problems });
  }
  if (wrong.length === 0) return configs;
  io.stdout.write(asJson ? jsonOf(wrong, language) : textOf(wrong, language));
  io.setExitCode(exitCodeOf(wrong));
  return undefined;
}

interface Source {
  readonly samples?: string | undefined;
  readonly from?: string | undefined;
  readonly data?: string | undefined;
}

/** @throws RackwatchError `config/invalid`. */
function samplesOf(
  { samples, from, data }: Source,
  io: CommandIo,
  language: Language,
): RunInput["samples"] {
  const text = simulateText[language];
  if (samples !== undefined && from === undefined && data === undefined) return named(samples, io);
  if (samples !== undefined || from === undefined || data === undefined) {
    const { message, todo } = text.oneSource;
    throw new RackwatchError("config/invalid", message, { todo });
  }
  const ms = parseDuration(from);
  if (ms === undefined) {
    const { message, todo } = text.noDuration(from);
    throw new RackwatchError("config/invalid", message, { todo });
  }
  return { dir: resolve(io.cwd, data), from: systemClock.now() - ms };
}

function named(file: string, { cwd }: CommandIo): NamedFile {
  return { path: resolve(cwd, file), shown: file };
}

function json({ results }: Run, files: readonly string[]): string {
  const [config, against] = results;
  const [configFile, againstFile] = files;
  const mine = transitionsJson(config?.transitions ?? []);
  if (againstFile === undefined) return `${mine}\n`;
  const found = differences(config?.episodes ?? [], against?.episodes ?? []).map(differenceJson);
  const parts = [
    `"config": ${JSON.stringify(configFile)}`,
    `"against": ${JSON.stringify(againstFile)}`,
    `"transitions": {"config": ${mine}, "against": ${transitionsJson(against?.transitions ?? [])}}`,
    `"rules": ${JSON.stringify(found, null, 2)}`,
  ];
  return `{\n${parts.join(",\n")}\n}\n`;
}

function textFor(done: Run, language: Language): string {
  const [config, against] = done.results;
  if (config === undefined) return `${simulateText[language].nothing}\n`;
  const shown = replayText(done, config, language);
  if (against === undefined) return shown;
  return `${shown}\n${differenceText(differences(config.episodes, against.episodes), language)}`;
}
