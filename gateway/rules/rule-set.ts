import type { MonotonicMs, PointKey, Sample, Value } from "../../drivers/contract.ts";
import type { CompiledRule } from "./compile.ts";
import { pointsOf } from "./condition.ts";
import { ConditionRun } from "./condition-run.ts";
import { DuringMemory } from "./kinds/during.ts";
import { type LeafRun, learn, recordedValue } from "./leaf-run.ts";
import { isInAlarm, nextPhase } from "./phase.ts";
import type { Instant, Rule } from "./rule.ts";
import type { ConditionState, Resumed, RuleState, Start } from "./rule-state.ts";
import { coveredBySuppression } from "./suppression-order.ts";
import { isOpen, type Verdict, violated } from "./verdict.ts";

/** A rule began or ceased to be in alarm, delays included; or to be suppressed by design. */
export interface RuleChange {
  readonly rule: Rule;
  readonly to: "violated" | "returned" | "suppressed" | "unsuppressed";
  /** The comparison that is violated, and the value that did it. */
  readonly point?: PointKey;
  readonly value?: Value;
  /** Numbers and words that it was found by, under their names; they stay on the alarm. */
  readonly figures?: Readonly<Record<string, number | string>>;
}

export interface RuleStep {
  readonly changes: readonly RuleChange[];
  /** Rules whose saved state is another one now; undefined: nothing is to be kept. */
  readonly saved: ReadonlyMap<string, RuleState | undefined>;
}

/** What was known of a point before. */
export interface KnownPoint {
  readonly point: PointKey;
  /** The newest sample, and when it came. */
  readonly last?: { readonly sample: Sample; readonly mono: MonotonicMs };
  /** When the last good one came, or when waiting for one began. */
  readonly goodMono: MonotonicMs | undefined;
}

const nothing: RuleStep = { changes: [], saved: new Map() };

/**
 * How often windows, totals and frozen values are saved when nothing else changed: a kill may cost
 * a trend so much of its readings. All rules are saved in one go, so that it costs one commit a
 * minute whatever their number. A total is exact all the same: it is saved whenever its violation
 * begins or ends, and while it goes on its beginning is enough.
 */
export const memorySaveMs = 60_000;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
const clockStepMs = 1_000;

/**
 * The comparisons of one condition that look at one point. A sample moves all of them before the
 * condition is judged.
 */
interface Watcher {
  readonly run: ConditionRun;
  /** The condition's one plain comparison, when it has no more. */
  readonly only: LeafRun | undefined;
  readonly leaves: readonly LeafRun[];
}

interface RuleRun {
  readonly rule: Rule;
  readonly violation: ConditionRun;
  readonly suppression: ConditionRun | undefined;
}

/**
 * The rules with all that they remember: (samples, instant) -> changes. Deterministic, and nothing
 * but `evaluate` and `restartTotals` moves it. It is changed in place: a copy per step would cost
 * more than the evaluation.
 *
 * - A violation must last for the on-delay; a value that does not violate restarts it, inside the
 *   deadband too.
 * - A return must last for the off-delay and begins behind the deadband; a value inside it restarts
 *   the delay.
 * - A value that is bad, uncertain or stale neither raises nor returns: timers keep their start,
 *   and whatever was due waits for the next good value. A `stale` condition counts good values
 *   only.
 * - Timers that are due fire before the samples of the same instant.
 * - Differences and ratios are judged behind the batch, all else behind each sample.
 */
export class RuleSet {
  readonly #start: Start;
  readonly #rules = new Map<string, RuleRun>();
  readonly #runs: readonly ConditionRun[];
  readonly #byPoint = new Map<string, Watcher[]>();
  readonly #schedules: readonly DuringMemory[];
  #changes: RuleChange[] = [];
  readonly #touched = new Set<string>();
  /** Rules whose memory is ahead of what was saved. */
  readonly #ahead = new Set<string>();
  readonly #paired = new Set<ConditionRun>();
  /** Rules of which nothing was saved. */
  readonly #fresh = new Set<string>();
  /** Of the last step. */
  #now: Instant;
  #mono: MonotonicMs = Number.NEGATIVE_INFINITY;
  /** No timer is due before this; it may be earlier than the first one. */
  #scanAt: MonotonicMs;
  #saveAt: MonotonicMs;
  #offsetMs: number;

