/** A unit as a straight line to its family's base: base = value * gain + offset. */
interface Unit {
  readonly family: "temperature" | "mass" | "fraction";
  readonly gain: number;
  readonly offset: number;
}

/** UCUM spellings (ucum.org, case sensitive). Families meet in kelvin, kilogram and one. */
const units: ReadonlyMap<string, Unit> = new Map([
  ["K", { family: "temperature", gain: 1, offset: 0 }],
  ["Cel", { family: "temperature", gain: 1, offset: 273.15 }],
  ["[degF]", { family: "temperature", gain: 5 / 9, offset: 459.67 * (5 / 9) }],
  ["kg", { family: "mass", gain: 1, offset: 0 }],
  ["g", { family: "mass", gain: 1e-3, offset: 0 }],
  ["mg", { family: "mass", gain: 1e-6, offset: 0 }],
  ["t", { family: "mass", gain: 1e3, offset: 0 }],
  ["[lb_av]", { family: "mass", gain: 0.45359237, offset: 0 }],
  ["[oz_av]", { family: "mass", gain: 0.028349523125, offset: 0 }],
  ["1", { family: "fraction", gain: 1, offset: 0 }],
  ["%", { family: "fraction", gain: 0.01, offset: 0 }],
] as const);

/**
 * Digits that a computed value keeps: more than any sensor has, fewer than binary fractions need to
 * show themselves (36.6 Cel is 97.88 [degF], not 97.88000000000001).
 */
const significantDigits = 12;

export function rounded(value: number): number {
  return Number(value.toPrecision(significantDigits));
}

/** Whether a value in `from` can be told in `to`; the same unit always can, known or not. */
export function canConvert(from: string, to: string): boolean {
  if (from === to) return true;
  const family = units.get(from)?.family;
  return family !== undefined && family === units.get(to)?.family;
}

/** The conversion of one pair, undefined when there is none. */
export function conversion(from: string, to: string): ((value: number) => number) | undefined {
  const source = units.get(from);
  const target = units.get(to);
  if (from === to) return (value) => value;
  if (source === undefined || target === undefined || source.family !== target.family) return;
  return (value) => rounded((value * source.gain + source.offset - target.offset) / target.gain);
}
