import { cut, shortUnitsMax } from "../push/short-line.ts";

/** Of one UCS-2 segment (3GPP TS 23.040: 140 bytes): every modem and network takes that, whatever it says. */
export const textUnitsMax = shortUnitsMax;

/** Ends a text that is sent to the modem. */
export const submit = "\u001A";

/** Leaves the entering of a text without sending it. */
export const leaveText = "\u001B";

/** UTF-16 as hex digits: what a modem wants after `AT+CSCS="UCS2"`, numbers included. */
export function ucs2Hex(text: string): string {
  return Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase();
}

/** One line of at most `textUnitsMax` UTF-16 units; a character is never cut in two. */
export function oneSegment(text: string): string {
  return cut(text.replaceAll(/\s+/g, " ").trim(), textUnitsMax);
}

/** Relative validity of 24 h, as in `AT+CSMP=17,167,0,8`. */
const validity = "A7";
const ucs2Coding = "08";
/** SMS-SUBMIT with relative validity. */
const submitType = "11";
const international = "91";

/**
 * A SMS-SUBMIT in hex, and its length as `AT+CMGS=` wants it: without the centre.
 * @param number in international form, with `+`.
 * @param center undefined: the SIM's own.
 */
export function pduOf(number: string, text: string, center?: string) {
  const smsc = center === undefined ? "00" : centerField(center);
  const digits = number.slice(1);
  const content = ucs2Hex(oneSegment(text));
  const tpdu = [
    submitType,
    "00",
    hexByte(digits.length),
    international,
    semiOctets(digits),
    "00",
    ucs2Coding,
    validity,
    hexByte(content.length / 2),
    content,
  ].join("");
  return { hex: smsc + tpdu, length: tpdu.length / 2 };
}

function centerField(center: string): string {
  const address = international + semiOctets(center.slice(1));
  return hexByte(address.length / 2) + address;
}

/** Digits in pairs, each pair turned round, an odd one filled with F. */
function semiOctets(digits: string): string {
  return digits.replaceAll(/(\d)(\d)?/g, (_, first: string, second = "F") => second + first);
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}
