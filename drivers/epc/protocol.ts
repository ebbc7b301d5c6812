import type { DecodedFrame, Json } from "../protocol.ts";
import { type ElementString, parseElementString } from "./element-string.ts";
import { decodeEpc, type EpcResult, encodeEpc } from "./epc.ts";

/**
 * Tag contents (hex), tag URIs and GS1 element strings -> what they mean, one object per argument. Hex bytes as
 * arguments of their own are one tag. `PC:EPC` (four digits before a colon) brings the tag's control word.
 * `year` settles the century of dates in element strings.
 */
export function decodeEpcText(
  args: readonly string[],
  year = new Date().getUTCFullYear(),
): readonly DecodedFrame[] {
  const isBytes = args.length > 1 && args.every((arg) => /^[0-9A-Fa-f]{2}$/.test(arg));
  return (isBytes ? [args.join("")] : args).map((arg) => decodeOne(arg, year));
}

function decodeOne(arg: string, year: number): DecodedFrame {
  const text = arg.trim();
  if (text.startsWith("urn:epc:tag:")) {
    const encoded = encodeEpc(text);
    if (!encoded.ok) return { ok: false, reason: encoded.reason, epc: text };
    return fromTag(encoded.hex, undefined);
  }
  if (/^[(\]]/.test(text) || text.includes("\x1d"))
    return fromElements(parseElementString(text, year));
  const [, pc, epc = ""] = /^(?:([0-9A-Fa-f]{4}):)?(.*)$/s.exec(text.replace(/^0x/i, "")) ?? [];
  return fromTag(bare(epc), pc === undefined ? undefined : Number.parseInt(pc, 16));
}

/** Without what people and programs put between bytes. */
function bare(hex: string): string {
  return hex.replace(/\s/g, "").replace(/(?<=^(?:..[:-])*..)[:-]/g, "");
}

function fromTag(hex: string, pc: number | undefined): DecodedFrame {
  return { ...epcFields(decodeEpc(hex, pc)), hex: hex.toUpperCase() };
}

/** What an EPC means, as fields for JSON. `epc` is its identity. */
export function epcFields(result: EpcResult): DecodedFrame {
  const { ok, ...fields } = result;
  if (result.ok) return { ...fields, ok: true, epc: result.uri };
  return { ...fields, ok: false, reason: result.reason, epc: result.uri };
}

/** Keys for the identifiers that a warehouse asks for first. */
const keys: Readonly<Record<string, string>> = {
  "00": "sscc",
  "01": "gtin",
  "10": "lot",
  "17": "expires",
  "21": "serial",
};

function fromElements(parsed: ElementString): DecodedFrame {
  if (!parsed.ok) return parsed;
  const elements: Json[] = [];
  const named: Record<string, Json> = {};
  for (const element of parsed.elements) {
    elements.push({ ...element });
    const key = keys[element.ai];
    if (key !== undefined) named[key] ??= element.date ?? element.value;
  }
  const gs1 = parsed.elements.map(({ ai, value }) => `(${ai})${value}`).join("");
  return { ok: true, gs1, ...named, elements };
}
