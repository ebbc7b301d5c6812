import { createHash } from "node:crypto";
import {
  canonicalKey,
  canonicalNumber,
  canonicalText,
  canonicalTime,
  type Namespaces,
  namespacesOf,
} from "./canonical-value.ts";

/** An EPCIS 2.0 event as JSON or JSON-LD. */
export type EpcisEvent = Readonly<Record<string, unknown>>;

/** Deeper than this nothing is an event: a hostile document must not exhaust the stack. */
const depthMax = 64;

/**
 * The event hash of CBV 2.0, 8.9: the same event, however it is written, has the same; another event another.
 * `context` is the document's `@context`, for the prefixes of user extensions.
 */
export function eventHash(event: EpcisEvent, context?: unknown): string {
  const digest = createHash("sha256").update(preHash(event, context), "utf8").digest("hex");
  return `ni:///sha-256;${digest}?ver=CBV2.0`;
}

/** What is hashed: the event's fields in canonical order and form, without separators. */
export function preHash(event: EpcisEvent, context?: unknown): string {
  const namespaces = namespacesOf(context, event["@context"]);
  const type = String(event["type"] ?? event["@type"] ?? "").replace(/^.*[:/]/, "");
  return `eventType=${type}${inOrder(event, eventFields, namespaces)}`;
}

type Write = (value: unknown, key: string, namespaces: Namespaces) => string;
type Fields = Readonly<Record<string, Write>>;

/** Fields in their order, then what is no field of the standard, sorted. */
function inOrder(given: EpcisEvent, fields: Fields, namespaces: Namespaces): string {
  const ordered = Object.entries(fields).map(([key, write]) =>
    given[key] === undefined ? "" : write(given[key], key, namespaces),
  );
  const rest = Object.entries(given).filter(
    ([key]) => !Object.hasOwn(fields, key) && !ignored.has(key),
  );
  return ordered.join("") + extensions(rest, namespaces, 0);
}

/** Not part of what happened, or said elsewhere. */
const ignored: ReadonlySet<string> = new Set([
  ...["@context", "type", "@type", "recordTime", "eventID", "errorDeclaration"],
  ...["rdfs:comment", "comment"],
]);

function sorted(parts: readonly string[]): string {
  return parts.toSorted(byCodePoint).join("");
}

/** UTF-16 order differs from that of UTF-8 beyond U+D7FF. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is EpcisEvent {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A single value in canonical form; empty: there is nothing to say. */
function scalar(value: unknown, namespaces: Namespaces): string {
  if (typeof value === "number") return canonicalNumber(value) ?? String(value);
  if (typeof value === "string") return canonicalText(value, namespaces);
  if (typeof value === "boolean") return String(value);
  return isObject(value) ? scalar(value["id"] ?? value["@id"], namespaces) : "";
}

const text: Write = (value, key, namespaces) =>
  sorted(
    listOf(value).map((one) => {
      const written = scalar(one, namespaces);
      return written === "" ? "" : `${key}=${written}`;
    }),
  );

const number: Write = (value, key, namespaces) => {
  const written =
    typeof value === "number" || typeof value === "string" ? canonicalNumber(value) : undefined;
  return written === undefined ? text(value, key, namespaces) : `${key}=${written}`;
};

const time: Write = (value, key, namespaces) => {
  const written = typeof value === "string" ? canonicalTime(value) : undefined;
  return written === undefined ? text(value, key, namespaces) : `${key}=${written}`;
};

/** As it is: text of a reading is no number, whatever it looks like. */
const verbatim: Write = (value, key) =>
  value === null || value === "" ? "" : `${key}=${String(value).trim()}`;

/** Bare words are terms of a vocabulary. */
function word(vocabulary: string): Write {
  return (value, key, namespaces) =>
    sorted(
      listOf(value).map((one) => {
        const bare = typeof one === "string" ? one.trim() : "";
        const isBare = /^[A-Za-z0-9_-]+$/.test(bare);
        return isBare ? `${key}=${vocabulary}${bare}` : text(one, key, namespaces);
      }),
    );
}

/** `epcListepc=...epc=...` */
const epcs: Write = (value, key, namespaces) => {
  const items = sorted(listOf(value).map((one) => text(one, "epc", namespaces)));
  return items === "" ? "" : key + items;
};

function object(fields: Fields): Write {
  return (value, key, namespaces) => {
    const content = isObject(value)
      ? inOrder(value, fields, namespaces)
      : text(value, "id", namespaces);
    return content === "" ? "" : key + content;
  };
}

