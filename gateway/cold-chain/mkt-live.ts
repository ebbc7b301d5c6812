import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm, AlarmTransition } from "../alarms/alarm.ts";
import { flatten, type Leaf, pointsOf } from "../rules/condition.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import { mktPoint } from "./mkt-rules.ts";
import type { MktFigure, MktWatch } from "./mkt-watch.ts";

/** How often the means are compared with their limits: within one part of the shortest window they hardly move. */
export const mktEveryMs = 60_000;

/** The rolling mean kinetic temperatures as the alarms see them: a point for each location, its worst probe. */
export class MktLive {
  readonly #watch: MktWatch;
  readonly #startMono: MonotonicMs;
  readonly #locations: ReadonlySet<string>;
  /** Profile rules that look at each point. */
  readonly #rules: ReadonlyMap<PointKey, readonly string[]>;
  readonly #outOfService = new Set<string>();
  #dueAt: MonotonicMs;

  /** @param alarms As they stand at the start. */
  constructor(
    watch: MktWatch,
    rules: readonly Rule[],
    alarms: readonly Alarm[],
    { mono }: Pick<Instant, "mono">,
  ) {
    this.#watch = watch;
    this.#startMono = mono;
    this.#dueAt = mono;
    this.#locations = new Set(watch.figures(mono).map(({ location }) => location));
    this.#rules = profileRules(rules);
    for (const { rule, outOfService } of alarms) {
      if (outOfService !== undefined) this.#outOfService.add(rule);
    }
  }

  /** The points, each with its longest window: what is to be read from the record after a start. */
  get windows(): ReadonlyMap<PointKey, number> {
    return this.#watch.windows;
  }

  /** Before it the windows know nothing but what the record fills in. */
  get startMono(): MonotonicMs {
    return this.#startMono;
  }

  fill(point: PointKey, value: number, from: MonotonicMs, to: MonotonicMs): void {
    this.#watch.fill(point, value, from, to);
  }

  figures(mono: MonotonicMs): readonly MktFigure[] {
    return this.#watch.figures(mono);
  }

  /** @returns what the rules are to see besides: each location's mean where it is due, bad while too little is known. */
  step(live: readonly Sample[], { at, mono }: Instant): readonly Sample[] {
    if (this.#locations.size === 0) return [];
    const outOfService = (point: PointKey) =>
      (this.#rules.get(point) ?? []).some((rule) => this.#outOfService.has(rule));
    this.#watch.step(live, { mono }, outOfService);
    if (mono < this.#dueAt) return [];
    this.#dueAt = mono + mktEveryMs;
    const figures = Map.groupBy(this.#watch.figures(mono), ({ location }) => location);
    return [...figures].map(([location, its]): Sample => {
      const known = its.flatMap(({ mkt }) => ("celsius" in mkt ? [mkt.celsius] : []));
      const base = { point: mktPoint(location), sampledAt: at };
      return known.length === 0
        ? { ...base, quality: "bad", reason: refusalOf(its) }
        : { ...base, quality: "good", value: Math.max(...known) };
    });
  }

  follow(transitions: readonly Pick<AlarmTransition, "rule" | "cause">[]): void {
    for (const { rule, cause } of transitions) {
      if (cause === "out-of-service") this.#outOfService.add(rule);
      else if (cause === "return-to-service") this.#outOfService.delete(rule);
    }
  }
}

function refusalOf(figures: readonly MktFigure[]): string {
  return figures.map(({ mkt }) => ("refused" in mkt ? mkt.refused : "")).find(Boolean) ?? "unknown";
}

function profileRules(rules: readonly Rule[]): ReadonlyMap<PointKey, readonly string[]> {
  const found = new Map<PointKey, string[]>();
  for (const { id, when, profile } of rules) {
    if (profile === undefined) continue;
    const leaves: Leaf[] = [];
    flatten(when, leaves, []);
    for (const point of new Set(leaves.flatMap(pointsOf))) {
      found.set(point, [...(found.get(point) ?? []), id]);
    }
  }
  return found;
}
