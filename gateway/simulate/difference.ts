import type { EpochMs } from "../../drivers/contract.ts";
import type { Episode } from "./replay.ts";

export interface Span {
  readonly from: EpochMs;
  /** Undefined: not over at the end. */
  readonly to: EpochMs | undefined;
}

/** How the alarms of one rule differ between two configurations. */
export interface RuleDifference {
  readonly rule: string;
  /** Alarms that begin and end at the same instants. */
  readonly same: number;
  readonly onlyConfig: readonly Span[];
  readonly onlyAgainst: readonly Span[];
  /** Alarms that overlap, and begin or end at other instants. */
  readonly moved: readonly { readonly config: Span; readonly against: Span }[];
}

/** Rules by name; one that alarmed in neither run is left out. */
export function differences(
  config: readonly Episode[],
  against: readonly Episode[],
): readonly RuleDifference[] {
  const mine = Map.groupBy(config, ({ rule }) => rule);
  const theirs = Map.groupBy(against, ({ rule }) => rule);
  const rules = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
  return rules.map((rule) => compare(rule, mine.get(rule) ?? [], theirs.get(rule) ?? []));
}

/** Both are in order of time, and the spans of one rule never overlap each other. */
function compare(
  rule: string,
  mine: readonly Episode[],
  theirs: readonly Episode[],
): RuleDifference {
  const onlyConfig: Span[] = [];
  const onlyAgainst: Span[] = [];
  const moved: RuleDifference["moved"][number][] = [];
  let same = 0;
  let other = 0;
  for (const episode of mine) {
    const config = spanOf(episode);
    for (let before = theirs[other]; before !== undefined && isBefore(before, episode); ) {
      onlyAgainst.push(spanOf(before));
      before = theirs[++other];
    }
    const match = theirs[other];
    if (match === undefined || isBefore(episode, match)) {
      onlyConfig.push(config);
      continue;
    }
    other += 1;
    if (match.from === episode.from && match.to === episode.to) same += 1;
    else moved.push({ config, against: spanOf(match) });
  }
  onlyAgainst.push(...theirs.slice(other).map(spanOf));
  return { rule, same, onlyConfig, onlyAgainst, moved };
}

function isBefore(a: Span, b: Span): boolean {
  return a.to !== undefined && a.to <= b.from && a.from !== b.from;
}

function spanOf({ from, to }: Episode): Span {
  return { from, to };
}
