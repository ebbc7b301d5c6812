import { gtin14 } from "../../../drivers/epc/check-digit.ts";
import { decodeEpc } from "../../../drivers/epc/epc.ts";
import type { MovementDraft } from "../movement.ts";
import type { EpcisEvent } from "./event-hash.ts";

/**
 * Namespace of what EPCIS has no word for, and the scheme of names that no GS1 key is known for:
 * `urn:rackwatch:location:<gateway>:<location>`, `urn:rackwatch:item:<item>[:lot:<lot>]`, `urn:rackwatch:person:<person>`,
 * `urn:rackwatch:document:<document>`, each part percent-encoded. A URN is never taken for a number or a prefix, as a
 * bare lot `0012` or a person `1.0` would be where hashes are reckoned.
 */
export const rackwatchNamespace = "urn:rackwatch:epcis:";

/** Half a surrogate pair, which JSON can carry, would throw. */
function urn(...parts: readonly string[]): string {
  return ["urn:rackwatch", ...parts.map((part) => encodeURIComponent(part.toWellFormed()))].join(
    ":",
  );
}

/**
 * What happened, as an EPCIS 2.0 ObjectEvent without its id. It depends on nothing but the movement, so that its hash
 * can be reckoned again from what is stored.
 */
export function movementEvent(movement: MovementDraft): EpcisEvent {
  const { evidence } = movement;
  const epcs = epcsOf(evidence.tags ?? []);
  const found = evidence.counted ?? Math.abs(movement.quantity);
  const place = placeOf(movement, movement.location);
  return {
    type: "ObjectEvent",
    eventTime: isoTime(movement.at),
    eventTimeZoneOffset: movement.epcis?.offset ?? "+00:00",
    ...(epcs.length === 0 ? {} : { epcList: epcs }),
    // Things that are named one by one must not be counted again as a class (EPCIS 2.0, 7.3.3.3).
    ...(epcs.length > 0 && epcs.length === found
      ? {}
      : { quantityList: [classOf(movement, found)] }),
    action: "OBSERVE",
    ...meaningOf(movement),
    readPoint: { id: place },
    bizLocation: { id: place },
    ...prefixed({
      kind: movement.kind,
      object: objectOf(movement),
      quantity: movement.quantity,
      unit: movement.unit,
      since: movement.since === undefined ? undefined : isoTime(movement.since),
      clock: movement.clock === "synchronized" ? undefined : movement.clock,
      lotBy: movement.lotBy,
      reason: movement.reason,
      asked: movement.asked,
      partner: movement.partner === undefined ? undefined : placeOf(movement, movement.partner),
      ...evidenceOf(evidence),
    }),
  };
}

/** Weights in grams with three decimals: no program writes such a number with an exponent. */
function evidenceOf(evidence: MovementDraft["evidence"]): Readonly<Record<string, unknown>> {
  const { weightBefore, weightAfter, residual, interval, person, document } = evidence;
  return {
    by: evidence.by,
    gramsBefore: grams(weightBefore),
    gramsAfter: grams(weightAfter),
    gramsUnexplained: grams(residual),
    low: interval?.[0],
    high: interval?.[1],
    person: person === undefined ? undefined : urn("person", person),
    document: document === undefined ? undefined : urn("document", document),
    expected: evidence.expected,
    counted: evidence.counted,
    note: evidence.note,
  };
}

function grams(kg: number | undefined): number | undefined {
  return kg === undefined ? undefined : Math.round(kg * 1e6) / 1e3;
}

function isoTime(at: number): string {
  return new Date(Math.round(at)).toISOString();
}

function prefixed(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(given.map(([key, value]) => [`rackwatch:${key}`, value]));
}

function placeOf(movement: MovementDraft, location: string): string {
  return urn("location", movement.epcis?.gateway ?? "", location);
}

/** Tags as EPC URIs, each once, in the order of their text. */
function epcsOf(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.map((hex) => decodeEpc(hex).uri))].filter((uri) => uri !== "").sort();
}

function objectOf({ item, lot }: MovementDraft): string {
  return lot === undefined ? urn("item", item) : urn("item", item, "lot", lot);
}

const uomOf = { kg: "KGM", L: "LTR", m: "MTR" } as const;

/** The item as a class: GTIN and lot as Digital Link where it has a GTIN, our own name elsewhere. */
function classOf(movement: MovementDraft, quantity: number): Readonly<Record<string, unknown>> {
  const gtin = movement.epcis?.gtin ?? gtin14(movement.item);
  const lot = movement.lot === undefined ? "" : `/10/${linkPart(movement.lot)}`;
  return {
    epcClass: gtin === undefined ? objectOf(movement) : `https://id.gs1.org/01/${gtin}${lot}`,
    quantity,
    ...(movement.unit === "pcs" ? {} : { uom: uomOf[movement.unit] }),
  };
}

/** Digital Link URI Syntax, table 7-1: more must be escaped than `encodeURIComponent` does. */
function linkPart(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[!()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

interface Meaning {
  readonly bizStep: string;
  readonly disposition: string;
}

const meanings: Readonly<
  Record<Exclude<MovementDraft["kind"], "adjust" | "count" | "transfer">, Meaning>
> = {
  pick: { bizStep: "picking", disposition: "in_progress" },
  put: { bizStep: "stocking", disposition: "sellable_accessible" },
  receipt: { bizStep: "receiving", disposition: "in_progress" },
  issue: { bizStep: "shipping", disposition: "in_transit" },
};

const adjusted: Readonly<Record<NonNullable<MovementDraft["reason"]>, string>> = {
  damaged: "damaged",
  expired: "expired",
  lost: "unknown",
  found: "sellable_accessible",
  theft: "stolen",
  sample: "unavailable",
  correction: "mismatch_quantity",
};

/** Business step and disposition, words of CBV 2.0. */
function meaningOf({ kind, quantity, reason }: MovementDraft): Meaning {
  if (kind === "adjust") {
    const bizStep = reason === "sample" ? "sampling" : "inspecting";
    return { bizStep, disposition: adjusted[reason ?? "correction"] };
  }
  if (kind === "count") {
    const disposition = quantity === 0 ? "sellable_accessible" : "mismatch_quantity";
    return { bizStep: "cycle_counting", disposition };
  }
  if (kind !== "transfer") return meanings[kind];
  return quantity < 0
    ? { bizStep: "departing", disposition: "in_transit" }
    : { bizStep: "storing", disposition: "sellable_accessible" };
}
