/**
 * Kilograms in one unit, by the number that EngineeringUnits carries: the three characters of the UNECE code, the
 * first in the highest byte (OPC 10000-8, 5.6.4.3; UNECE Recommendation 20).
 */
const kilograms: Readonly<Record<string, number>> = {
  KGM: 1,
  GRM: 1e-3,
  MGM: 1e-6,
  TNE: 1_000,
  LBR: 0.453_592_37,
  ONZ: 0.028_349_523_125,
};

/** Kilograms in one unit; undefined when it is no mass. */
export function kilogramsIn(unitId: number): number | undefined {
  const code = String.fromCharCode((unitId >> 16) & 0xff, (unitId >> 8) & 0xff, unitId & 0xff);
  return Object.hasOwn(kilograms, code) ? kilograms[code] : undefined;
}
