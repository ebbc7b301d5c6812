/** Parts of a unit that quantities are kept to: milligrams of a kilogram. Sums of whole parts are exact. */
export const partsPerUnit = 1e6;

/** Largest quantity of one movement; a thousand million units in whole parts still add up exactly. */
export const quantityMax = 1e9;

/** The quantity as it is kept, so that no sum carries the noise of binary fractions. */
export function exact(quantity: number): number {
  const parts = Math.round(quantity * partsPerUnit);
  return parts === 0 ? 0 : parts / partsPerUnit;
}
