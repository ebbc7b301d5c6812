import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { RecordSettings } from "../../gateway/record/record-book.ts";
import { type PlanState, planRecord } from "../../gateway/record/record-plan.ts";

const minute = 60_000;
const from = Date.UTC(2026, 10, 1);

export const recordPoint: PointKey = "cold-2/temperature";

export const recordSettings: RecordSettings = {
  everyMs: 30 * minute,
  everyOutsideMs: 2 * minute,
  readEveryMs: minute,
  isOutside: (value) => value > 8,
};

/** The sample of a minute: in and out of range, with a failure now and then. */
export function recordSample(index: number): Sample {
  const sampledAt = from + index * minute;
  return index % 97 === 50
    ? { point: recordPoint, sampledAt, quality: "bad", reason: "timeout" }
    : {
        ...{ point: recordPoint, sampledAt, quality: "good" },
        value: Math.round(60 + 30 * Math.sin(index / 20)) / 10,
      };
}

/** When records of the first `count` samples are made in a run that nothing disturbs. */
export function recordTimes(count: number): readonly number[] {
  let state: PlanState | undefined;
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const sample = recordSample(index);
    const value = sample.quality === "good" ? Number(sample.value) : undefined;
    const planned = planRecord(state, sample.sampledAt, value, recordSettings);
    state = planned.state;
    if (planned.record) times.push(sample.sampledAt);
  }
  return times;
}
