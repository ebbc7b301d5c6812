import type { ScaleMessage, ScaleReading, ScaleReply, ScaleStatus } from "./protocol.ts";

type Part = "weight" | "unit" | "stable" | "net" | "tare" | "code" | "reason";
type Parts = { readonly [K in Part]?: ScaleReading[K] | undefined };

/** A weighing whose weight is true; `bad` when it is none. */
export function weighing(parts: Parts): ScaleMessage {
  if (parts.weight === undefined) return bad("no weight");
  return reading(parts.stable === false ? "unstable" : "ok", parts);
}

/** A weighing in a language whose scales always send their unit. */
export function weighingWithUnit(parts: Parts): ScaleMessage {
  const found = weighing(parts);
  if (found.kind !== "reading" || parts.unit !== undefined) return found;
  return reading("unit-blank", { ...parts, weight: undefined });
}

/** Parts that are undefined are left out. Only `ok` and `unstable` bring a weight. */
export function reading(status: ScaleStatus, parts: Parts = {}): ScaleReading {
  const isTrue = status === "ok" || status === "unstable";
  return {
    kind: "reading",
    status,
    ...(isTrue && parts.weight !== undefined && { weight: parts.weight }),
    ...(parts.unit !== undefined && { unit: parts.unit }),
    ...(parts.stable !== undefined && { stable: parts.stable }),
    ...(parts.net !== undefined && { net: parts.net }),
    ...(isTrue && parts.tare !== undefined && { tare: parts.tare }),
    ...(parts.code !== undefined && { code: parts.code }),
    ...(parts.reason !== undefined && { reason: parts.reason }),
  };
}

export function bad(reason: string): ScaleMessage {
  return { kind: "bad", reason };
}

export const unknownLine = bad("not a line of this language");

export function done(command: ScaleReply["command"]): ScaleReply {
  return { kind: "reply", command, ok: true };
}

export function refused(command: ScaleReply["command"], reason: string): ScaleReply {
  return { kind: "reply", command, ok: false, reason };
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** Exactly the number that the text writes; blanks between sign and digits are taken. Undefined when it is none. */
export function numberOf(text: string): number | undefined {
  const digits = text.trim().replace(/^([+-]) +/, "$1");
  // Adding zero makes the -0 of "-0.00" a plain 0.
  return decimal.test(digits) ? Number(digits) + 0 : undefined;
}

/** Digits without a point -> number, exactly: 3862 with 2 decimals is 38.62. */
export function scaled(digits: number, decimals: number): number {
  const text = String(digits);
  const value = text.includes("e") ? digits * 10 ** -decimals : Number(`${text}e${-decimals}`);
  return value + 0;
}

/** A number in at most `width` characters, without exponent, rounded where its decimals do not fit; undefined when it cannot be. */
export function fitted(value: number, width: number): string | undefined {
  const plain = String(value + 0);
  if (!plain.includes("e") && plain.length <= width) return plain;
  const whole = value.toFixed(0);
  const room = width - whole.length - 1;
  const text = room > 0 ? value.toFixed(Math.min(room, 20)) : whole;
  return text.length <= width && !text.includes("e") ? text : undefined;
}
