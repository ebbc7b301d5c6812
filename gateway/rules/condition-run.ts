import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { CompiledCondition } from "./compile.ts";
import { type Findings, judgeTree, leavesBelow, pointsOf, remembers } from "./condition.ts";
import { nothingKept } from "./kinds/memory.ts";
import { Total } from "./kinds/total.ts";
import { type LeafRun, openMemory, shiftsAt, standsUntil, verdictAt } from "./leaf-run.ts";
import type { Instant } from "./rule.ts";
import type { KnownLeaf, Phase, ResumedCondition } from "./rule-state.ts";
import { unknown, type Verdict } from "./verdict.ts";

/** What a run belongs to, and how long a change must last before it counts. */
export interface Role {
  readonly rule: string;
  readonly is: "violation" | "suppression";
  readonly onDelayMs: number;
  readonly offDelayMs: number;
}

/** One condition with all that it remembers, and how far it is between normal and active. */
export class ConditionRun implements Findings {
  readonly role: Role;
  readonly compiled: CompiledCondition;
  readonly leaves: readonly LeafRun[];
  /** It has to be saved although it is normal: something adds up, or a window fills. */
  readonly keeps: boolean;
  /**
   * Two points are compared with each other. It is judged behind a whole batch: of two readings of
   * one device the first must not meet the last value of the other.
   */
  readonly pairs: boolean;
  phase: Phase;
  since: MonotonicMs;
  sinceAt: EpochMs;
  readonly #totals: readonly { readonly total: Total; readonly leaves: readonly LeafRun[] }[];
  #now: Instant;

  constructor(role: Role, compiled: CompiledCondition, resumed: ResumedCondition, start: Instant) {
    this.role = role;
    this.compiled = compiled;
    this.phase = resumed.phase;
    this.since = resumed.since;
    this.sinceAt = resumed.sinceAt;
    this.#now = start;
    this.leaves = compiled.leaves.map((leaf, index) => {
      const memory = openMemory(
        leaf,
        compiled.staleOf,
        resumed.kept?.leaves[index] ?? nothingKept,
        start.mono,
      );
      // A pair knows the age of both of its values.
      const staleAfterMs = leaf.is === "pair" ? undefined : compiled.staleAfterMs[index];
      return {
        leaf,
        staleAfterMs: staleAfterMs ?? Number.POSITIVE_INFINITY,
        memory,
        // Hours begin with the first step: what they say then is a change of its own.
        verdict:
          leaf.is === "during"
            ? unknown
            : (memory?.verdictAt(start) ?? resumed.leaves?.[index]?.verdict ?? unknown),
        mono: start.mono,
        last: resumed.leaves?.[index],
      };
    });
    const parts = totalParts(compiled.tree);
    this.#totals = compiled.totals.map((terms, index) => ({
      total: new Total(terms, resumed.kept?.totals[index], resumed.kept?.placement),
      leaves: (parts.get(index) ?? []).flatMap((leaf) => this.leaves[leaf] ?? []),
    }));
    this.keeps =
      compiled.totals.length > 0 ||
      compiled.leaves.some((leaf) => remembers(leaf) && leaf.is !== "during");
    this.pairs = compiled.leaves.some(({ is }) => is === "pair");
  }

  /** A comparison that needs nothing but its last sample, alone. */
  get isPlain(): boolean {
    return this.compiled.tree.is === "leaf" && this.leaves[0]?.memory === undefined;
  }

  get adds(): boolean {
    return this.#totals.length > 0;
  }

  verdict(now: Instant): Verdict {
    this.#now = now;
    return judgeTree(this.compiled.tree, this);
  }

  verdictOf(leaf: number): Verdict {
    const run = this.leaves[leaf];
    return run === undefined ? unknown : verdictAt(run, this.#now);
  }

  totalOf(index: number, part: Verdict): Verdict {
    const run = this.#totals[index];
    if (run === undefined) return unknown;
    const { mono } = this.#now;
    // What is silent already is unknown already: the others hold the part up.
    const stands = run.leaves.map(standsUntil).filter((at) => at > mono);
    return run.total.take(part, mono, Math.min(...stands));
  }

  /** When its delay ends; Infinity: none runs. */
  get timerDue(): MonotonicMs {
    if (this.phase === "pending") return this.since + this.role.onDelayMs;
    return this.phase === "returning"
      ? this.since + this.role.offDelayMs
      : Number.POSITIVE_INFINITY;
  }

  /** When it must be judged without a sample, behind `mono`; Infinity: never. */
  dueAfter(mono: MonotonicMs): MonotonicMs {
    const timer = this.timerDue;
    let next = timer > mono ? timer : Number.POSITIVE_INFINITY;
    for (const leaf of this.leaves) {
      const at = shiftsAt(leaf);
      if (at > mono && at < next) next = at;
    }
    for (const { total, leaves } of this.#totals) {
      next = Math.min(next, total.dueAfter(Math.max(mono, this.#now.mono)));
      if (leaves.length < 2 || !total.counts) continue;
      // One part may fall silent and the others still violate.
      for (const leaf of leaves) {
        const at = standsUntil(leaf);
        if (at > mono && at < next) next = at;
      }
    }
    return next;
  }

  restartTotals(mono: MonotonicMs): void {
    for (const { total } of this.#totals) total.restart(mono);
  }

  /** What each comparison says, for the state that is saved. */
  known(): readonly KnownLeaf[] {
    return this.leaves.map(({ verdict, last }) =>
      last?.value === undefined ? { verdict } : { verdict, value: last.value },
    );
  }

  /** What it remembers, as plain JSON; undefined: nothing. */
  remembered(): { leaves: unknown[]; totals: unknown[] } | undefined {
    const leaves = this.leaves.map(({ memory }) => memory?.save() ?? null);
    const totals = this.#totals.map(({ total }) => total.save() ?? null);
    return [...leaves, ...totals].every((one) => one === null) ? undefined : { leaves, totals };
  }

  /** Points that its comparisons look at, each with its comparisons. */
  byPoint(): ReadonlyMap<string, readonly LeafRun[]> {
    const found = new Map<string, LeafRun[]>();
    for (const run of this.leaves) {
      for (const point of new Set(pointsOf(run.leaf))) {
        const runs = found.get(point) ?? [];
        runs.push(run);
        found.set(point, runs);
      }
    }
    return found;
  }
}

/** Which leaves each total adds up. */
function totalParts(tree: CompiledCondition["tree"]): Map<number, readonly number[]> {
  if (tree.is === "leaf") return new Map();
  if ("of" in tree) {
    return new Map(tree.of.flatMap((part) => [...totalParts(part)]));
  }
  const found = totalParts(tree.part);
  if (tree.is === "total") found.set(tree.total, leavesBelow(tree.part));
  return found;
}
