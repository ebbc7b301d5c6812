import type { WeightReading } from "../../gateway/stock/weighing/weigh.ts";

/** Repeatable numbers, 0 <= x < 1, the same on every machine (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal. */
export function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface SimulatedShelfOptions {
  readonly seed: number;
  readonly divisionKg: number;
  readonly everyMs?: number;
  /** The scale says whether it is stable. */
  readonly hasFlag?: boolean;
  /** Standard deviation of a reading before it is rounded, in divisions. */
  readonly noiseDivisions?: number;
  /** The pan follows its load with this time constant. */
  readonly followMs?: number;
  readonly startAt?: number;
}

const dayMs = 86_400_000;
const creepMs = 1_800_000;
const creepShare = 0.0002;
const perKelvin = 0.0002;
const kelvin = 5;

/**
 * A shelf on a load cell as it is in a hall: noise and rounding, creep of 0.02 % in half an hour, 0.02 % a kelvin with
 * +-5 K over the day, a pan that follows slowly, hands that lean on it and knocks.
 */
export class SimulatedShelf {
  readonly random: () => number;
  readonly #options: Required<SimulatedShelfOptions>;
  #mono = 1_000;
  #loadKg = 0;
  #shownKg = 0;
  #creepKg = 0;
  #handKg = 0;
  #zeroKg = 0;
  #shown: readonly number[] = [];

  constructor(options: SimulatedShelfOptions) {
    this.#options = {
      ...{ everyMs: 100, hasFlag: false, noiseDivisions: 0.3, followMs: 150 },
      startAt: Date.UTC(2027, 2, 1),
      ...options,
    };
    this.random = seeded(options.seed);
  }

  get mono(): number {
    return this.#mono;
  }

  get at(): number {
    return this.#options.startAt + this.#mono;
  }

  get loadKg(): number {
    return this.#loadKg;
  }

  /** Puts on, or takes off what is negative. */
  add(kg: number): void {
    this.#loadKg += kg;
  }

  /** Presses down (or lifts) until it is 0 again. */
  lean(kg: number): void {
    this.#handKg = kg;
  }

  /** The scale takes what it carries now for zero, as after a power cut. */
  rezero(): void {
    this.#zeroKg = this.#loadKg;
  }

  /** Time passes without a reading. */
  pass(ms: number): void {
    this.#mono += ms;
    this.#creepKg += (creepShare * this.#loadKg - this.#creepKg) * (1 - Math.exp(-ms / creepMs));
    const target = this.#loadKg + this.#handKg;
    this.#shownKg += (target - this.#shownKg) * (1 - Math.exp(-ms / this.#options.followMs));
  }

  /** The next reading, one period later. */
  read(): WeightReading {
    const { everyMs, divisionKg, noiseDivisions, hasFlag } = this.#options;
    this.pass(everyMs);
    const warmth = kelvin * Math.sin((2 * Math.PI * this.#mono) / dayMs);
    const noiseKg = gauss(this.random) * noiseDivisions * divisionKg;
    const trueKg = this.#shownKg + this.#creepKg + this.#loadKg * perKelvin * warmth;
    const kg = Math.round((trueKg - this.#zeroKg + noiseKg) / divisionKg) * divisionKg;
    this.#shown = [...this.#shown, kg].slice(-Math.max(3, Math.ceil(1_000 / everyMs)));
    const reading = { kg, at: this.at, mono: this.#mono };
    if (!hasFlag) return reading;
    const spread = Math.max(...this.#shown) - Math.min(...this.#shown);
    return { ...reading, stable: spread <= 2.5 * divisionKg };
  }

  /** All readings of a while. */
  readings(ms: number): readonly WeightReading[] {
    const count = Math.ceil(ms / this.#options.everyMs);
    return Array.from({ length: count }, () => this.read());
  }

  /** A hand works on the shelf and changes the load by so much at some moment of it. */
  handle(changeKg: number): readonly WeightReading[] {
    const { everyMs } = this.#options;
    const steps = Math.ceil((300 + this.random() * 2_500) / everyMs);
    const moment = Math.floor(this.random() * steps);
    const forceKg = 0.05 + this.random() * 1.5;
    const seen = Array.from({ length: steps }, (_, step) => {
      if (step === moment) this.add(changeKg);
      this.lean(forceKg * (0.3 + this.random()));
      return this.read();
    });
    this.lean(0);
    return seen;
  }

  /** Somebody runs against the rack. */
  knock(): readonly WeightReading[] {
    const forceKg = (this.random() - 0.5) * 0.4;
    this.lean(forceKg);
    const seen = [this.read()];
    this.lean(0);
    return seen;
  }
}
