import type { EpochMs, Value } from "../contract.ts";
import { type PathStep, readPath } from "./json-path.ts";
import type { Payload } from "./payload.ts";

/** What a message says about one point: a sample without its point and its time. */
export type Reading =
  | { readonly quality: "good"; readonly value: Value }
  | { readonly quality: "uncertain"; readonly value: Value; readonly reason: string }
  | { readonly quality: "bad"; readonly reason: string };

/** A value as devices write it: in JSON, or plain. */
export type Scalar = string | number | boolean;

export interface Decodable {
  readonly kind: "number" | "boolean" | "text";
  /** Into the JSON of the message; undefined: the message is the value. */
  readonly steps?: readonly PathStep[] | undefined;
  readonly scale?: number | undefined;
  readonly offset?: number | undefined;
  readonly on?: readonly Scalar[] | undefined;
  readonly off?: readonly Scalar[] | undefined;
  readonly unavailable?: readonly Scalar[] | undefined;
}

/** Longest text of a point; a longer one is bad. People read it on a screen. */
export const textCharactersMax = 500;

const onWords: readonly Scalar[] = ["true", "on", "1"];
const offWords: readonly Scalar[] = ["false", "off", "0"];
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i;

const bad = (reason: string): Reading => ({ quality: "bad", reason });

/** A message to the value of one point; undefined where the message does not speak of the point. */
export function decode(payload: Payload, point: Decodable): Reading | undefined {
  const found = find(payload, point.steps);
  if (found === undefined) return undefined;
  return found.ok ? decodeScalar(found.value, point) : bad(found.reason);
}

/** A value out of a message, by the point's kind. */
export function decodeScalar(value: unknown, point: Omit<Decodable, "steps">): Reading {
  if (value === null) return bad("null");
  const isUnavailable = isScalar(value) && point.unavailable?.some((code) => same(code, value));
  if (isUnavailable === true) return bad(`unavailable code ${String(value)}`);
  switch (point.kind) {
    case "number":
      return decodeNumber(value, point);
    case "boolean":
      return decodeBoolean(value, point);
    case "text":
      return decodeText(value);
  }
}

/** What a device calls the time of its value, as a time; undefined where it is none. */
export function decodeTime(payload: Payload, steps: readonly PathStep[]): EpochMs | undefined {
  const found = find(payload, steps);
  if (found === undefined || !found.ok) return undefined;
  const { value } = found;
  // Without a zone nobody knows which instant is meant.
  if (typeof value === "string" && /T.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value)) {
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : at;
  }
  const count = typeof value === "string" && decimal.test(value) ? Number(value) : value;
  if (typeof count !== "number" || !Number.isFinite(count)) return undefined;
  return Math.round(count < secondsBelow ? count * 1_000 : count);
}

/** Milliseconds since 1970 passed this in 1973, seconds will in 5138. */
const secondsBelow = 100_000_000_000;

/** The scalar that a message carries at the path, as text, for comparing with configured words. */
export function wordOf(
  payload: Payload,
  steps: readonly PathStep[] | undefined,
): string | undefined {
  const found = find(payload, steps);
  return found?.ok === true && isScalar(found.value) ? String(found.value).trim() : undefined;
}

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

function find(payload: Payload, steps: readonly PathStep[] | undefined): Outcome | undefined {
  if (steps === undefined) return payload.text();
  const json = payload.json();
  if (!json.ok) return json;
  const found = readPath(json.value, steps);
  if (found.is === "missing") return undefined;
  return found.is === "value"
    ? { ok: true, value: found.value }
    : { ok: false, reason: found.reason };
}

function decodeNumber(value: unknown, { scale = 1, offset = 0 }: Omit<Decodable, "steps">) {
  const trimmed = typeof value === "string" ? value.trim() : value;
  const number = typeof trimmed === "string" && decimal.test(trimmed) ? Number(trimmed) : trimmed;
  // JSON has no Infinity, but 1e999 becomes it.
  if (typeof number !== "number" || !Number.isFinite(number)) return bad("not a number");
  if (scale === 1 && offset === 0) return { quality: "good", value: number } as const;
  const scaled = number * scale + offset;
  if (!Number.isFinite(scaled)) return bad("not a number");
  return { quality: "good", value: Number(scaled.toPrecision(12)) } as const;
}

function decodeBoolean(value: unknown, point: Omit<Decodable, "steps">): Reading {
  if (isScalar(value)) {
    if ((point.on ?? onWords).some((word) => same(word, value))) return good(true);
    if ((point.off ?? offWords).some((word) => same(word, value))) return good(false);
  }
  return bad("unknown state");
}

function decodeText(value: unknown): Reading {
  if (!isScalar(value)) return bad("not a text");
  const text = String(value);
  return text.length <= textCharactersMax ? good(text) : bad("too long");
}

function good(value: Value): Reading {
  return { quality: "good", value };
}

function isScalar(value: unknown): value is Scalar {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** `ON`, `on` and ` On` are one word; `1` is written as a number by some and as text by others. */
function same(word: Scalar, value: Scalar): boolean {
  if (String(word).toLowerCase() === String(value).trim().toLowerCase()) return true;
  return typeof word === "number" && typeof value === "string" && decimal.test(value.trim())
    ? Number(value) === word
    : false;
}
