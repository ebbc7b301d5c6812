import type { PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AlarmAction } from "../../gateway/alarms/alarm.ts";
import {
  type AlarmStep,
  type AlarmSystemParts,
  createAlarmSystem,
} from "../../gateway/alarms/alarm-system.ts";
import type { Instant, Rule } from "../../gateway/rules/rule.ts";

/** A rule on `<id>/temperature` that is violated above 8. */
export function rule(id: string, more: Partial<Rule> = {}): Rule {
  const point: PointKey = `${id}/temperature`;
  return {
    id,
    when: { is: "above", point, limit: 8, inclusive: false, deadband: 0 },
    onDelayMs: 0,
    offDelayMs: 0,
    priority: "medium",
    message: `${id} is too warm`,
    outputs: [],
    ...more,
  };
}

export function moment(s: number): Instant {
  return { at: 1_700_000_000_000 + s * 1_000, mono: s * 1_000 };
}

/** A system over a disk, which it writes as JSON. */
export function run(
  rules: readonly Rule[],
  disk = new Map<string, unknown>(),
  more: Partial<AlarmSystemParts> = {},
) {
  const system = createAlarmSystem({
    rules,
    saved: new Map(disk),
    instant: moment(0),
    boot: "b",
    clockSynchronized: () => true,
    ...more,
  });
  const keep = (step: AlarmStep) => {
    for (const [key, json] of step.stateChanges) {
      if (json === undefined) disk.delete(key);
      else disk.set(key, JSON.parse(JSON.stringify(json)));
    }
    return step;
  };
  const stepAt = (now: Instant, samples: readonly Sample[]) => keep(system.step(samples, now));
  return {
    disk,
    system,
    stepAt,
    step: (s: number, ...values: readonly (readonly [id: string, celsius: number])[]) =>
      stepAt(
        moment(s),
        values.map(([id, value]) => ({
          point: `${id}/temperature`,
          sampledAt: 0,
          quality: "good",
          value,
        })),
      ),
    act: (s: number, target: string, action: AlarmAction) =>
      keep(system.act(target, action, moment(s))),
    alarm: (id = "a") => system.list().find((alarm) => alarm.rule === id),
  };
}

export function caught(act: () => unknown): RackwatchError {
  try {
    act();
  } catch (error) {
    if (error instanceof RackwatchError) return error;
  }
  throw new Error("nothing was refused");
}
