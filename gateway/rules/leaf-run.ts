import type { MonotonicMs, Sample, Value } from "../../drivers/contract.ts";
import type { StaleAfterMs } from "./compile.ts";
import { judge, type Leaf, type RememberingLeaf, remembers } from "./condition.ts";
import { ChangeMemory } from "./kinds/change.ts";
import { DuringMemory } from "./kinds/during.ts";
import { FaultMemory } from "./kinds/fault.ts";
import { FrozenMemory } from "./kinds/frozen.ts";
import type { Kept, Memory } from "./kinds/memory.ts";
import { PairMemory } from "./kinds/pair.ts";
import { TrendMemory } from "./kinds/trend.ts";
import type { Instant } from "./rule.ts";
import { scheduleOf } from "./schedule.ts";
import { unknown, type Verdict, violated } from "./verdict.ts";

/** One comparison and what it knows. Its fields stand in one object for the sake of speed. */
export interface LeafRun {
  readonly leaf: Leaf;
  readonly staleAfterMs: number;
  readonly memory: Memory | undefined;
  verdict: Verdict;
  /** When the last sample came that says something, or this process started. */
  mono: MonotonicMs;
  /**
   * The last good sample; the sample and not its value: a number kept on its own costs an object
   * each time.
   */
  last: { readonly value?: Value | undefined } | undefined;
}

/** Takes in a sample; whether the verdict is another one now. */
export function learn(run: LeafRun, sample: Sample, instant: Instant): boolean {
  const { leaf, memory } = run;
  const before = run.verdict;
  if (memory !== undefined) {
    memory.learn(sample, instant.mono);
    run.verdict = memory.verdictAt(instant);
    if (run.verdict !== unknown) run.mono = instant.mono;
    return run.verdict !== before;
  }
  if (sample.quality !== "good") {
    if (leaf.is !== "stale") run.verdict = unknown;
    return run.verdict !== before;
  }
  if (!remembers(leaf)) run.verdict = judge(leaf, sample.value);
  run.mono = instant.mono;
  run.last = sample;
  return run.verdict !== before;
}

/** What it says at an instant at which nothing came. */
export function verdictAt(run: LeafRun, now: Instant): Verdict {
  const ageMs = now.mono - run.mono;
  if (run.leaf.is === "stale") {
    if (ageMs >= run.leaf.afterMs) run.verdict = violated;
    return run.verdict;
  }
  if (run.memory !== undefined) run.verdict = run.memory.verdictAt(now);
  return ageMs >= run.staleAfterMs ? unknown : run.verdict;
}

/** Until when its verdict stands without a sample, silence that makes it stale left aside. */
export function shiftsAt({ leaf, memory, verdict, mono }: LeafRun): MonotonicMs {
  if (memory !== undefined) return memory.holdsUntil;
  return leaf.is === "stale" && verdict !== violated
    ? mono + leaf.afterMs
    : Number.POSITIVE_INFINITY;
}

/** Until when its verdict stands without a sample. */
export function standsUntil(run: LeafRun): MonotonicMs {
  return run.leaf.is === "stale"
    ? shiftsAt(run)
    : Math.min(shiftsAt(run), run.mono + run.staleAfterMs);
}

/** The value on record when it violates. */
export function recordedValue({ leaf, memory, last }: LeafRun): Value | undefined {
  if (leaf.is === "stale") return undefined;
  return memory === undefined ? last?.value : memory.value;
}

/** @throws RangeError, Error for a schedule that is not understood. */
export function openMemory(
  leaf: Leaf,
  staleOf: StaleAfterMs,
  kept: Kept,
  start: MonotonicMs,
): Memory | undefined {
  return remembers(leaf) ? memoryOf(leaf, staleOf, kept, start) : undefined;
}

function memoryOf(
  leaf: RememberingLeaf,
  staleOf: StaleAfterMs,
  kept: Kept,
  start: MonotonicMs,
): Memory {
  switch (leaf.is) {
    case "pair":
      return new PairMemory(leaf, staleOf, kept);
    case "frozen":
      return new FrozenMemory(leaf.afterMs, staleOf(leaf.point), kept);
    case "fault":
      return new FaultMemory(kept);
    case "rising":
    case "falling":
    case "will-reach":
      return new TrendMemory(leaf, kept);
    case "risen":
    case "fallen":
      return new ChangeMemory(leaf, kept);
    case "during":
      return new DuringMemory(scheduleOf(leaf.hours, leaf.timezone), start);
  }
}
