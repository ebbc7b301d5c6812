import type { BitReader, BitWriter } from "./bits.ts";
import {
  escapeUri,
  isAgency,
  isSerialText,
  isSixBitText,
  serialCharacter,
  sixBitCharacter,
  unescapeUri,
} from "./characters.ts";
import { MalformedEpc } from "./malformed.ts";

/** One segment of an EPC: bits on the tag, components in the URI. Both directions throw `MalformedEpc`. */
export interface Field {
  /** How many URI components it is: two for prefix and reference, none for reserved bits. */
  readonly components: number;
  read(bits: BitReader): readonly string[];
  write(components: readonly string[], bits: BitWriter): void;
}

export function take(bits: BitReader, count: number): bigint {
  const value = bits.take(count);
  if (value === undefined) throw new MalformedEpc("too short");
  return value;
}

/** Digits -> number; `leadingZeros` says whether the form is of fixed length. */
export function number(form: string, bits: number, name: string): bigint {
  if (!/^(0|[1-9]\d{0,39})$/.test(form))
    throw new MalformedEpc(`${name} must be a number without leading zeros`);
  const value = BigInt(form);
  if (value >> BigInt(bits) !== 0n) throw new MalformedEpc(`${name} is too large`);
  return value;
}

/** TDS 1.13, 14.3.1 and 14.4.1. */
export function integer(bits: number, name: string): Field {
  return {
    components: 1,
    read: (from) => [String(take(from, bits))],
    write: ([form = ""], to) => to.put(number(form, bits, name), bits),
  };
}

/** Filter values of three bits stay one digit; those of ADI (six bits) and DoD (four) may be two. */
export const filter = integer(3, "filter");

/** Bits that must be zero. */
export function reserved(bits: number): Field {
  return {
    components: 0,
    read: (from) => {
      if (take(from, bits) !== 0n) throw new MalformedEpc("reserved bits are set");
      return [];
    },
    write: (_, to) => to.put(0n, bits),
  };
}

/** Digits of fixed number, as many as the bits can hold (14.3.10, 14.4.10). */
export function fixedWidth(bits: number, name: string): Field {
  const digits = Math.floor(bits * Math.log10(2));
  return {
    components: 1,
    read: (from) => {
      const form = String(take(from, bits)).padStart(digits, "0");
      if (form.length > digits) throw new MalformedEpc(`${name} has more than ${digits} digits`);
      return [form];
    },
    write: ([form = ""], to) => {
      if (form.length !== digits || !/^\d+$/.test(form))
        throw new MalformedEpc(`${name} must have ${digits} digits`);
      to.put(BigInt(form), bits);
    },
  };
}

/** Digits whose leading zeros count: the number carries a 1 before them (14.3.6, 14.4.6). */
export function digitString(bits: number, digitsMax: number, name: string): Field {
  return {
    components: 1,
    read: (from) => {
      const form = String(take(from, bits));
      if (!form.startsWith("1") || form.length < 2 || form.length > digitsMax + 1)
        throw new MalformedEpc(`${name} is not marked as digits`);
      return [form.slice(1)];
    },
    write: ([form = ""], to) => {
      if (!/^\d+$/.test(form) || form.length > digitsMax)
        throw new MalformedEpc(`${name} must be 1 to ${digitsMax} digits`);
      to.put(BigInt(`1${form}`), bits);
    },
  };
}

/** 7-bit characters, then zeros to the end (14.3.2, 14.4.2). `bits` need not be whole characters. */
export function serialText(bits: number, charactersMax: number, name: string): Field {
  return {
    components: 1,
    read: (from) => {
      let text = "";
      let isOver = false;
      for (let at = 0; at < Math.floor(bits / 7); at += 1) {
        const code = Number(take(from, 7));
        if (code === 0) isOver = true;
        else if (isOver) throw new MalformedEpc(`${name} goes on behind its end`);
        else text += serialCharacter(code) ?? forbidden(name);
      }
      if (take(from, bits % 7) !== 0n) throw new MalformedEpc(`${name} goes on behind its end`);
      if (text === "") throw new MalformedEpc(`${name} is empty`);
      if (text.length > charactersMax)
        throw new MalformedEpc(`${name} has more than ${charactersMax} characters`);
      return [escapeUri(text)];
    },
    write: ([form = ""], to) => {
      const text = unescapeUri(form);
      if (!isSerialText(text) || text.length > charactersMax)
        throw new MalformedEpc(`${name} must be 1 to ${charactersMax} allowed characters`);
      for (const character of text) to.put(BigInt(character.charCodeAt(0)), 7);
      to.put(0n, bits - 7 * text.length);
    },
  };
}

/** What a text of 6-bit characters may hold. */
export interface SixBitLimits {
  readonly charactersMin: number;
  readonly charactersMax: number;
  /** Where `#` may stand. */
  readonly hash: "anywhere" | "first" | "nowhere";
}

/** 6-bit characters, then six zero bits (14.3.8, 14.4.8). */
export function sixBitText(limits: SixBitLimits, name: string): Field {
  const { charactersMin, charactersMax, hash } = limits;
  const check = (text: string): string => {
    if (text.length < charactersMin || text.length > charactersMax)
      throw new MalformedEpc(`${name} must be ${charactersMin} to ${charactersMax} characters`);
    if (hash !== "anywhere" && text.lastIndexOf("#") > (hash === "first" ? 0 : -1))
      throw new MalformedEpc(`${name} holds a # where none may be`);
    if (hash === "first" && text === "#") throw new MalformedEpc(`${name} is empty`);
    return text;
  };
  return {
    components: 1,
    read: (from) => {
      let text = "";
      for (let code = Number(take(from, 6)); code !== 0; code = Number(take(from, 6)))
        text += sixBitCharacter(code) ?? forbidden(name);
      return [escapeUri(check(text), /[#/]/g)];
    },
    write: ([form = ""], to) => {
      const text = check(unescapeUri(form));
      if (!isSixBitText(text)) forbidden(name);
      for (const character of text) to.put(BigInt(character.charCodeAt(0) & 63), 6);
      to.put(0n, 6);
    },
  };
}

/** A blank before the five characters of a CAGE code makes six of them. */
const agencyFiller = 32n;

/** CAGE code or DoDAAC in six characters of `bits` each: 6 in ADI (14.3.7), 8 in the DoD's own scheme. */
export function agency(bits: 6 | 8): Field {
  const name = "CAGE code or DoDAAC";
  const code = (character: string) =>
    bits === 8 ? character.charCodeAt(0) : character.charCodeAt(0) & 63;
  return {
    components: 1,
    read: (from) => {
      let text = "";
      for (let at = 0; at < 6; at += 1) {
        const value = take(from, bits);
        if (at === 0 && value === agencyFiller) continue;
        const character =
          bits === 8 ? String.fromCharCode(Number(value)) : sixBitCharacter(Number(value));
        text += character ?? forbidden(name);
      }
      if (!isAgency(text)) forbidden(name);
      return [text];
    },
    write: ([form = ""], to) => {
      if (!isAgency(form)) throw new MalformedEpc(`${name} must be 5 or 6 allowed characters`);
      if (form.length === 5) to.put(agencyFiller, bits);
      for (const character of form) to.put(BigInt(code(character)), bits);
    },
  };
}

function forbidden(name: string): never {
  throw new MalformedEpc(`${name} holds a character that is not allowed`);
}
