import type { EpochMs, MonotonicMs, PointKey, Sample, Value } from "../../drivers/contract.ts";
import type { CompiledRule } from "./compile.ts";
import {
  isClear,
  isViolated,
  judge,
  judgeTree,
  type Leaf,
  mayBeClear,
  mayBeViolated,
  unknown,
  type Verdict,
  violated,
} from "./condition.ts";
import type { Instant, Rule } from "./rule.ts";
import type { KnownLeaf, Phase, Resumed, RuleState, Start } from "./rule-state.ts";

/** A rule began or ceased to be in alarm, delays included. */
export interface RuleChange {
  readonly rule: Rule;
  readonly to: "violated" | "returned";
  /** The comparison that is violated, and the value that did it. */
  readonly point?: PointKey;
  readonly value?: Value;
}

export interface RuleStep {
  readonly changes: readonly RuleChange[];
  /** Rules whose saved state is another one now; undefined: nothing is to be kept. */
  readonly saved: ReadonlyMap<string, RuleState | undefined>;
}

const nothing: RuleStep = { changes: [], saved: new Map() };

interface LeafRun {
  readonly leaf: Leaf;
  readonly staleAfterMs: number;
  verdict: Verdict;
  /** When the last good value came, or this process started. */
  mono: MonotonicMs;
  /**
   * The last good sample; the sample and not its value: a number kept on its own costs an object
   * each time.
   */
  last: { readonly value?: Value | undefined } | undefined;
}

interface Run {
  readonly compiled: CompiledRule;
  readonly leaves: readonly LeafRun[];
  readonly verdictOf: (leaf: number) => Verdict;
  phase: Phase;
  since: MonotonicMs;
  sinceAt: EpochMs;
}

/**
 * The comparisons of one rule that look at one point. A sample moves all of them before the rule is
 * judged.
 */
interface Watcher {
  readonly run: Run;
  /** The rule's one comparison, when it has no more. */
  readonly only: LeafRun | undefined;
  readonly leaves: LeafRun[];
}

/**
 * The rules with all that they remember: (samples, instant) -> changes. Deterministic, and nothing
 * but `evaluate` moves it. It is changed in place: a copy per step would cost more than the
 * evaluation.
 *
 * - A violation must last for the on-delay; a value that does not violate restarts it, inside the
 *   deadband too.
 * - A return must last for the off-delay and begins behind the deadband; a value inside it restarts
 *   the delay.
 * - A value that is bad, uncertain or stale neither raises nor returns: timers keep their start,
 *   and whatever was due waits for the next good value. A `stale` condition counts good values
 *   only.
 * - Timers that are due fire before the samples of the same instant.
 */
export class RuleSet {
  readonly #start: Start;
  readonly #runs: readonly Run[];
  readonly #byPoint = new Map<PointKey, Watcher[]>();
  #changes: RuleChange[] = [];
  readonly #touched = new Set<Run>();
  /** Of the last step. */
  #mono: MonotonicMs = Number.NEGATIVE_INFINITY;
  /** No timer is due before this; it may be earlier than the first one. */
  #scanAt: MonotonicMs;

  constructor(
    rules: readonly CompiledRule[],
    start: Start,
    resume: (rule: CompiledRule) => Resumed,
  ) {
    this.#start = start;
    this.#runs = rules.map((compiled) => this.#open(compiled, resume(compiled)));
    this.#scanAt = this.nextDue() ?? Number.POSITIVE_INFINITY;
  }