  constructor(
    rules: readonly CompiledRule[],
    start: Start,
    resume: (rule: CompiledRule) => Resumed,
  ) {
    this.#start = start;
    this.#now = start.instant;
    this.#offsetMs = start.instant.at - start.instant.mono;
    this.#saveAt = start.instant.mono + memorySaveMs;
    this.#runs = rules.flatMap((compiled) => this.#open(compiled, resume(compiled)));
    this.#schedules = this.#runs.flatMap(({ leaves }) =>
      leaves.flatMap(({ memory }) => (memory instanceof DuringMemory ? [memory] : [])),
    );
    this.#scanAt = this.#firstDue();
  }

  /** A clock tick is an empty batch. Samples count in their order. */
  evaluate(samples: readonly Sample[], instant: Instant): RuleStep {
    if (this.#schedules.length > 0) this.#noteClockStep(instant);
    if (instant.mono >= this.#scanAt) this.#fireTimers(instant);
    this.#mono = instant.mono;
    this.#now = instant;
    for (const sample of samples) {
      const watchers = this.#byPoint.get(sample.point);
      if (watchers === undefined) continue;
      for (const watcher of watchers) {
        if (watcher.only === undefined) this.#take(watcher, sample, instant);
        else this.#takeAlone(watcher.run, watcher.only, sample, instant);
      }
    }
    if (this.#paired.size > 0) this.#judgePairs(instant);
    if (instant.mono >= this.#saveAt) this.#saveMemory(instant.mono);
    return this.#changes.length === 0 && this.#touched.size === 0 ? nothing : this.#collect();
  }

  /**
   * No timer fires without a sample before this; undefined: none runs. It may be earlier than the first one, which was
   * put off since: it is asked for after each batch, and to look at every rule would cost more than the batch.
   */
  nextDue(): MonotonicMs | undefined {
    return this.#scanAt === Number.POSITIVE_INFINITY ? undefined : this.#scanAt;
  }

  /** The rule is in alarm, or on its way, by values that are not known at present. */
  isHeld(rule: string): boolean {
    const run = this.#rules.get(rule)?.violation;
    return run !== undefined && run.phase !== "normal" && isOpen(run.verdict(this.#now));
  }

  /**
   * What was known before these rules were there, for points that may not speak again for long. Each value is as old as it
   * is; what was resumed with a memory of its own learns nothing from it.
   */
  remind(known: readonly KnownPoint[], instant: Instant): RuleStep {
    if (instant.mono >= this.#scanAt) this.#fireTimers(instant);
    this.#mono = instant.mono;
    this.#now = instant;
    for (const { point, last, goodMono } of known) {
      for (const { run, leaves } of this.#byPoint.get(point) ?? []) {
        let moved = false;
        for (const leaf of leaves) {
          const learns = leaf.memory === undefined || this.#fresh.has(run.role.rule);
          if (last !== undefined && learns) {
            const { sample, mono } = last;
            if (learn(leaf, sample, { at: instant.at, mono })) moved = true;
          }
          if (leaf.leaf.is === "stale" && goodMono !== undefined) leaf.mono = goodMono;
        }
        this.#judge(run, run.verdict(instant), moved, instant);
        this.#wakeAt(run.dueAfter(instant.mono));
      }
    }
    return this.#collect();
  }

  /**
   * Totals of this rule that have no window begin at zero: its alarm was acknowledged or reset. The
   * rule may return by that. A rule without such totals is left as it is.
   */
  restartTotals(rule: string, instant: Instant): RuleStep {
    const run = this.#rules.get(rule)?.violation;
    if (run?.adds !== true) return nothing;
    if (instant.mono >= this.#scanAt) this.#fireTimers(instant);
    this.#mono = instant.mono;
    this.#now = instant;
    run.restartTotals(instant.mono);
    this.#settle(run, run.verdict(instant), instant);
    this.#touched.add(rule);
    this.#wakeAt(run.dueAfter(instant.mono));
    return this.#collect();
  }

  /** What memory is ahead of what was saved: for the end of the process. */
  checkpoint(): ReadonlyMap<string, RuleState | undefined> {
    this.#saveMemory(this.#mono);
    return this.#collect().saved;
  }

  #open(compiled: CompiledRule, resumed: Resumed): readonly ConditionRun[] {
    const { rule, suppression } = compiled;
    const { instant } = this.#start;
    const { id, onDelayMs, offDelayMs } = rule;
    const violation = new ConditionRun(
      { rule: id, is: "violation", onDelayMs, offDelayMs },
      compiled,
      resumed,
      instant,
    );
    const suppressing =
      suppression === undefined
        ? undefined
        : new ConditionRun(
            { rule: id, is: "suppression", onDelayMs: 0, offDelayMs: 0 },
            suppression,
            resumed.suppression ?? resumedNormal(instant),
            instant,
          );
    this.#rules.set(id, { rule, violation, suppression: suppressing });
    const runs = suppressing === undefined ? [violation] : [suppressing, violation];
    for (const run of runs) this.#watch(run);
    // What was resumed is saved under this boot, or deleted: the old stamps mean nothing to the
    // next start.
    if (resumed.how !== "none") this.#touched.add(id);
    if (resumed.how === "none" || resumed.how === "condition-changed") this.#fresh.add(id);
    return runs;
  }

  #watch(run: ConditionRun): void {
    const only = run.isPlain ? run.leaves[0] : undefined;
    for (const [point, leaves] of run.byPoint()) {
      const watchers = this.#byPoint.get(point) ?? [];
      this.#byPoint.set(point, watchers);
      watchers.push({ run, only, leaves });
    }
  }

  #take({ run, leaves }: Watcher, sample: Sample, instant: Instant): void {
    let moved = false;
    for (const leaf of leaves) if (learn(leaf, sample, instant)) moved = true;
    if (run.keeps) this.#ahead.add(run.role.rule);
    if (run.pairs) this.#paired.add(run);
    else this.#judge(run, run.verdict(instant), moved, instant);
    if (moved || run.keeps) this.#wakeAt(run.dueAfter(instant.mono));
  }

  /** The most frequent case by far: the rule is one plain comparison. */
  #takeAlone(run: ConditionRun, leaf: LeafRun, sample: Sample, instant: Instant): void {
    const moved = learn(leaf, sample, instant);
    if (moved && leaf.leaf.is === "stale") this.#wakeAt(run.dueAfter(instant.mono));
    if (run.phase === "normal" && leaf.verdict !== violated) return;
    this.#judge(run, leaf.verdict, moved, instant);
  }

  #judgePairs(instant: Instant): void {
    for (const run of this.#paired) {
      this.#judge(run, run.verdict(instant), true, instant);
      this.#wakeAt(run.dueAfter(instant.mono));
    }
    this.#paired.clear();
  }

  #judge(run: ConditionRun, verdict: Verdict, moved: boolean, instant: Instant): void {
    const timed = run.phase === "pending" || run.phase === "returning";
    this.#settle(run, verdict, instant);
    if (moved && (timed || run.adds)) this.#touched.add(run.role.rule);
  }

  /** Moves the phase on by what is known now. */
  #settle(run: ConditionRun, verdict: Verdict, instant: Instant): void {
    const { phase } = run;
    const next = nextPhase(phase, verdict, instant.mono - run.since, run.role);
    if (next === phase) return;
    run.phase = next;
    run.since = instant.mono;
    run.sinceAt = instant.at;
    this.#touched.add(run.role.rule);
    if (next === "pending" || next === "returning") this.#wakeAt(run.timerDue);
    if (isInAlarm(next) !== isInAlarm(phase)) this.#tell(run, next === "active");
  }

  #tell(run: ConditionRun, raised: boolean): void {
    const rule = this.#rules.get(run.role.rule)?.rule;
    if (rule === undefined) return;
    if (run.role.is === "suppression") {
      this.#changes.push({ rule, to: raised ? "suppressed" : "unsuppressed" });
      return;
    }
    const only = run.leaves.length === 1 ? run.leaves[0] : undefined;
    const violating = run.leaves.find(
      ({ verdict, leaf }) => verdict === violated && leaf.is !== "during",
    );
    const culprit = raised ? (violating ?? only) : only;
    const [point] = culprit === undefined ? [] : pointsOf(culprit.leaf);
    const value = culprit === undefined ? undefined : recordedValue(culprit);
    this.#changes.push({
      rule,
      to: raised ? "violated" : "returned",
      ...(point === undefined ? {} : { point }),
      ...(value === undefined ? {} : { value }),
    });
  }

  #noteClockStep({ at, mono }: Instant): void {
    if (Math.abs(at - mono - this.#offsetMs) <= clockStepMs) return;
    this.#offsetMs = at - mono;
    for (const schedule of this.#schedules) schedule.clockStepped(mono);
    this.#wakeAt(mono);
  }

  #fireTimers(instant: Instant): void {
    const due = this.#runs
      .map((run) => ({ run, at: run.dueAfter(this.#mono) }))
      .filter(({ at }) => at <= instant.mono)
      .sort((a, b) => a.at - b.at);
    this.#mono = instant.mono;
    this.#now = instant;
    for (const { run } of due) {
      this.#settle(run, run.verdict(instant), instant);
      if (run.keeps) this.#ahead.add(run.role.rule);
    }
    this.#scanAt = this.#firstDue();
  }

  #firstDue(): MonotonicMs {
    let next = Number.POSITIVE_INFINITY;
    for (const run of this.#runs) next = Math.min(next, run.dueAfter(this.#mono));
    return next;
  }

  #wakeAt(mono: MonotonicMs): void {
    if (mono < this.#scanAt) this.#scanAt = mono;
  }

  #saveMemory(mono: MonotonicMs): void {
    for (const rule of this.#ahead) this.#touched.add(rule);
    this.#saveAt = mono + memorySaveMs;
  }

  #collect(): RuleStep {
    const saved = new Map<string, RuleState | undefined>();
    for (const id of this.#touched) {
      saved.set(id, this.#stateOf(id));
      this.#ahead.delete(id);
    }
    const changes = coveredBySuppression(this.#changes);
    this.#changes = [];
    this.#touched.clear();
    return { changes, saved };
  }

  #stateOf(id: string): RuleState | undefined {
    const run = this.#rules.get(id);
    if (run === undefined) return undefined;
    const suppression =
      run.suppression === undefined ? undefined : this.#conditionState(run.suppression);
    const violation = this.#conditionState(run.violation, suppression !== undefined);
    if (violation === undefined) return undefined;
    return { ...violation, ...(suppression === undefined ? {} : { suppression }) };
  }

  #conditionState(run: ConditionRun, always = false): ConditionState | undefined {
    const { phase, since, sinceAt, compiled } = run;
    const memory = run.keeps ? run.remembered() : undefined;
    if (phase === "normal" && memory === undefined && !always) return undefined;
    const { at, mono } = this.#now;
    const timed = phase === "pending" || phase === "returning";
    return {
      version: 1,
      condition: compiled.condition,
      phase,
      boot: this.#start.boot,
      mono: since,
      at: sinceAt,
      synchronized: this.#start.clockSynchronized(),
      ...(timed || run.adds ? { leaves: [...run.known()] } : {}),
      ...(memory === undefined ? {} : { memory: { mono, at, ...memory } }),
    };
  }
}

function resumedNormal({ at, mono }: Instant): Resumed {
  return { how: "none", phase: "normal", since: mono, sinceAt: at, leaves: undefined };
}
