import type { StockConfig, WarningKind } from "../../../config/schema/item.ts";
import type { AlarmTransition } from "../../alarms/alarm.ts";
import type { StockState } from "../../panel/stock-api.ts";
import type { StockLine } from "../line.ts";
import type { Evidence } from "../movement.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { type Fact, findingOf, isMoment } from "./fact.ts";
import { type Finding, type FindingKey, findingKey } from "./finding.ts";
import { type About, parseFindingKey } from "./finding-of-key.ts";
import { judge } from "./judge.ts";
import {
  expiredTier,
  type JudgedAt,
  levelBit,
  levelKinds,
  nothingStands,
  type Standing,
} from "./standing.ts";
import { stateOf } from "./stock-state.ts";

/** What came in one step. */
export interface Touched {
  /** Lines of what moved. */
  readonly lines: Iterable<StockLine>;
  readonly facts?: readonly Fact[];
  /** What the movements were believed by. */
  readonly evidence?: ReadonlyMap<StockedKey, Evidence>;
}

/**
 * What is in force of every item at every location. It has no state of its own on the disk: the active alarms say what
 * was in force, so that a restart raises nothing twice, and the first `recompute` finds what was missed.
 *
 * What a call returns is in force from then on; whoever calls hands it to the alarms in the same step.
 */
export class WarningBook {
  readonly #isEnabled: (kind: WarningKind) => boolean;
  readonly #standing = new Map<StockedKey, Standing>();
  readonly #facts = new Map<FindingKey, About>();
  #over: Finding[] = [];

  /** @param active ids of the alarms that are active at the start, those of other rules too. */
  constructor(
    { warnings }: Pick<StockConfig, "warnings">,
    active: Iterable<{ readonly rule: string; readonly acknowledged: boolean }>,
  ) {
    this.#isEnabled = (kind) => warnings[kind]?.enabled !== false;
    for (const { rule, acknowledged } of active) {
      const about = parseFindingKey(rule);
      if (about !== undefined) this.#restore(about, acknowledged);
    }
  }

  /** Something has to be said though nothing is touched: call `step`. */
  get waits(): boolean {
    return this.#over.length > 0;
  }

  /** What is touched, and nothing else: its cost does not grow with the stock. */
  step({ lines, facts = [], evidence }: Touched, now: JudgedAt): readonly Finding[] {
    const findings = this.#over;
    this.#over = [];
    for (const line of lines) this.#judge(line, now, evidence, findings);
    for (const fact of facts) this.#take(fact, findings);
    return findings;
  }

