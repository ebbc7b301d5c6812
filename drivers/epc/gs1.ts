import { unescapeUri } from "./characters.ts";
import { checkDigit } from "./check-digit.ts";
import type { Identity } from "./schemes.ts";

/** The GS1 numbers that an EPC stands for, digits and text as they stand in bar codes. */
export interface Gs1Form {
  /** Element string with brackets: `(01)80614141123458(21)6789`. */
  readonly gs1: string;
  /** GS1 Digital Link on the resolver of GS1 itself. */
  readonly digitalLink: string;
  readonly gtin?: string;
  readonly sscc?: string;
  readonly gln?: string;
  readonly grai?: string;
  readonly giai?: string;
  readonly gsrn?: string;
  readonly gdti?: string;
  readonly cpi?: string;
  readonly gcn?: string;
  readonly serial?: string;
}

type Element = readonly [ai: string, value: string];

/** URI components behind the filter -> GS1 form; undefined where the identity is not one of GS1. */
export function gs1Form(identity: Identity, components: readonly string[]): Gs1Form | undefined {
  const build = builders[identity];
  if (build === undefined) return undefined;
  const { elements, ...keys } = build(components.map(unescapeUri));
  return {
    gs1: elements.map(([ai, value]) => `(${ai})${value}`).join(""),
    digitalLink: `https://id.gs1.org/${elements
      .map(([ai, value]) => `${ai}/${encodeURIComponent(value)}`)
      .join("/")}`,
    ...keys,
  };
}

type Built = { readonly elements: readonly Element[] } & Omit<Gs1Form, "gs1" | "digitalLink">;

/** TDS 1.13, section 7: how the parts of an EPC stand in a GS1 element string. */
const builders: Readonly<Partial<Record<Identity, (parts: readonly string[]) => Built>>> = {
  sgtin: ([prefix = "", item = "", serial = ""]) => {
    const gtin = withIndicator(prefix, item);
    return {
      elements: [
        ["01", gtin],
        ["21", serial],
      ],
      gtin,
      serial,
    };
  },
  sscc: ([prefix = "", reference = ""]) => {
    const sscc = withIndicator(prefix, reference);
    return { elements: [["00", sscc]], sscc };
  },
  sgln: ([prefix = "", location = "", extension = ""]) => {
    const gln = checked(prefix + location);
    // Extension 0 is the location itself (TDS 1.13, 7.5).
    if (extension === "0") return { elements: [["414", gln]], gln };
    return {
      elements: [
        ["414", gln],
        ["254", extension],
      ],
      gln,
      serial: extension,
    };
  },
  grai: ([prefix = "", type = "", serial = ""]) => {
    const grai = checked(prefix + type) + serial;
    // The 0 only fills the element string (TDS 1.13, 7.6).
    return { elements: [["8003", `0${grai}`]], grai, serial };
  },
  giai: ([prefix = "", asset = ""]) => {
    const giai = prefix + asset;
    return { elements: [["8004", giai]], giai, serial: asset };
  },
  gsrn: ([prefix = "", reference = ""]) => {
    const gsrn = checked(prefix + reference);
    return { elements: [["8018", gsrn]], gsrn };
  },
  gsrnp: ([prefix = "", reference = ""]) => {
    const gsrn = checked(prefix + reference);
    return { elements: [["8017", gsrn]], gsrn };
  },
  gdti: ([prefix = "", type = "", serial = ""]) => {
    const gdti = `${checked(prefix + type)}${serial}`;
    return { elements: [["253", gdti]], gdti, serial };
  },
  cpi: ([prefix = "", part = "", serial = ""]) => {
    const cpi = prefix + part;
    return {
      elements: [
        ["8010", cpi],
        ["8011", serial],
      ],
      cpi,
      serial,
    };
  },
  sgcn: ([prefix = "", coupon = "", serial = ""]) => {
    const gcn = `${checked(prefix + coupon)}${serial}`;
    return { elements: [["255", gcn]], gcn, serial };
  },
  itip: ([prefix = "", item = "", piece = "", total = "", serial = ""]) => {
    const gtin = withIndicator(prefix, item);
    return {
      elements: [
        ["8006", gtin + piece + total],
        ["21", serial],
      ],
      gtin,
      serial,
    };
  },
};

/** The first digit of the reference stands before the company prefix: indicator of a GTIN, extension of an SSCC. */
function withIndicator(prefix: string, reference: string): string {
  return checked(reference.slice(0, 1) + prefix + reference.slice(1));
}

function checked(digits: string): string {
  return digits + checkDigit(digits);
}