/** The list's name once, then its elements in order, each under `name` (or none). */
function listed(name: string, fields: Fields): Write {
  return (value, key, namespaces) => {
    const items = listOf(value).map((one) => {
      const content = isObject(one) ? inOrder(one, fields, namespaces) : "";
      return content === "" ? "" : name + content;
    });
    const content = sorted(items);
    return content === "" ? "" : key + content;
  };
}

const bizStep = word("https://ref.gs1.org/cbv/BizStep-");
const disposition = word("https://ref.gs1.org/cbv/Disp-");
const place = object({ id: text });
const quantities = listed("quantityElement", { epcClass: text, quantity: number, uom: text });

/** Here, not as everywhere else, the type decides about the order, so it comes before the value. */
function typed(name: string, vocabulary: string): Write {
  const type = word(vocabulary);
  return (value, key, namespaces) => {
    const items = listOf(value).map((one) => {
      if (!isObject(one)) return text(one, name, namespaces);
      const { type: kind, ...rest } = one;
      const written = kind === undefined ? "" : type(kind, "type", namespaces);
      return written + inOrder(rest, { [name]: text }, namespaces);
    });
    const content = sorted(items);
    return content === "" ? "" : key + content;
  };
}

const gs1Word = word("https://gs1.org/voc/");

const sensorMetadata: Fields = {
  ...{ time, startTime: time, endTime: time },
  ...{ deviceID: text, deviceMetadata: text, rawData: text, dataProcessingMethod: text },
  bizRules: text,
};

const sensorReport: Fields = {
  ...{ type: gs1Word, exception: gs1Word, deviceID: text, deviceMetadata: text, rawData: text },
  ...{ dataProcessingMethod: text, time, microorganism: text, chemicalSubstance: text },
  ...{ value: number, component: word("https://ref.gs1.org/cbv/Comp-"), stringValue: verbatim },
  ...{ booleanValue: text, hexBinaryValue: verbatim, uriValue: text, minValue: number },
  ...{ maxValue: number, meanValue: number, sDev: number, percRank: number, percValue: number },
  ...{ uom: text, coordinateReferenceSystem: text },
};

const reports: Write = (value, _key, namespaces) =>
  listed("sensorReport", sensorReport)(value, "", namespaces);

const ilmd: Write = (value, key, namespaces) => {
  const content = isObject(value) ? extensions(Object.entries(value), namespaces, 0) : "";
  return content === "" ? "" : key + content;
};

/** CBV 2.0, canonical property order; certificationInfo where the published hashes have it. */
const eventFields: Fields = {
  ...{ eventTime: time, eventTimeZoneOffset: verbatim, certificationInfo: text },
  ...{ epcList: epcs, parentID: text, inputEPCList: epcs, childEPCs: epcs },
  ...{ quantityList: quantities, childQuantityList: quantities, inputQuantityList: quantities },
  ...{ outputEPCList: epcs, outputQuantityList: quantities },
  ...{ action: text, transformationID: text, bizStep, disposition },
  persistentDisposition: object({ set: disposition, unset: disposition }),
  ...{ readPoint: place, bizLocation: place },
  bizTransactionList: typed("bizTransaction", "https://ref.gs1.org/cbv/BTT-"),
  sourceList: typed("source", "https://ref.gs1.org/cbv/SDT-"),
  destinationList: typed("destination", "https://ref.gs1.org/cbv/SDT-"),
  sensorElementList: listed("sensorElement", {
    sensorMetadata: object(sensorMetadata),
    sensorReport: reports,
  }),
  ilmd,
};

/** User extensions: `{namespace}name=value`, nested ones behind their parent, sorted on every level. */
function extensions(
  entries: readonly (readonly [string, unknown])[],
  namespaces: Namespaces,
  depth: number,
): string {
  if (depth > depthMax) return "";
  const parts = entries.flatMap(([key, value]) => {
    const name = canonicalKey(key, namespaces);
    return listOf(value).map((one) => extension(name, one, namespaces, depth));
  });
  return sorted(parts);
}

function extension(name: string, value: unknown, namespaces: Namespaces, depth: number): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value))
    return extensions([[name, value.flat(depthMax)]], namespaces, depth + 1);
  if (!isObject(value)) {
    const written = scalar(value, namespaces);
    return written === "" ? name : `${name}=${written}`;
  }
  const { "#text": own, ...children } = value;
  const written = own === undefined ? "" : `=${scalar(own, namespaces)}`;
  return name + written + extensions(Object.entries(children), namespaces, depth + 1);
}