  /** A clock tick is an empty batch. Samples count in their order. */
  evaluate(samples: readonly Sample[], instant: Instant): RuleStep {
    if (instant.mono >= this.#scanAt) this.#fireTimers(instant);
    this.#mono = instant.mono;
    for (const sample of samples) {
      const watchers = this.#byPoint.get(sample.point);
      if (watchers === undefined) continue;
      for (const watcher of watchers) {
        if (watcher.only === undefined) this.#take(watcher, sample, instant);
        else this.#takeAlone(watcher.run, watcher.only, sample, instant);
      }
    }
    return this.#changes.length === 0 && this.#touched.size === 0 ? nothing : this.#collect();
  }

  /** When the next timer can fire without a sample; undefined: none runs. */
  nextDue(): MonotonicMs | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const run of this.#runs) next = Math.min(next, this.#dueOf(run));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #open(compiled: CompiledRule, resumed: Resumed): Run {
    const mono = this.#start.instant.mono;
    const leaves = compiled.leaves.map((leaf, index) => ({
      leaf,
      staleAfterMs: compiled.staleAfterMs[index] ?? Number.POSITIVE_INFINITY,
      verdict: resumed.leaves?.[index]?.verdict ?? unknown,
      mono,
      last: resumed.leaves?.[index],
    }));
    const { phase, since, sinceAt } = resumed;
    const verdictOf = (index: number) => this.#verdictOf(leaves[index]);
    const run: Run = { compiled, leaves, verdictOf, phase, since, sinceAt };
    for (const leaf of leaves) this.#watch(run, leaf);
    // What was resumed is saved under this boot, or deleted: the old stamps mean nothing to the
    // next start.
    if (resumed.how !== "none") this.#touched.add(run);
    return run;
  }