  /** Everything, at midnight, after the start, and when settings or the clock have changed. What is stocked no more is over. */
  recompute(lines: Iterable<StockLine>, now: JudgedAt): readonly Finding[] {
    const findings = this.#over;
    this.#over = [];
    const gone = new Set(this.#standing.keys());
    for (const line of lines) {
      const key = this.#judge(line, now, undefined, findings);
      gone.delete(key);
    }
    for (const key of gone) this.#forget(key, findings);
    return findings;
  }

  /** A person has seen what happened at a moment: it is over, with the next step. */
  follow(transitions: readonly Pick<AlarmTransition, "rule" | "cause">[]): void {
    for (const { rule, cause } of transitions) {
      if (cause !== "acknowledged") continue;
      const about = parseFindingKey(rule);
      if (about !== undefined) this.#seen(about);
    }
  }

  /** Kinds that are in force for an item at a location, in the order of `warningKinds` but for facts, which come last. */
  inForce(location: string, item: string): readonly WarningKind[] {
    const { levels, tiers } = this.#standing.get(stockedKey(location, item)) ?? nothingStands;
    const kinds = new Set<WarningKind>(
      levelKinds.filter((kind) => (levels & levelBit(kind)) !== 0),
    );
    for (const tier of tiers.values()) kinds.add(tier === expiredTier ? "expired" : "near-expiry");
    for (const about of this.#facts.values()) {
      if (about.location === location && (about.item ?? item) === item) kinds.add(about.kind);
    }
    return [...kinds].filter(this.#isEnabled);
  }

  /** The line's state as screens and the API name it: the same that the alarms say. */
  state(line: Pick<StockLine, "stocked" | "movedAt">): StockState {
    const { item, location } = line.stocked;
    const { levels } = this.#standing.get(stockedKey(location, item.id)) ?? nothingStands;
    return stateOf(line, levels);
  }

  #judge(
    line: StockLine,
    now: JudgedAt,
    evidence: Touched["evidence"],
    findings: Finding[],
  ): StockedKey {
    const key = stockedKey(line.stocked.location, line.stocked.item.id);
    const before = this.#standing.get(key) ?? nothingStands;
    const judging = { now, isEnabled: this.#isEnabled, evidence: evidence?.get(key) };
    const { findings: found, after } = judge(line, before, judging);
    if (after !== before) this.#put(key, after);
    for (const finding of found) findings.push(finding);
    return key;
  }

  #take(fact: Fact, findings: Finding[]): void {
    const finding = findingOf(fact);
    const key = findingKey(finding);
    const isOn = this.#facts.has(key);
    if (fact.active === isOn || (fact.active && !this.#isEnabled(fact.kind))) return;
    if (fact.active) this.#facts.set(key, withoutFigures(finding));
    else this.#facts.delete(key);
    findings.push(finding);
  }

  #seen(about: About): void {
    if (!isMoment(about.kind) || !this.#facts.delete(findingKey(about))) return;
    this.#over.push({ ...about, to: "returned", figures: {} });
  }

  #put(key: StockedKey, standing: Standing): void {
    if (standing.levels === 0 && standing.tiers.size === 0) this.#standing.delete(key);
    else this.#standing.set(key, standing);
  }

  #forget(key: StockedKey, findings: Finding[]): void {
    const standing = this.#standing.get(key) ?? nothingStands;
    this.#standing.delete(key);
    for (const about of standingAbouts(key, standing)) {
      if (this.#isEnabled(about.kind)) findings.push({ ...about, to: "returned", figures: {} });
    }
  }

  #restore(about: About, acknowledged: boolean): void {
    const { kind, location, item, lot = "", tierDays } = about;
    const over = { ...about, to: "returned", figures: {} } as const;
    if (!this.#isEnabled(kind)) {
      this.#over.push(over);
      return;
    }
    const level = levelKinds.find((known) => known === kind);
    const isTier = kind === "near-expiry" || kind === "expired";
    if (level === undefined && !isTier) {
      // Acknowledged, and the process ended before the next step.
      if (acknowledged && isMoment(kind)) this.#over.push(over);
      else this.#facts.set(findingKey(about), about);
      return;
    }
    if (item === undefined) {
      this.#over.push(over);
      return;
    }
    const key = stockedKey(location, item);
    const before = this.#standing.get(key) ?? nothingStands;
    if (level !== undefined) {
      this.#put(key, { ...before, levels: before.levels | levelBit(level) });
      return;
    }
    const tier = kind === "expired" ? expiredTier : (tierDays ?? 0);
    const other = before.tiers.get(lot);
    const tiers = new Map(before.tiers).set(lot, Math.min(tier, other ?? tier));
    if (other !== undefined) this.#over.push(tierOver(over, Math.max(tier, other)));
    this.#put(key, { ...before, tiers });
  }
}

function standingAbouts(key: StockedKey, { levels, tiers }: Standing): readonly About[] {
  const slash = key.indexOf("/");
  const at = { location: key.slice(0, slash), item: key.slice(slash + 1) };
  return [
    ...levelKinds
      .filter((kind) => (levels & levelBit(kind)) !== 0)
      .map((kind): About => ({ kind, ...at })),
    ...[...tiers].map(([lot, tier]): About => {
      const named = lot === "" ? at : { ...at, lot };
      return tier === expiredTier
        ? { kind: "expired", ...named }
        : { kind: "near-expiry", tierDays: tier, ...named };
    }),
  ];
}

/** Two tiers of one lot cannot both be in force: the earlier one was superseded. */
function tierOver({ tierDays: _, ...over }: Finding, tier: number): Finding {
  return { ...over, kind: "near-expiry", tierDays: tier };
}

function withoutFigures({ to: _t, figures: _f, ...about }: Finding): About {
  return about;
}
