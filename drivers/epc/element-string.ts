import {
  type ApplicationIdentifier,
  identifierAt,
  type Part,
  predefinedLength,
} from "./application-identifier.ts";
import { hasCheckDigit } from "./check-digit.ts";
import { dateOf } from "./date.ts";

/** One value of a bar code or of a tag's GS1 form. */
export interface Element {
  readonly ai: string;
  readonly value: string;
  readonly meaning: string;
  /** yyyy-mm-dd, where the value begins with a date. Day 00 is the last of the month. */
  readonly date?: string;
  /** With its decimals, where the identifier names them. */
  readonly number?: number;
}

export type ElementString =
  | { readonly ok: true; readonly elements: readonly Element[] }
  | {
      readonly ok: false;
      readonly reason: string;
      /** Where it is wrong: characters from the beginning. */
      readonly position: number;
      /** Of the value that is wrong; absent where the identifier is. */
      readonly ai?: string;
    };

/** Twice the longest symbol (GS1 DataMatrix 2335, QR 7089 digits hold less than this in practice). */
const charactersMax = 4_096;

/** ASCII GS: how readers send FNC1 between values. */
const separator = "\x1d";

/** Symbology identifiers of GS1 bar codes: 128, DataBar and composite, DataMatrix, QR, DotCode. */
const symbology = /^\](C1|e[0-3]|d2|Q3|J1)/;

/**
 * `(01)09501101530003(17)140704` as people write it, or as a reader sends it: symbology identifier where there is
 * one, values one behind the other, GS (0x1D) behind those of open length. `year` settles the century of dates.
 */
export function parseElementString(text: string, year: number): ElementString {
  if (text.length > charactersMax)
    return {
      ok: false,
      reason: `longer than ${charactersMax} characters`,
      position: charactersMax,
    };
  const from = symbology.exec(text)?.[0].length ?? 0;
  const isWritten = text.startsWith("(", from);
  const elements: Element[] = [];
  for (let at = from; at < text.length; ) {
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    const found = isWritten ? cutWritten(text, at) : cutSent(text, at);
    if (typeof found === "string") return { ok: false, reason: found, position: at };
    const { identifier, value } = found;
    const element = check(identifier, value, year);
    if (typeof element === "string")
      return { ok: false, reason: element, position: at, ai: identifier.ai };
    elements.push(element);
    at = found.end;
  }
  if (elements.length === 0) return { ok: false, reason: "empty", position: 0 };
  return { ok: true, elements };
}

interface Cut {
  readonly identifier: ApplicationIdentifier;
  readonly value: string;
  /** Where the next one begins. */
  readonly end: number;
}

const unknown = "no GS1 application identifier";

function cutWritten(text: string, at: number): Cut | string {
  const [all = "", ai = ""] = /^\((\d{2,4})\)/.exec(text.slice(at, at + 6)) ?? [];
  const identifier = ai === "" ? undefined : identifierAt(ai);
  if (identifier?.ai !== ai) return unknown;
  const from = at + all.length;
  const end = nextIdentifier(text, from);
  return { identifier, value: text.slice(from, end), end };
}

/** Values may hold brackets too: only a bracket around a known identifier ends one. */
function nextIdentifier(text: string, from: number): number {
  for (const match of text.slice(from).matchAll(/\((\d{2,4})\)/g)) {
    if (identifierAt(match[1] ?? "")?.ai === match[1]) return from + match.index;
  }
  return text.length;
}

function cutSent(text: string, at: number): Cut | string {
  const identifier = identifierAt(text.slice(at, at + 4));
  if (identifier === undefined) return unknown;
  const from = at + identifier.ai.length;
  const length = predefinedLength(identifier);
  const stop = text.indexOf(separator, from);
  const open = stop === -1 ? text.length : stop;
  const end = length === undefined ? open : Math.min(from + length, open);
  return { identifier, value: text.slice(from, end), end };
}

/** Characters by kind (General Specifications, 7.11). */
const allowed: Readonly<Record<Part["kind"], RegExp>> = {
  n: /^\d*$/,
  x: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  y: /^[#\-/0-9A-Z]*$/,
  z: /^[A-Za-z0-9\-_=]*$/,
};

/** The element, or what is wrong with its value. */
function check(identifier: ApplicationIdentifier, value: string, year: number): Element | string {
  const { ai, meaning, parts, hasDecimals } = identifier;
  let rest = value;
  let last = "";
  let date: string | undefined;
  for (const part of parts) {
    const piece = rest.slice(0, part.lengthMax);
    if (piece === "" && part.lengthMin === 0) continue;
    const fault = faultOf(part, piece);
    if (fault !== undefined) return fault;
    const read = part.isDate ? dateOf(piece, year) : "";
    if (read === undefined) return `${piece} is no date`;
    if (read !== "") date ??= read;
    rest = rest.slice(piece.length);
    last = piece;
  }
  if (rest !== "") return "too long";
  const isCount = ai === "30" || ai === "37";
  const decimals = hasDecimals ? Number(ai[3]) : 0;
  return {
    ai,
    value,
    meaning,
    ...(date === undefined ? {} : { date }),
    ...(hasDecimals || isCount ? { number: Number(last) / 10 ** decimals } : {}),
  };
}

function faultOf(part: Part, piece: string): string | undefined {
  if (piece.length < part.lengthMin) return "too short";
  if (!allowed[part.kind].test(piece))
    return part.kind === "n" ? "must be digits" : "holds a character that is not allowed";
  if (part.isChecked && !hasCheckDigit(piece)) return "the check digit is wrong";
  return undefined;
}
