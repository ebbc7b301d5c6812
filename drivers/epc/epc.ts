import { BitReader, BitWriter } from "./bits.ts";
import { type Gs1Form, gs1Form } from "./gs1.ts";
import { MalformedEpc } from "./malformed.ts";
import { controlFields, decodePc, hex2, type ProtocolControl } from "./pc.ts";
import { type Scheme, schemes } from "./schemes.ts";

/** What stands on a tag. */
export type EpcResult =
  | ({
      readonly ok: true;
      /** `sgtin-96` ..., or `raw`: a number that no scheme of TDS 1.13 claims, as factory-fresh tags have it. */
      readonly scheme: string;
      /** Identity: `urn:epc:id:...`, `urn:epc:raw:...`. */
      readonly uri: string;
      /** With scheme and filter; absent for raw ones. */
      readonly tagUri?: string;
      readonly filter?: number;
    } & Partial<Gs1Form>)
  | {
      readonly ok: false;
      readonly reason: string;
      /** The scheme that the header names; absent where there is no header. */
      readonly scheme?: string;
      /** `urn:epc:raw:...`; empty where there is nothing. */
      readonly uri: string;
    };

/** A tag's length field counts to 31 words of 16 bits. */
const hexDigitsMax = (31 * 16) / 4;

/**
 * EPC bank of a Gen2 tag without CRC and PC -> what it means, by GS1 EPC TDS 1.13. `hex` may break off at any digit
 * behind a scheme's last bit, up to the end of that word; what fills the word must be zero. With `pc` (the word as a
 * number) ISO tags are told from EPCs, and the URI shows attribute bits and user memory.
 */
export function decodeEpc(hex: string, pc?: number): EpcResult {
  const digits = hex.trim().toUpperCase();
  if (digits === "") return { ok: false, reason: "empty", uri: "" };
  if (!/^[0-9A-F]+$/.test(digits)) return { ok: false, reason: "not hexadecimal", uri: "" };
  if (digits.length > hexDigitsMax)
    return { ok: false, reason: `longer than ${hexDigitsMax * 4} bits`, uri: "" };
  const control = pc === undefined ? undefined : decodePc(pc);
  const raw = rawUri(digits, control);
  const scheme = control?.isIso === true ? undefined : schemeOf(digits);
  if (scheme === undefined) return { ok: true, scheme: "raw", uri: raw };
  try {
    return meaning(scheme, read(scheme, digits), control);
  } catch (error) {
    if (!(error instanceof MalformedEpc)) throw error;
    return { ok: false, scheme: scheme.name, reason: error.message, uri: raw };
  }
}

export type EncodeResult =
  | { readonly ok: true; readonly hex: string }
  | { readonly ok: false; readonly reason: string };

/** `urn:epc:tag:...` -> EPC bank in upper-case hex, filled to whole words. Control fields are not encoded. */
export function encodeEpc(tagUri: string): EncodeResult {
  const [, name = "", form = ""] =
    /^urn:epc:tag:(?:(?:\[[^\]]*\])+:)?([a-z]+-[a-z0-9]+):(.*)$/s.exec(tagUri) ?? [];
  const scheme = schemes.find((candidate) => candidate.name === name);
  if (scheme === undefined) return { ok: false, reason: "no EPC tag URI of a known scheme" };
  try {
    return { ok: true, hex: write(scheme, form) };
  } catch (error) {
    if (!(error instanceof MalformedEpc)) throw error;
    return { ok: false, reason: error.message };
  }
}

function schemeOf(digits: string): Scheme | undefined {
  const header = digits.length < 2 ? -1 : Number.parseInt(digits.slice(0, 2), 16);
  return schemes.find((candidate) => candidate.header === header);
}

function read(scheme: Scheme, digits: string): readonly string[] {
  const bits = new BitReader(digits);
  if (scheme.bits !== undefined && bits.left < scheme.bits)
    throw new MalformedEpc(`too short: ${bits.left} of ${scheme.bits} bits`);
  bits.take(8);
  const components = scheme.fields.flatMap((field) => field.read(bits));
  const used = 4 * digits.length - bits.left;
  if (bits.left > (16 - (used % 16)) % 16)
    throw new MalformedEpc(`too long: ${4 * digits.length} bits for ${used}`);
  if (bits.take(bits.left) !== 0n) throw new MalformedEpc("the bits behind its end are not zero");
  return components;
}

function write(scheme: Scheme, form: string): string {
  const count = scheme.fields.reduce((sum, field) => sum + field.components, 0);
  const parts = form.split(".");
  if (parts.length < count) throw new MalformedEpc(`${scheme.name} has ${count} components`);
  // Serial numbers may hold dots; they stand last.
  const components = [...parts.slice(0, count - 1), parts.slice(count - 1).join(".")];
  const bits = new BitWriter();
  bits.put(BigInt(scheme.header), 8);
  let at = 0;
  for (const field of scheme.fields) {
    field.write(components.slice(at, at + field.components), bits);
    at += field.components;
  }
  return bits.toHex();
}

function meaning(
  scheme: Scheme,
  components: readonly string[],
  control: ProtocolControl | undefined,
): EpcResult {
  const hasFilter = scheme.identity !== "gid";
  const identity = hasFilter ? components.slice(1) : components;
  const fields = control === undefined ? "" : controlFields(control);
  return {
    ok: true,
    scheme: scheme.name,
    uri: `urn:epc:id:${scheme.identity}:${identity.join(".")}`,
    tagUri: `urn:epc:tag:${fields}${fields === "" ? "" : ":"}${scheme.name}:${components.join(".")}`,
    ...(hasFilter ? { filter: Number(components[0]) } : {}),
    ...(gs1Form(scheme.identity, identity) ?? serialOf(identity)),
  };
}

function serialOf(identity: readonly string[]): { readonly serial?: string } {
  const serial = identity.at(-1);
  return serial === undefined ? {} : { serial: decodeURIComponent(serial) };
}

/** TDS 1.13, 15.2.1. */
function rawUri(digits: string, control: ProtocolControl | undefined): string {
  const fields = control === undefined ? "" : controlFields(control);
  const family = control?.isIso === true ? `x${hex2(control.attributes)}.` : "";
  return `urn:epc:raw:${fields}${fields === "" ? "" : ":"}${4 * digits.length}.${family}x${digits}`;
}
