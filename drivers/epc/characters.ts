import { MalformedEpc } from "./malformed.ts";

/** Characters of alphanumeric serial numbers, by their 7-bit codes (TDS 1.13, table A-1). */
const serialCharacters = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]$/;

/** Those that a URN may not hold as they are. */
const escaped = /["%&/<>?]/g;

/** Characters of 6-bit fields: the low six bits of their ASCII codes (table G-1). */
const sixBitCharacters = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Characters of CAGE codes and DoDAACs (TDS 1.13, 6.3.17): no I, no O. */
const agencyCharacters = /^[0-9A-HJ-NP-Z]+$/;

/** A 7-bit code as a character; undefined when no serial number may hold it. */
export function serialCharacter(code: number): string | undefined {
  const character = String.fromCharCode(code);
  return serialCharacters.test(character) ? character : undefined;
}

/** A 6-bit code as a character; undefined when there is none. */
export function sixBitCharacter(code: number): string | undefined {
  // Codes from 32 on stand for themselves, those below for letters.
  const character = String.fromCharCode(code >= 32 ? code : code + 64);
  return sixBitCharacters.includes(character) ? character : undefined;
}

export function isSerialText(text: string): boolean {
  return text !== "" && [...text].every((character) => serialCharacters.test(character));
}

export function isSixBitText(text: string): boolean {
  return [...text].every((character) => sixBitCharacters.includes(character));
}

/** A CAGE code of five characters or a DoDAAC of six. */
export function isAgency(text: string): boolean {
  return (text.length === 5 || text.length === 6) && agencyCharacters.test(text);
}

/** Text -> its form in an EPC URI. */
export function escapeUri(text: string, what = escaped): string {
  return text.replace(what, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** Form in an EPC URI -> text. Characters that must be escaped and are not are refused. */
export function unescapeUri(form: string): string {
  if (/["&/<>?#]|%(?![0-9A-Fa-f]{2})/.test(form))
    throw new MalformedEpc("a character is not escaped");
  return form.replace(/%(..)/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
