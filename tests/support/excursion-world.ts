import { expect } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm, AlarmCause, AlarmTransition } from "../../gateway/alarms/alarm.ts";
import { type Excursion, excursionSchema } from "../../gateway/cold-chain/excursion.ts";
import { Excursions, type ExcursionsParts } from "../../gateway/cold-chain/excursions.ts";
import type { Rule } from "../../gateway/rules/rule.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const point: PointKey = "cold-2/temperature";
export const wall = Date.UTC(2026, 10, 1);

export const warm: Rule = {
  id: "cold-2:high",
  when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
  onDelayMs: 5 * minute,
  offDelayMs: 2 * minute,
  priority: "critical",
  message: "too warm",
  location: "cold-2",
  outputs: [],
  profile: { id: "gsp-cold", limit: "high", excursion: true },
};

export const cold: Rule = {
  ...warm,
  id: "cold-2:low",
  when: { is: "below", point, limit: 2, inclusive: false, deadband: 0 },
  onDelayMs: 0,
  offDelayMs: 0,
};

const locations = {
  site: {},
  "cold-2": { within: "site" },
  "shelf-1": { within: "cold-2" },
  "box-1": { within: "shelf-1" },
  elsewhere: {},
};

/** A gateway's life around `Excursions`: time, what the store keeps, what was told. */
export class World {
  readonly kept = new Map<string, unknown>();
  readonly events: { do: string; id: string }[] = [];
  readonly notices: Excursion[] = [];
  readonly saves: string[] = [];
  readonly active = new Map<string, Alarm>();
  readonly #parts: Partial<ExcursionsParts>;
  offset = wall;
  mono = 0;
  boot = "boot-1";
  excursions: Excursions;

  constructor(parts: Partial<ExcursionsParts> = {}) {
    this.#parts = parts;
    this.excursions = this.start();
  }

  start(): Excursions {
    this.excursions = new Excursions({
      instant: this.instant,
      boot: this.boot,
      clockSynchronized: () => true,
      rules: [warm],
      points: new Map([[point, { unit: "Cel", everyMs: minute }]]),
      locations,
      saved: new Map(JSON.parse(JSON.stringify([...this.kept]))),
      ...this.#parts,
    });
    return this.excursions;
  }

  get instant() {
    return { at: this.offset + this.mono, mono: this.mono };
  }

  sample(value: number | undefined, sampledAt = this.instant.at): Sample {
    return value === undefined
      ? { point, sampledAt, quality: "bad", reason: "open probe" }
      : { point, sampledAt, quality: "good", value };
  }

  step(input: {
    at?: number;
    value?: number | "bad";
    cause?: AlarmCause;
    rule?: string;
    alarm?: string;
    late?: readonly Sample[];
  }): void {
    if (input.at !== undefined) this.mono = input.at;
    const { value, cause, rule = warm.id, alarm = `${rule}#1`, late = [] } = input;
    const samples = value === undefined ? [] : [this.sample(value === "bad" ? undefined : value)];
    const transitions = cause === undefined ? [] : [this.transition(cause, rule, alarm)];
    const { instant } = this;
    if (cause === "violated") this.active.set(rule, this.alarm(alarm, rule));
    if (cause === "returned") this.active.delete(rule);
    const step = { transitions, alarms: [...this.active.values()] };
    const { events, state, notices } = this.excursions.step({ samples, late, step, instant });
    this.keep(state);
    this.notices.push(...notices.map(({ excursion }) => excursion));
    for (const { kind, body } of events) {
      expect(kind).toBe("excursion");
      const excursion = body["excursion"];
      const id =
        typeof excursion === "object" && excursion !== null && "id" in excursion
          ? String(excursion.id)
          : "";
      this.events.push({ do: String(body["do"]), id });
    }
  }

  keep(state: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of state) {
      this.saves.push(key);
      if (value === undefined) this.kept.delete(key);
      else this.kept.set(key, value);
      if (key.startsWith("excursion/") && value !== undefined) excursionSchema.parse(value);
    }
  }

  transition(cause: AlarmCause, rule: string, alarm: string): AlarmTransition {
    const { at } = this.instant;
    return {
      ...{ alarm, rule, at, cause },
      from: "normal",
      to: "unacknowledged",
      priority: "critical",
      message: "too warm",
    };
  }

  alarm(id: string, rule: string): Alarm {
    const { at } = this.instant;
    return {
      ...{ id, rule, state: "unacknowledged", active: true, acknowledged: false, latched: false },
      ...{ priority: "critical", message: "too warm", outputs: [], raisedAt: at, since: at },
    };
  }

  get first(): Excursion {
    const [excursion] = this.excursions.list();
    if (excursion === undefined) throw new Error("no excursion");
    return excursion;
  }
}

/** One value a minute, and what the alarm of these values does at which minute. */
export function minutes(
  world: World,
  values: readonly (number | "bad")[],
  causes: Record<number, AlarmCause> = {},
  from = 0,
): void {
  for (const [index, value] of values.entries()) {
    const cause = causes[from + index];
    world.step({ at: (from + index) * minute, value, ...(cause !== undefined && { cause }) });
  }
}
