import { Option } from "@commander-js/extra-typings";
import { type ExplainedRule, explainRules } from "../../config/explain.ts";
import { checkSummaryText } from "../../config/language/check.ts";
import type { Language } from "../../config/language/language.ts";
import { type LoadOptions, loadConfig } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import { problemJson, problemText } from "../../config/report.ts";
import type { Config } from "../../config/schema/config.ts";
import { canConvert } from "../pipeline/unit.ts";
import { explainStock } from "../stock/items/explain-stock.ts";
import {
  type CommandIo,
  type ExitCode,
  exitCodes,
  newCommand,
  terminalLanguage,
} from "./command.ts";

/** A file, and what is wrong with it. */
export interface Checked {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** What its rules are, in words; absent of a file that cannot be used. */
  readonly rules?: readonly ExplainedRule[];
  /** What it says of stock, in words; absent where it says nothing. */
  readonly stock?: readonly ExplainedRule[];
}

/** `rackwatch check FILE...`: everything that is wrong with configurations, without starting anything. */
export function checkCommand(io: CommandIo) {
  return newCommand("check", io)
    .description(
      "Check configuration files: exit code 0 valid, 1 problems, 2 a file cannot be read",
    )
    .argument("<file...>", "gateway YAML files")
    .option("--json", "print problems as JSON")
    .option("--explain", "say in words what each rule and the stock section amount to")
    .option("--no-secrets", "do not look secrets up, for checking on another machine")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((files, options) => {
      const load: LoadOptions = {
        env: io.env,
        folder: io.cwd,
        canConvert,
        secrets: options.secrets ? "demand" : "substitute",
      };
      const language = options.lang ?? terminalLanguage(io.env);
      const isExplained = options.explain === true || options.json === true;
      const explain = (config: Config): Explained => {
        if (!isExplained) return { rules: [] };
        const stock = explainStock(config, language);
        return { rules: explainRules(config, language), ...(stock.length === 0 ? {} : { stock }) };
      };
      const checked = files.map((file) => checkFile(file, load, explain));
      io.stdout.write(
        options.json === true ? jsonOf(checked, language) : textOf(checked, language),
      );
      io.setExitCode(exitCodeOf(checked));
    });
}

type Explained = Pick<Checked, "rules" | "stock">;

function checkFile(
  file: string,
  options: LoadOptions,
  explain: (config: Config) => Explained,
): Checked {
  const result = loadConfig(file, options);
  return result.ok
    ? { file, problems: result.warnings, ...explain(result.config) }
    : { file, problems: result.problems };
}

export function textOf(checked: readonly Checked[], language: Language): string {
  const text = checkSummaryText[language];
  return checked
    .flatMap(({ file, problems, rules = [], stock = [] }) => {
      const errors = errorsOf(problems).length;
      const warnings = problems.length - errors;
      const summary =
        problems.length === 0 ? text.valid(file) : text.counted(file, errors, warnings);
      return [
        ...problems.map((problem) => `${problemText(problem, language)}\n`),
        summary,
        ...[...rules, ...stock].map(({ id, text }) => `\n${id}: ${text}`),
      ];
    })
    .map((part) => `${part}\n`)
    .join("");
}

export function jsonOf(checked: readonly Checked[], language: Language): string {
  const files = checked.map(({ file, problems, rules, stock }) => ({
    file,
    valid: errorsOf(problems).length === 0,
    problems: problems.map((problem) => problemJson(problem, language)),
    ...(rules === undefined ? {} : { rules }),
    ...(stock === undefined ? {} : { stock }),
  }));
  return `${JSON.stringify(files, null, 2)}\n`;
}

export function exitCodeOf(checked: readonly Checked[]): ExitCode {
  const errors = checked.flatMap(({ problems }) => errorsOf(problems));
  const isUnread = ({ code }: Problem) =>
    code === "file/missing" || code === "file/unreadable" || code === "file/not-a-file";
  if (errors.some(isUnread)) return exitCodes.cannotRun;
  return errors.length > 0 ? exitCodes.problems : exitCodes.ok;
}

function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ severity }) => severity === "error");
}
