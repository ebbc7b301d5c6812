import type { WarningKind } from "../../../config/schema/item.ts";
import type { LotLine, StockLine } from "../line.ts";
import type { Evidence } from "../movement.ts";
import { levelFigures, lotFigures } from "./figures.ts";
import type { Finding } from "./finding.ts";
import { levels } from "./levels.ts";
import {
  expiredTier,
  type JudgedAt,
  levelBit,
  levelKinds,
  type Standing,
  type Tier,
} from "./standing.ts";
import { tierOf } from "./tiers.ts";

export interface Judgement {
  /** Returns before raises of the same kind. */
  readonly findings: readonly Finding[];
  /** The same object as before where nothing changed. */
  readonly after: Standing;
}

/** What a line is judged with. */
export interface Judging {
  readonly now: JudgedAt;
  readonly isEnabled: (kind: WarningKind) => boolean;
  /** Of the movement that touched the line. */
  readonly evidence?: Evidence | undefined;
}

const nothingFound: readonly Finding[] = [];

/**
 * What begins and what is over, of one item at one location and of its lots. Pure. What is not enabled is known all
 * the same (screens show the state of the stock), and told to nobody.
 */
export function judge(line: StockLine, before: Standing, judging: Judging): Judgement {
  const raised = judgeLevels(line, before.levels, judging);
  const tiers = judgeTiers(line, before.tiers, judging);
  if (raised.levels === before.levels && tiers === undefined) {
    return { findings: nothingFound, after: before };
  }
  return {
    findings: [...raised.findings, ...(tiers?.findings ?? [])],
    after: { levels: raised.levels, tiers: tiers?.tiers ?? before.tiers },
  };
}

function judgeLevels(line: StockLine, before: number, { now, isEnabled, evidence }: Judging) {
  let after = 0;
  for (const kind of levelKinds) {
    const bit = levelBit(kind);
    if (levels[kind](line, now, (before & bit) !== 0)) after |= bit;
  }
  if (after === before) return { levels: before, findings: nothingFound };
  const { item, location } = line.stocked;
  const figures = levelFigures(line, now, evidence);
  const findings = levelKinds
    .filter((kind) => ((after ^ before) & levelBit(kind)) !== 0 && isEnabled(kind))
    .map((kind): Finding => {
      const to = (after & levelBit(kind)) === 0 ? "returned" : "raised";
      return { kind, location, item: item.id, to, figures };
    });
  return { levels: after, findings };
}

/** Undefined: nothing changed. */
function judgeTiers(line: StockLine, before: Standing["tiers"], judging: Judging) {
  if (before.size === 0 && line.lots.length === 0) return undefined;
  const after = new Map<string, Tier>();
  const findings: Finding[] = [];
  for (const lot of line.lots) {
    const { lot: id = "" } = lot;
    const was = before.get(id);
    const is = tierOf(lot, line, was, judging.now);
    if (is !== undefined) after.set(id, is);
    if (is === was) continue;
    if (was !== undefined) findings.push(tierFinding("returned", was, line, lot, judging));
    if (is !== undefined) findings.push(tierFinding("raised", is, line, lot, judging));
  }
  const known = new Set(line.lots.map(({ lot = "" }) => lot));
  for (const [id, tier] of before) {
    if (known.has(id)) continue;
    const gone: LotLine = { ...(id === "" ? {} : { lot: id }), quantity: 0, state: "good" };
    findings.push(tierFinding("returned", tier, line, gone, judging));
  }
  if (findings.length === 0) return undefined;
  return { tiers: after, findings: findings.filter(({ kind }) => judging.isEnabled(kind)) };
}

function kindOf(tier: Tier): WarningKind {
  return tier === expiredTier ? "expired" : "near-expiry";
}

function tierFinding(
  to: Finding["to"],
  tier: Tier,
  line: StockLine,
  lot: LotLine,
  { now, evidence }: Judging,
): Finding {
  return {
    kind: kindOf(tier),
    location: line.stocked.location,
    item: line.stocked.item.id,
    ...(lot.lot === undefined ? {} : { lot: lot.lot }),
    ...(tier === expiredTier ? {} : { tierDays: tier }),
    to,
    figures: lotFigures(line, lot, now, evidence),
  };
}
