import type { MonotonicMs, PointKey, Sample } from "../../../drivers/contract.ts";
import type { Instant } from "../../rules/rule.ts";
import type { Start } from "../../rules/rule-state.ts";
import { stockKeys } from "../movement.ts";
import { Shelf } from "../weighing/shelf.ts";
import type { Count, ShelfEvent, ShelfSettings } from "../weighing/weigh.ts";
import { readingOf, type WeightPoint } from "./weight-points.ts";

export interface ShelvesParts {
  readonly points: readonly WeightPoint[];
  /** Undefined: nothing that can be weighed is kept there. */
  readonly settings: (location: string) => ShelfSettings | undefined;
  /** What the store kept under `weigh/`. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly start: Start;
}

export interface LocatedEvent {
  readonly location: string;
  readonly event: ShelfEvent;
}

export interface ShelvesStep {
  readonly events: readonly LocatedEvent[];
  readonly state: ReadonlyMap<string, unknown>;
}

interface Scale {
  readonly point: WeightPoint;
  readonly shelf: Shelf;
  readonly items: ReadonlySet<string>;
  readonly divisionKg: number;
}

/** All shelves that stand on scales: which sample is whose, and what each tells. */
export class Shelves {
  readonly #parts: ShelvesParts;
  readonly #byWeight = new Map<PointKey, Scale>();
  readonly #byLocation = new Map<string, Scale>();
  readonly #celsius = new Map<PointKey, number | undefined>();
  readonly #opening = new Set<string>();

  constructor(parts: ShelvesParts) {
    this.#parts = parts;
    for (const { location } of parts.points) {
      this.#open(location, parts.saved.get(stockKeys.weigh + location), parts.start);
    }
  }

  /** Its items are others now; what it weighed stays known. */
  renew(location: string): void {
    const shelf = this.#byLocation.get(location)?.shelf;
    this.#open(location, shelf?.saved(), this.#parts.start);
  }

  /** Shelves whose first count has still to be compared with the ledger. */
  get opening(): ReadonlySet<string> {
    return this.#opening;
  }

  opened(location: string): void {
    this.#opening.delete(location);
  }

  /** No samples: a clock tick. */
  step(samples: readonly Sample[], instant: Instant): ShelvesStep {
    const events: LocatedEvent[] = [];
    const touched = new Set<Scale>();
    for (const sample of samples) {
      if (this.#celsius.has(sample.point)) this.#noteCelsius(sample);
      const scale = this.#byWeight.get(sample.point);
      if (scale === undefined) continue;
      touched.add(scale);
      for (const event of this.#weigh(scale, sample, instant)) {
        events.push({ location: scale.point.location, event });
      }
    }
    for (const scale of this.#byLocation.values()) {
      const due = scale.shelf.nextDue();
      if (due === undefined || due > instant.mono) continue;
      touched.add(scale);
      for (const event of scale.shelf.tick(instant)) {
        events.push({ location: scale.point.location, event });
      }
    }
    return { events, state: savedOf(touched) };
  }

  nextDue(): MonotonicMs | undefined {
    let next: MonotonicMs | undefined;
    for (const { shelf } of this.#byLocation.values()) {
      const due = shelf.nextDue();
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  /** Items that are counted by weight there. */
  isWeighed(location: string, item: string): boolean {
    const scale = this.#byLocation.get(location);
    return scale?.items.has(item) === true;
  }

  /** Undefined: no scale stands there, or nothing is known while it moves. */
  weighed(location: string) {
    const scale = this.#byLocation.get(location);
    const kg = scale?.shelf.netKg;
    if (scale === undefined || kg === undefined || !scale.shelf.resting) return undefined;
    return { counts: scale.shelf.counts(), kg, divisionKg: scale.divisionKg };
  }

  /** What is on it by weight; empty while it moves or nothing is known. */
  counts(location: string): readonly Count[] {
    return this.#byLocation.get(location)?.shelf.counts() ?? [];
  }

  /** A person has counted: what a piece weighs is known better. */
  counted(location: string, item: string, pieces: number): ReadonlyMap<string, unknown> {
    const scale = this.#byLocation.get(location);
    if (scale === undefined) return new Map();
    scale.shelf.knownCount(item, pieces);
    return savedOf([scale]);
  }

  #open(location: string, saved: unknown, start: Start): void {
    const point = this.#parts.points.find((it) => it.location === location);
    const given = this.#parts.settings(location);
    if (point === undefined || given === undefined) return;
    const shelf = new Shelf(given, saved, start);
    const items = new Set(given.items.map(({ item }) => item));
    const scale = { point, shelf, items, divisionKg: given.divisionKg };
    this.#byWeight.set(point.weight, scale);
    this.#byLocation.set(location, scale);
    this.#opening.add(location);
    if (point.celsius !== undefined && !this.#celsius.has(point.celsius)) {
      this.#celsius.set(point.celsius, undefined);
    }
  }

  #weigh({ point, shelf }: Scale, sample: Sample, instant: Instant): readonly ShelfEvent[] {
    const celsius = point.celsius === undefined ? undefined : this.#celsius.get(point.celsius);
    const reading = readingOf(point, sample, instant, celsius);
    return reading === undefined ? shelf.bad(instant) : shelf.next(reading);
  }

  #noteCelsius(sample: Sample): void {
    const good = sample.quality === "good" && typeof sample.value === "number";
    this.#celsius.set(sample.point, good ? Number(sample.value) : undefined);
  }
}

function savedOf(scales: Iterable<Scale>): ReadonlyMap<string, unknown> {
  const state = new Map<string, unknown>();
  for (const { point, shelf } of scales) {
    const saved = shelf.changes();
    if (saved !== undefined) state.set(stockKeys.weigh + point.location, saved);
  }
  return state;
}
