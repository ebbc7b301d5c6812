import { canonicalUri } from "./digital-link.ts";

/** Prefix -> namespace, from a document's `@context`. */
export type Namespaces = ReadonlyMap<string, string>;

/** Prefixes that EPCIS's own context defines. */
const ownPrefixes: readonly (readonly [string, string])[] = [
  ["gs1", "https://gs1.org/voc/"],
  ["cbv", "https://ref.gs1.org/cbv/"],
  ["epcis", "https://ref.gs1.org/epcis/"],
  ["cbvmda", "urn:epcglobal:cbv:mda:"],
  ["rdfs", "http://www.w3.org/2000/01/rdf-schema#"],
  ["owl", "http://www.w3.org/2002/07/owl#"],
  ["xsd", "http://www.w3.org/2001/XMLSchema#"],
  ["dcterms", "http://purl.org/dc/terms/"],
];

/** What the `@context` values say of prefixes; later ones win. URLs of contexts are not loaded. */
export function namespacesOf(...contexts: readonly unknown[]): Namespaces {
  const found = new Map<string, string>(ownPrefixes);
  for (const context of contexts.flat()) {
    if (typeof context !== "object" || context === null) continue;
    for (const [prefix, meaning] of Object.entries(context)) {
      if (prefix.startsWith("@")) continue;
      const uri: unknown =
        typeof meaning === "object" && meaning !== null && "@id" in meaning
          ? meaning["@id"]
          : meaning;
      if (typeof uri === "string") found.set(prefix, uri);
    }
  }
  return found;
}

/** `example:field` -> `{https://ns.example.com/}field`; a key without a known prefix stays. */
export function canonicalKey(key: string, namespaces: Namespaces): string {
  const colon = key.indexOf(":");
  const namespace = colon === -1 ? undefined : namespaces.get(key.slice(0, colon));
  return namespace === undefined ? key : `{${namespace}}${key.slice(colon + 1)}`;
}

/** Words of the Core Business Vocabulary as URNs, before version 2.0. */
const urnWords: Readonly<Record<string, string>> = {
  bizstep: "https://ref.gs1.org/cbv/BizStep-",
  disp: "https://ref.gs1.org/cbv/Disp-",
  btt: "https://ref.gs1.org/cbv/BTT-",
  sdt: "https://ref.gs1.org/cbv/SDT-",
  er: "https://ref.gs1.org/cbv/ER-",
};

/** Text as it stands in a pre-hash: trimmed, prefixes and old words written out, GS1 keys as Digital Links. */
export function canonicalText(text: string, namespaces: Namespaces): string {
  const trimmed = text.trim();
  const [, family = "", word = ""] =
    /^urn:epcglobal:cbv:(bizstep|disp|btt|sdt|er):(.+)$/s.exec(trimmed) ?? [];
  if (word !== "") return `${urnWords[family]}${word}`;
  return canonicalUri(plainDecimal(trimmed) ?? expanded(trimmed, namespaces));
}

function expanded(text: string, namespaces: Namespaces): string {
  const colon = text.indexOf(":");
  if (colon <= 0 || text.startsWith("//", colon + 1)) return text;
  const namespace = namespaces.get(text.slice(0, colon));
  return namespace === undefined ? text : namespace + text.slice(colon + 1);
}

/**
 * XML knows no numbers, only text, and both forms must hash alike: text that is a plain decimal counts as one. Not
 * so with leading zeros or an exponent: `0012` and `12E4` are lot numbers.
 */
function plainDecimal(text: string): string | undefined {
  return /^[+-]?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? decimal(text) : undefined;
}

/** A number, also as text with an exponent, digit by digit without zeros that say nothing: `1e3` -> `1000`. */
export function canonicalNumber(value: number | string): string | undefined {
  const text = String(value).trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? decimal(text) : undefined;
}

function decimal(text: string): string {
  const [, sign = "", whole = "", part = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const shift = Number(exponent);
  const digits = whole + part;
  const point = whole.length + shift;
  const before = point <= 0 ? "" : digits.slice(0, point).padEnd(point, "0");
  const after = point <= 0 ? "0".repeat(-point) + digits : digits.slice(point);
  const kept = before.replace(/^0+/, "") || "0";
  const rest = after.replace(/0+$/, "");
  const number = rest === "" ? kept : `${kept}.${rest}`;
  return sign === "-" && number !== "0" ? `-${number}` : number;
}

/**
 * xsd:dateTimeStamp -> UTC with three decimals, half a millisecond upwards (`...03.1415Z` -> `...03.142Z`); undefined
 * when it is no instant. Without an offset it is taken for UTC.
 */
export function canonicalTime(text: string): string | undefined {
  const match = /^(-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const [, seconds = "", part = "", zone = "Z"] = match;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const start = Date.parse(`${seconds.toUpperCase()}${offset.toUpperCase()}`);
  if (Number.isNaN(start)) return undefined;
  const digits = part.padEnd(4, "0");
  const ms = Number(digits.slice(0, 3)) + (Number(digits[3]) >= 5 ? 1 : 0);
  return new Date(start + ms).toISOString();
}
