import { checkDigit } from "../../../drivers/epc/check-digit.ts";

/**
 * A URI that names something by a GS1 key -> its constrained canonical GS1 Digital Link (`https://id.gs1.org/01/...`):
 * GS1's own resolver, no query, the finest level only. EPC URNs (`urn:epc:id`, `class`, `idpat`, TDS 1.13) and Digital
 * Links of any host are taken; everything else comes back as it is. CBV 2.0, 8.9: part of the event hash.
 */
export function canonicalUri(uri: string): string {
  if (uri.startsWith("urn:epc:")) return fromUrn(uri) ?? uri;
  if (/^https?:\/\//i.test(uri)) return fromLink(uri) ?? uri;
  return uri;
}

const resolver = "https://id.gs1.org";

/** Symbols that Digital Link wants escaped (URI Syntax, table 7-1) and a URN may carry bare. */
function escaped(text: string): string {
  return text.replace(/[!()*+,:]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

function checked(digits: string): string {
  return digits + checkDigit(digits);
}

/** Company prefix and reference; of a GTIN or SSCC the reference's first digit stands before the prefix. */
type Split = (prefix: string, reference: string) => string;
const led: Split = (prefix, reference) =>
  checked(reference.slice(0, 1) + prefix + reference.slice(1));
const joined: Split = (prefix, reference) => checked(prefix + reference);

interface UrnForm {
  /** Digits of prefix and reference together; absent: any text follows the prefix. */
  readonly digits?: number;
  readonly path: (prefix: string, reference: string, rest: readonly string[]) => string | undefined;
}

/** What may stand behind the reference: everything, dots too, is one serial number. */
function serialOf(rest: readonly string[]): string | undefined {
  const serial = rest.join(".");
  return serial === "" ? undefined : serial;
}

function withSerial(key: string, build: Split, separator: string): UrnForm["path"] {
  return (prefix, reference, rest) => {
    const serial = serialOf(rest);
    if (serial === undefined) return undefined;
    return `${key}/${build(prefix, reference)}${separator}${escaped(serial)}`;
  };
}

function alone(key: string, build: Split): UrnForm["path"] {
  return (prefix, reference, rest) =>
    rest.length === 0 ? `${key}/${build(prefix, reference)}` : undefined;
}

/** In a pattern `*` stands for any serial number: the class remains. */
function anySerial(key: string, build: Split): UrnForm["path"] {
  return (prefix, reference, rest) =>
    rest.join(".") === "*" ? `${key}/${build(prefix, reference)}` : undefined;
}

const grai: Split = (prefix, reference) => joined(`0${prefix}`, reference);

function itip(isPattern: boolean): UrnForm["path"] {
  return (prefix, reference, [piece = "", total = "", ...rest]) => {
    const serial = serialOf(rest);
    if (!/^\d\d$/.test(piece) || !/^\d\d$/.test(total) || serial === undefined) return undefined;
    const key = `8006/${led(prefix, reference)}${piece}${total}`;
    if (isPattern) return serial === "*" ? key : undefined;
    return `${key}/21/${escaped(serial)}`;
  };
}

function cpi(isPattern: boolean): UrnForm["path"] {
  return (prefix, reference, rest) => {
    const key = `8010/${escaped(prefix + reference)}`;
    if (isPattern) return rest.join(".") === "*" ? key : undefined;
    return rest.length === 1 && /^\d{1,12}$/.test(rest[0] ?? "")
      ? `${key}/8011/${rest[0]}`
      : undefined;
  };
}

const wholeText =
  (key: string): UrnForm["path"] =>
  (prefix, reference, rest) =>
    `${key}/${prefix}${escaped([reference, ...rest].join("."))}`;

const sgln: UrnForm["path"] = (prefix, reference, rest) => {
  const serial = serialOf(rest);
  if (serial === undefined) return undefined;
  const gln = `414/${joined(prefix, reference)}`;
  // Extension 0 is the location itself (TDS 1.13, 7.5).
  return serial === "0" ? gln : `${gln}/254/${escaped(serial)}`;
};

const urnForms: Readonly<Record<string, UrnForm>> = {
  "id:sgtin": { digits: 13, path: withSerial("01", led, "/21/") },
  "id:sscc": { digits: 17, path: alone("00", led) },
  "id:sgln": { digits: 12, path: sgln },
  "id:grai": { digits: 12, path: withSerial("8003", grai, "") },
  "id:giai": { path: wholeText("8004") },
  "id:gsrn": { digits: 17, path: alone("8018", joined) },
  "id:gsrnp": { digits: 17, path: alone("8017", joined) },
  "id:gdti": { digits: 12, path: withSerial("253", joined, "") },
  "id:cpi": { path: cpi(false) },
  "id:sgcn": { digits: 12, path: withSerial("255", joined, "") },
  "id:ginc": { path: wholeText("401") },
  "id:gsin": { digits: 16, path: alone("402", joined) },
  "id:itip": { digits: 13, path: itip(false) },
  "id:upui": { digits: 13, path: withSerial("01", led, "/235/") },
  "id:pgln": { digits: 12, path: alone("417", joined) },
  "class:lgtin": { digits: 13, path: withSerial("01", led, "/10/") },
  "idpat:sgtin": { digits: 13, path: anySerial("01", led) },
  "idpat:grai": { digits: 12, path: anySerial("8003", grai) },
  "idpat:gdti": { digits: 12, path: anySerial("253", joined) },
  "idpat:sgcn": { digits: 12, path: anySerial("255", joined) },
  "idpat:cpi": { path: cpi(true) },
  "idpat:itip": { digits: 13, path: itip(true) },
  "idpat:upui": { digits: 13, path: anySerial("01", led) },
};

function fromUrn(urn: string): string | undefined {
  const [, kind = "", body = ""] = /^urn:epc:((?:id|class|idpat):[a-z]+):(.+)$/s.exec(urn) ?? [];
  const form = Object.hasOwn(urnForms, kind) ? urnForms[kind] : undefined;
  if (form === undefined) return undefined;
  const [prefix = "", reference, ...rest] = body.split(".");
  if (!/^\d{6,12}$/.test(prefix) || reference === undefined) return undefined;
  if (form.digits !== undefined) {
    if (!/^\d*$/.test(reference) || prefix.length + reference.length !== form.digits)
      return undefined;
  } else if (reference === "") return undefined;
  const path = form.path(prefix, reference, rest);
  return path === undefined ? undefined : `${resolver}/${path}`;
}

/** Names that older Digital Links use for identifiers. */
const shortNames: Readonly<Record<string, string>> = {
  ...{ gtin: "01", itip: "8006", cpid: "8010", gln: "414", party: "417", gsrnp: "8017" },
  ...{ gsrn: "8018", gcn: "255", sscc: "00", gdti: "253", ginc: "401", gsin: "402" },
  ...{ grai: "8003", giai: "8004", cpv: "22", lot: "10", ser: "21" },
};

interface LinkForm {
  readonly value: RegExp;
  /** Finest first: the first that is there is kept. */
  readonly qualifiers: readonly string[];
}

const linkForms: Readonly<Record<string, LinkForm>> = {
  "00": { value: /^\d{18}$/, qualifiers: [] },
  "01": { value: /^(\d{8}|\d{12,14})$/, qualifiers: ["21", "235", "10"] },
  "253": { value: /^\d{13}\S{0,51}$/, qualifiers: [] },
  "255": { value: /^\d{13,25}$/, qualifiers: [] },
  "401": { value: /^\d{4}\S{1,86}$/, qualifiers: [] },
  "402": { value: /^\d{17}$/, qualifiers: [] },
  "414": { value: /^\d{13}$/, qualifiers: ["254"] },
  "417": { value: /^\d{13}$/, qualifiers: [] },
  "8003": { value: /^\d{14}\S{0,48}$/, qualifiers: [] },
  "8004": { value: /^\d{4}\S{1,86}$/, qualifiers: [] },
  "8006": { value: /^\d{18}$/, qualifiers: ["21", "10"] },
  "8010": { value: /^\d{4}\S{1,86}$/, qualifiers: ["8011"] },
  "8017": { value: /^\d{18}$/, qualifiers: [] },
  "8018": { value: /^\d{18}$/, qualifiers: [] },
};

function fromLink(link: string): string | undefined {
  const [, path = ""] = /^https?:\/\/[^/?#]+\/([^?#]*)/i.exec(link) ?? [];
  const parts = path.split("/").filter((part, at, all) => part !== "" || at < all.length - 1);
  for (let at = 0; at + 1 < parts.length; at += 1) {
    const key = identifier(parts[at] ?? "");
    const form = Object.hasOwn(linkForms, key) ? linkForms[key] : undefined;
    const value = parts[at + 1] ?? "";
    if (form === undefined || !form.value.test(value)) continue;
    const qualified = qualifiersOf(parts.slice(at + 2));
    if (qualified === undefined) return undefined;
    const finest = form.qualifiers.find((name) => qualified.has(name));
    const number = key === "01" ? value.padStart(14, "0") : value;
    const tail = finest === undefined ? "" : `/${finest}/${escaped(qualified.get(finest) ?? "")}`;
    return `${resolver}/${key}/${key === "8010" ? escaped(number) : number}${tail}`;
  }
  return undefined;
}

function identifier(name: string): string {
  return Object.hasOwn(shortNames, name) ? (shortNames[name] ?? name) : name;
}

/** undefined: what follows the key is no sequence of qualifiers, so this is no Digital Link. */
function qualifiersOf(parts: readonly string[]): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  if (parts.length % 2 !== 0) return undefined;
  for (let at = 0; at < parts.length; at += 2) {
    const name = identifier(parts[at] ?? "");
    if (!/^\d{2,4}$/.test(name)) return undefined;
    found.set(name, parts[at + 1] ?? "");
  }
  return found;
}