  #watch(run: Run, leaf: LeafRun): void {
    const { point } = leaf.leaf;
    const watchers = this.#byPoint.get(point) ?? [];
    this.#byPoint.set(point, watchers);
    const own = watchers.find((watcher) => watcher.run === run);
    if (own === undefined)
      watchers.push({ run, only: run.leaves.length === 1 ? leaf : undefined, leaves: [leaf] });
    else own.leaves.push(leaf);
  }

  #take({ run, leaves }: Watcher, sample: Sample, instant: Instant): void {
    let moved = false;
    for (const leaf of leaves) if (this.#learn(run, leaf, sample, instant.mono)) moved = true;
    this.#judge(run, this.#verdict(run), moved, instant);
  }

  /** The most frequent case by far: the rule is one comparison. */
  #takeAlone(run: Run, leaf: LeafRun, sample: Sample, instant: Instant): void {
    const moved = this.#learn(run, leaf, sample, instant.mono);
    if (run.phase === "normal" && leaf.verdict !== violated) return;
    this.#judge(run, leaf.verdict, moved, instant);
  }

  #judge(run: Run, verdict: Verdict, moved: boolean, instant: Instant): void {
    const timed = run.phase === "pending" || run.phase === "returning";
    this.#settle(run, verdict, instant);
    if (moved && timed) this.#touched.add(run);
  }

  /** What one comparison makes of a sample; whether its verdict is another one now. */
  #learn(run: Run, leaf: LeafRun, sample: Sample, mono: MonotonicMs): boolean {
    const before = leaf.verdict;
    if (sample.quality !== "good") {
      if (leaf.leaf.is !== "stale") leaf.verdict = unknown;
      return leaf.verdict !== before;
    }
    leaf.verdict = judge(leaf.leaf, sample.value);
    leaf.mono = mono;
    leaf.last = sample;
    if (leaf.leaf.is === "stale" && before === violated) this.#wakeAt(this.#dueOf(run));
    return leaf.verdict !== before;
  }

  /** Moves the phase on by what is known now. */
  #settle(run: Run, verdict: Verdict, instant: Instant): void {
    const { onDelayMs, offDelayMs } = run.compiled.rule;
    const elapsedMs = instant.mono - run.since;
    switch (run.phase) {
      case "normal":
        if (!isViolated(verdict)) return;
        if (onDelayMs === 0) this.#raise(run, instant);
        else this.#enter(run, "pending", instant);
        return;
      case "pending":
        if (isViolated(verdict)) {
          if (elapsedMs >= onDelayMs) this.#raise(run, instant);
        } else if (!mayBeViolated(verdict)) this.#enter(run, "normal", instant);
        return;
      case "active":
        if (!isClear(verdict)) return;
        if (offDelayMs === 0) this.#return(run, instant);
        else this.#enter(run, "returning", instant);
        return;
      case "returning":
        if (isClear(verdict)) {
          if (elapsedMs >= offDelayMs) this.#return(run, instant);
        } else if (!mayBeClear(verdict)) this.#enter(run, "active", instant);
        return;
    }
  }

  #enter(run: Run, phase: Phase, instant: Instant): void {
    run.phase = phase;
    run.since = instant.mono;
    run.sinceAt = instant.at;
    this.#touched.add(run);
    if (phase === "pending" || phase === "returning") this.#wakeAt(timerDue(run));
  }

  #raise(run: Run, instant: Instant): void {
    this.#enter(run, "active", instant);
    const culprit = run.leaves.find(({ verdict }) => verdict === violated);
    const value = culprit?.leaf.is === "stale" ? undefined : culprit?.last?.value;
    this.#changes.push({
      rule: run.compiled.rule,
      to: "violated",
      ...(culprit === undefined ? {} : { point: culprit.leaf.point }),
      ...(value === undefined ? {} : { value }),
    });
  }

  #return(run: Run, instant: Instant): void {
    this.#enter(run, "normal", instant);
    const [only, second] = run.leaves;
    this.#changes.push({
      rule: run.compiled.rule,
      to: "returned",
      ...(only === undefined || second !== undefined ? {} : { point: only.leaf.point }),
      ...(only?.last?.value === undefined || second !== undefined
        ? {}
        : { value: only.last.value }),
    });
  }

  #fireTimers(instant: Instant): void {
    const due = this.#runs
      .map((run) => ({ run, at: this.#dueOf(run) }))
      .filter(({ at }) => at <= instant.mono)
      .sort((a, b) => a.at - b.at);
    this.#mono = instant.mono;
    for (const { run } of due) this.#settle(run, this.#verdict(run), instant);
    this.#scanAt = this.nextDue() ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Infinity: none. What was due by the last step has fired or is held until a good value comes.
   */
  #dueOf(run: Run): MonotonicMs {
    const timer = timerDue(run);
    let next = timer > this.#mono ? timer : Number.POSITIVE_INFINITY;
    for (const { leaf, verdict, mono } of run.leaves) {
      if (leaf.is !== "stale" || verdict === violated) continue;
      const at = mono + leaf.afterMs;
      if (at > this.#mono && at < next) next = at;
    }
    return next;
  }

  #wakeAt(mono: MonotonicMs): void {
    if (mono < this.#scanAt) this.#scanAt = mono;
  }

  #verdict(run: Run): Verdict {
    return judgeTree(run.compiled.tree, run.verdictOf);
  }

  #verdictOf(run: LeafRun | undefined): Verdict {
    if (run === undefined) return unknown;
    const ageMs = this.#mono - run.mono;
    if (run.leaf.is !== "stale") return ageMs >= run.staleAfterMs ? unknown : run.verdict;
    if (ageMs >= run.leaf.afterMs) run.verdict = violated;
    return run.verdict;
  }

  #collect(): RuleStep {
    const saved = new Map<string, RuleState | undefined>();
    for (const run of this.#touched) saved.set(run.compiled.rule.id, this.#stateOf(run));
    const changes = this.#changes;
    this.#changes = [];
    this.#touched.clear();
    return { changes, saved };
  }

  #stateOf({ compiled, leaves, phase, since, sinceAt }: Run): RuleState | undefined {
    if (phase === "normal") return undefined;
    return {
      version: 1,
      condition: compiled.condition,
      phase,
      boot: this.#start.boot,
      mono: since,
      at: sinceAt,
      synchronized: this.#start.clockSynchronized(),
      ...(phase === "active" ? {} : { leaves: leaves.map(knownOf) }),
    };
  }
}

/** When the delay of the phase ends; Infinity: none runs. */
function timerDue({ phase, since, compiled: { rule } }: Run): MonotonicMs {
  if (phase === "pending") return since + rule.onDelayMs;
  return phase === "returning" ? since + rule.offDelayMs : Number.POSITIVE_INFINITY;
}

function knownOf({ verdict, last }: LeafRun): KnownLeaf {
  const value = last?.value;
  return value === undefined ? { verdict } : { verdict, value };
}
