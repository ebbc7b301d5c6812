/**
 * Samples per processor second through the rules, and through pipeline and rules on one core;
 * prints one JSON line. 200 points, three rules a point with deadband and on-delay, values that
 * nearly never change a verdict.
 */
import type { PointKey, Sample } from "../drivers/contract.ts";
import { Pipeline } from "../gateway/pipeline/pipeline.ts";
import { compileRules } from "../gateway/rules/compile.ts";
import type { Condition, Rule } from "../gateway/rules/rule.ts";
import { RuleSet } from "../gateway/rules/rule-set.ts";
import { resume } from "../gateway/rules/rule-state.ts";

const pointsCount = 200;
const roundsCount = 20_000;
const runsCount = 5;

const points = Array.from({ length: pointsCount }, (_, index): PointKey => `device-${index}/value`);

const rules = points.flatMap((point, index): Rule[] => {
  const base = { offDelayMs: 60_000, priority: "medium", message: "", outputs: [] } as const;
  return [
    { id: `high-${index}`, is: "above", limit: 8, onDelayMs: 300_000 } as const,
    { id: `too-high-${index}`, is: "above", limit: 12, onDelayMs: 0 } as const,
    { id: `low-${index}`, is: "below", limit: 2, onDelayMs: 60_000 } as const,
  ].map(({ id, is, limit, onDelayMs }) => ({
    ...base,
    id,
    onDelayMs,
    when: { is, point, limit, inclusive: false, deadband: 0.5 },
  }));
});

const batches = Array.from({ length: 7 }, (_, round) =>
  points.map((point, index): Sample => {
    return { point, sampledAt: round, quality: "good", value: 4 + ((index + round) % 7) * 0.5 };
  }),
);

const settings = new Map(
  points.map((point) => [
    point,
    { range: [-40, 60] as [number, number], spike: { step: 5, within: 60_000 }, everyMs: 1_000 },
  ]),
);

/**
 * Best of several runs, in samples per second of processor time: other programs on the machine do
 * not count.
 */
function measure(step: (batch: readonly Sample[], mono: number) => void): number {
  let best = 0;
  for (let run = 0; run < runsCount; run += 1) {
    const before = process.cpuUsage();
    for (let round = 0; round < roundsCount; round += 1) {
      step(batches[round % batches.length] ?? [], run * roundsCount + round);
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (roundsCount * pointsCount * 1_000_000) / (user + system));
  }
  return best;
}

function ruleSet(): RuleSet {
  const start = { instant: { at: 0, mono: 0 }, boot: "bench", clockSynchronized: () => true };
  return new RuleSet(compileRules(rules), start, (rule) => resume(undefined, rule, start, false));
}

const alone = ruleSet();
const rulesOnly = measure((batch, mono) => alone.evaluate(batch, { at: mono, mono }));

const behind = ruleSet();
const pipeline = new Pipeline(settings);
const both = measure((batch, mono) => {
  const instant = { at: mono, mono };
  behind.evaluate(pipeline.process(batch, instant), instant);
});

const many = Array.from({ length: 1_000 }, (_, index): PointKey => `device-${index}/value`);
const manyBatches = Array.from({ length: 7 }, (_, round) =>
  many.map((point, index): Sample => {
    return { point, sampledAt: round, quality: "good", value: 4 + ((index + round) % 7) * 0.5 };
  }),
);

function limitOf(point: PointKey): Condition {
  return { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 };
}

/** One of each kind in turn; none is violated by the values of this bench. */
function mixedOf(point: PointKey, index: number): Condition {
  const trend = { samples: 5, fit: "line" } as const;
  const other = many[(index + 1) % many.length] ?? point;
  const kinds: readonly Condition[] = [
    limitOf(point),
    { is: "total", part: limitOf(point), totalMs: 3_600_000, withinMs: 86_400_000 },
    { is: "rising", point, perHour: 1e9, deadband: 0, trend },
    { is: "risen", point, by: 9, withinMs: 600_000, deadband: 0 },
    { is: "frozen", point, afterMs: 3_600_000 },
    { is: "above", point, minus: other, limit: 9, inclusive: false, deadband: 0 },
    { is: "all", of: [limitOf(point), { is: "not", part: { is: "fault", point } }] },
  ];
  return kinds[index % kinds.length] ?? limitOf(point);
}

/** Processor time of one sample in microseconds, two rules a point, a batch each second. */
function costOf(when: (point: PointKey, index: number) => Condition): number {
  const start = { instant: { at: 0, mono: 0 }, boot: "bench", clockSynchronized: () => true };
  const twice = [...many, ...many].map((point, index): Rule => {
    const texts = { priority: "medium", message: "", outputs: [] } as const;
    return { id: `${index}`, when: when(point, index), onDelayMs: 0, offDelayMs: 0, ...texts };
  });
  const set = new RuleSet(compileRules(twice), start, (rule) =>
    resume(undefined, rule, start, false),
  );
  const rounds = 300;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    const mono = round * 1_000;
    set.evaluate(manyBatches[round % manyBatches.length] ?? [], { at: mono, mono });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (rounds * many.length);
}

const plainUs = costOf(limitOf);
const mixedUs = costOf(mixedOf);

console.log(
  JSON.stringify({
    bench: "rules",
    plainUsPerSample: Number(plainUs.toFixed(3)),
    mixedUsPerSample: Number(mixedUs.toFixed(3)),
    rssMB: Math.round(process.memoryUsage.rss() / 1e6),
    points: pointsCount,
    rulesPerPoint: 3,
    rulesSamplesPerCpuSecond: Math.round(rulesOnly),
    pipelineAndRulesSamplesPerCpuSecond: Math.round(both),
  }),
);
