import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { reportText } from "../../config/language/report.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { summarize } from "../figures/summary.ts";
import { canConvert } from "../pipeline/unit.ts";
import { pointBook } from "../point-book.ts";
import { daysOf, figuresCsv, figuresSections, savedAlarms } from "../report/figures-report.ts";
import { LogReader } from "../report/log-reader.ts";
import { periodOf } from "../report/period.ts";
import { planOf } from "../report/plan-of.ts";
import { ReportOutput } from "../report/report-output.ts";
import { type ReportPlan, reportPlanSchema } from "../report/report-plan.ts";
import { type ReportForm, reportForms, writeReport } from "../report/write-report.ts";
import { configuredRules } from "../rules/configured-rules.ts";
import { systemClock } from "../runtime/clock.ts";
import { exitCodeOf, textOf } from "./check.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

const help = `
Without a period it is yesterday. Days and months are those of the gateway's time zone; a day given
with --to belongs to the period. The gateway may run meanwhile: nothing is written but the report.
The SHA-256 of what the report rests on stands in it; --figures reports on all alarms instead.`;

/** `rackwatch report`: what a location was like in a period, as PDF or CSV. */
export function reportCommand(io: CommandIo) {
  return newCommand("report", io)
    .description("write the record of a location and a period, for an audit: PDF or CSV")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .requiredOption("--out <file>", "FILE.pdf or FILE.csv; - is standard output")
    .option("--config <file>", "the gateway's configuration")
    .option("--location <id>", "a location of the configuration")
    .option("--month <month>", "a month, as 2026-10")
    .option("--from <time>", "2026-10-01, 2026-10-01T08:00 (local) or 2026-10-01T00:00:00Z")
    .option("--to <time>", "likewise")
    .option("--figures", "the figures of the alarm system instead")
    .option("--days <count>", "days of --figures", "7")
    .option("--by <name>", "who made it")
    .addOption(new Option("--as <form>", "form, where the name does not say").choices(reportForms))
    .addOption(new Option("--plan", "read the plan of a report from standard input").hideHelp())
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .addHelpText("after", help)
    .action(async (options) => {
      const asked = options.lang ?? terminalLanguage(io.env);
      const form = formOf(options.out, options.as, asked);
      const dataDir = resolve(io.cwd, options.data);
      const path = options.out === "-" ? "-" : resolve(io.cwd, options.out);
      if (options.plan === true) {
        const plan = await givenPlan(io, asked);
        using output = new ReportOutput(path);
        await writeReport(plan, dataDir, form, output);
        output.end();
        return;
      }
      const config = configOf(options.config, io, asked);
      if (config === undefined) return;
      const language = options.lang ?? config.gateway.language;
      const text = reportText[language];
      if (options.figures === true) {
        using output = new ReportOutput(path);
        await writeFigures({ config, dataDir, form, language, days: options.days }, output);
        const sha256 = output.end();
        if (path !== "-") io.stdout.write(`${text.written(options.out, sha256)}\n`);
        return;
      }
      const plan = planFor(options, config, language);
      using output = new ReportOutput(path);
      const content = await writeReport(plan, dataDir, form, output);
      const sha256 = output.end();
      if (path === "-") return;
      io.stdout.write(`${text.written(options.out, sha256)}\n${text.content(content)}\n`);
    });
}

function formOf(out: string, as: ReportForm | undefined, language: Language): ReportForm {
  const found = as ?? reportForms.find((form) => out.toLowerCase().endsWith(`.${form}`));
  if (found !== undefined) return found;
  throw new RackwatchError("config/invalid", reportText[language].noName(out));
}

async function givenPlan(io: CommandIo, language: Language): Promise<ReportPlan> {
  const given = io.stdin === undefined ? "" : await readAll(io.stdin);
  try {
    return reportPlanSchema.parse(JSON.parse(given));
  } catch (cause) {
    throw new RackwatchError("config/invalid", reportText[language].noPlan, { cause });
  }
}

/** Undefined when there are errors: then they were printed as `check` prints them. */
function configOf(file: string | undefined, io: CommandIo, language: Language): Config | undefined {
  if (file === undefined) {
    throw new RackwatchError("config/invalid", reportText[language].noConfig);
  }
  const { env, cwd: folder } = io;
  const result = loadConfig(file, { env, folder, canConvert, secrets: "substitute" });
  if (result.ok) return result.config;
  const wrong = [{ file, problems: result.problems }];
  io.stderr.write(textOf(wrong, language));
  io.setExitCode(exitCodeOf(wrong));
  return undefined;
}

interface Asked {
  readonly location?: string | undefined;
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: string | undefined;
}

function planFor({ location, by, ...asked }: Asked, config: Config, language: Language) {
  if (location === undefined) {
    throw new RackwatchError("config/invalid", reportText[language].noLocation);
  }
  const now = systemClock.now();
  const { timezone } = config.gateway;
  const points = pointBook(config);
  const rules = configuredRules(config, points);
  const period = periodOf(asked, { timezone, now, language });
  return planOf(location, period, { config, points, rules, now, language, by });
}

interface FiguresParts {
  readonly config: Config;
  readonly dataDir: string;
  readonly form: ReportForm;
  readonly language: Language;
  readonly days: string;
}

async function writeFigures(parts: FiguresParts, output: ReportOutput): Promise<void> {
  const { config, dataDir, form, language } = parts;
  const text = reportText[language];
  const days = Number(parts.days);
  if (!Number.isInteger(days) || days < 1 || days > 366) {
    throw new RackwatchError("config/invalid", text.noDays(parts.days));
  }
  const now = systemClock.now();
  using log = new LogReader(dataDir);
  if (!log.exists) {
    const todo = text.noStoreTodo;
    throw new RackwatchError("store/io", text.noStore(dataDir), { where: dataDir, todo });
  }
  const alarms = savedAlarms(log.state("alarm/"));
  const figures = summarize(daysOf(log.state("figures/")), alarms, now, days);
  const sections = figuresSections(figures, language);
  if (form === "csv") {
    output.write(figuresCsv(sections));
    return;
  }
  const { figuresPdf } = await import("../report/figures-pdf.ts");
  const title = `${text.alarmFigures}: ${config.gateway.name ?? config.gateway.id}`;
  const foot = (page: number, of: number) => [config.gateway.id, text.page(page, of)] as const;
  for await (const part of figuresPdf(title, sections, new Date(now), foot)) output.write(part);
}
