import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { table } from "../cli/table.ts";
import type { RuleDifference, Span } from "./difference.ts";
import type { ReplayResult, ReplayTransition } from "./replay.ts";
import type { Run } from "./run.ts";
import { busiest, summaryOf } from "./summary.ts";

/** One transition a line, so that a long answer can be read and compared as text. */
export function transitionsJson(transitions: readonly ReplayTransition[]): string {
  const lines = transitions.map((transition) => JSON.stringify(transitionJson(transition)));
  return lines.length === 0 ? "[]" : `[\n  ${lines.join(",\n  ")}\n]`;
}

function transitionJson({ rule, at, from, to, cause }: ReplayTransition) {
  return { rule, at: iso(at), from, to, cause };
}

export function differenceJson({ rule, same, onlyConfig, onlyAgainst, moved }: RuleDifference) {
  return {
    rule,
    same,
    onlyConfig: onlyConfig.map(spanJson),
    onlyAgainst: onlyAgainst.map(spanJson),
    moved: moved.map(({ config, against }) => ({
      config: spanJson(config),
      against: spanJson(against),
    })),
  };
}

function spanJson({ from, to }: Span) {
  return { from: iso(from), to: to === undefined ? null : iso(to) };
}

/** Every transition, then each rule's figures. */
export function replayText(run: Run, result: ReplayResult, language: Language): string {
  const text = simulateText[language];
  const { transitions, episodes } = result;
  const rows = transitions.map(({ rule, at, from, to, cause }) => [iso(at), rule, from, to, cause]);
  const listed =
    rows.length === 0
      ? [text.nothing]
      : table([[text.time, text.rule, text.from, text.to, text.cause], ...rows]);
  const summary = summaryOf(result, run.startAt).map((rule) => [
    rule.rule,
    String(rule.alarms),
    rule.perDay.toFixed(1),
    lengthText(rule.longestMs),
    lengthText(rule.totalMs),
    rule.isActive ? text.yes : "",
  ]);
  const heads = [text.rule, text.alarms, text.perDay, text.longest, text.total, text.active];
  const most = busiest(episodes);
  return [
    ...listed,
    "",
    text.span(run.samples, run.points, iso(run.startAt), iso(run.lastAt)),
    ...(summary.length === 0 ? [] : table([heads, ...summary])),
    ...(most === undefined ? [] : [text.busiest(most.count, iso(most.at), most.isFlood)]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** What came, what went and what moved, rule by rule. */
export function differenceText(found: readonly RuleDifference[], language: Language): string {
  const text = simulateText[language];
  if (found.length === 0) return `${text.nothing}\n`;
  return found
    .flatMap(({ rule, same, onlyConfig, onlyAgainst, moved }) => [
      `${rule}: ${text.same(same)}`,
      ...table([
        ...onlyConfig.map((span) => [text.onlyConfig, spanText(span)]),
        ...onlyAgainst.map((span) => [text.onlyAgainst, spanText(span)]),
        ...moved.flatMap(({ config, against }) => [
          [text.moved, `--config  ${spanText(config)}`],
          ["", `--against ${spanText(against)}`],
        ]),
      ]),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function spanText({ from, to }: Span): string {
  return `${iso(from)} .. ${to === undefined ? "" : iso(to)}`.trimEnd();
}

/** `1:02:03`, or `2d 1:02:03`. */
function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const two = (count: number) => String(count).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3_600) % 24;
  const clock = `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days}d ${clock}`;
}

function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}
