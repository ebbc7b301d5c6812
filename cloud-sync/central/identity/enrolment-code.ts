import { createHash, randomBytes } from "node:crypto";

/** Crockford's: no I, L, O, U, so that no character is taken for another one. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Five bits each: 100 in all, which nobody guesses, so that one SHA-256 is enough to keep them. */
const characters = 20;

/** Groups of five, as a person reads and types them. */
const groupSize = 5;

/** A one-time code, as in `7K2QM-0XW9D-...`. */
export function newEnrolmentCode(): string {
  const drawn = [...randomBytes(characters)].map((byte) => alphabet.charAt(byte & 31)).join("");
  return drawn.match(new RegExp(`.{${groupSize}}`, "g"))?.join("-") ?? drawn;
}

/** Of a code as it was typed: small letters, blanks, dashes of any kind, O for 0, I and L for 1. Undefined: it is none. */
export function enrolmentCodeHash(typed: string): Buffer | undefined {
  const code = typed
    .toUpperCase()
    .replace(/[\s\p{Pd}_.]/gu, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  if (code.length !== characters || [...code].some((it) => !alphabet.includes(it)))
    return undefined;
  return createHash("sha256").update(`rackwatch enrolment code ${code}`).digest();
}
