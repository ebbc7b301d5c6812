import { z } from "zod";

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const massUnits: Readonly<Record<string, number>> = { mg: 1e-6, g: 1e-3, kg: 1, t: 1_000 };

/** Longest duration that a configuration may name: ten years, beyond which a typing error is certain. */
const durationMsMax = 10 * 366 * 86_400_000;

const amount = String.raw`(?:\d+(?:\.\d+)?|\.\d+)`;
const durationPattern = new RegExp(`^(${amount})\\s*(ms|s|min|h|d)$`);
const massPattern = new RegExp(`^(${amount})\\s*(mg|g|kg|t)$`);

/** `500ms`, `10s`, `5min`, `2h`, `1.5 d` -> milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text.trim());
  if (match === null) return undefined;
  const ms = Number(match[1]) * (durationUnits[match[2] ?? ""] ?? Number.NaN);
  return ms <= durationMsMax ? Math.round(ms) : undefined;
}

/** `84.2 g`, `1.25 kg` -> kilograms; undefined when it is not a mass. */
export function parseMass(text: string): number | undefined {
  const match = massPattern.exec(text.trim());
  if (match === null) return undefined;
  return Number((Number(match[1]) * (massUnits[match[2] ?? ""] ?? Number.NaN)).toPrecision(12));
}

/** Text with a unit -> milliseconds. `min`/`max` are in milliseconds. */
export function duration(limits: { readonly min?: number; readonly max?: number } = {}) {
  return z
    .string()
    .regex(durationPattern, { error: "quantity/duration" })
    .transform((text, context) => {
      const ms = parseDuration(text);
      const { min = 0, max = durationMsMax } = limits;
      if (ms !== undefined && ms >= min && ms <= max) return ms;
      context.issues.push({
        code: "custom",
        input: text,
        message: "quantity/duration-range",
        params: { min, max },
      });
      return z.NEVER;
    });
}

/** Text with a unit -> kilograms. */
export function mass() {
  return z
    .string()
    .regex(massPattern, { error: "quantity/mass" })
    .transform((text) => parseMass(text) ?? Number.NaN);
}
