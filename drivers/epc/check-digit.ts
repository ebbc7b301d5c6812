/**
 * The digit that makes a GS1 number checkable (GS1 General Specifications, 7.9.1): weights 3 and 1, from the right.
 * `digits` holds the digits before it.
 */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const weight = (digits.length - at) % 2 === 1 ? 3 : 1;
    sum += weight * (digits.charCodeAt(at) - 48);
  }
  return String((10 - (sum % 10)) % 10);
}

/** Whether the last digit is the check digit of those before it. */
export function hasCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && checkDigit(digits.slice(0, -1)) === digits.at(-1);
}

/** GTIN-8, -12, -13 or -14 -> 14 digits; undefined when it is none of them or its check digit is wrong. */
export function gtin14(digits: string): string | undefined {
  if (![8, 12, 13, 14].includes(digits.length) || !hasCheckDigit(digits)) return undefined;
  return digits.padStart(14, "0");
}
