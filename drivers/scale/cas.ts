import { createFramer, type Look } from "../framing/framer.ts";
import { latin1, lineBytes, lineCommands, lineFrames, lookAtLine, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import {
  done,
  fitted,
  numberOf,
  reading,
  unknownLine,
  weighing,
  weighingWithUnit,
} from "./reading.ts";
import { unitOf } from "./units.ts";

const valueColumns = 8;
const comma = 0x2c;

/** Header, mode, id byte, lamp byte, value, blank and unit (CI-400 manual p. 104). */
const longBytes = 22;
const lampAt = 7;
/** Both bytes may have any value, also those of CR and LF. */
const header = /^(?:ST|US|OL),(?:GS|NT),/;
const headerBytes = 6;

const longTail = /^([+\- \d.]{8}) ([A-Za-z ]{2})$/;
/** With the state of eight relays and no blank before the unit (CI-400 p. 104). */
const relayTail = /^([+\- \d.]{8})([A-Za-z ]{2})$/;
/** The same headers and nothing between them and the value: "AND 18 bytes". */
const andLine = /^(ST|US|OL),(GS|NT),([+\- \d.]{8})([A-Za-z ]{2})$/;
/** Nothing but the value: "CAS 10 bytes". Neither unit nor stability nor overload is said. */
const valueLine = /^(?=.{8}$) *[+-]? *(?:\d+\.?\d*|\.\d+)$/;
const echoLine = /^D\d\dK([ZT])$/;

const lineShape = { begin: header };
const lines = lineFrames({});

const { command, hear, commandOf } = lineCommands({
  sent: { poll: "D01KW", zero: "D01KZ", tare: "D01KT" },
  known: /^D\d\dK[A-Z]$/,
});

/** CAS indicators in their three formats, told apart by the bytes themselves. Commands go to device number 1. */
export const cas: ScaleProtocol = {
  name: "cas",
  aliases: ["cas 22 byte", "cas 10 byte", "cas 22", "cas 10", "and 18"],
  title: "CAS: CI, NT and PDI indicators, 22, 18 and 10 bytes",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  modes: ["stream", "poll"],
  createFramer: () => createFramer({ ...lines, look: lookAt }),
  parse: parseFrame,
  command,
  hear,
  commandOf,
  encode: frameOf,
  answer: (asked, ok) => {
    if (!ok || (asked !== "zero" && asked !== "tare")) return undefined;
    return command(asked);
  },
};

/** The lamp byte has its highest bit set, a value never has. */
function lookAt(bytes: Uint8Array, isLast: boolean): Look {
  if (bytes[2] !== comma || !header.test(latin1(bytes.subarray(0, headerBytes))))
    return lookAtLine(bytes, isLast, { begin: /(?:ST|US|OL),(?:GS|NT),/ });
  const lamp = bytes[lampAt];
  if (lamp === undefined) return { is: "more" };
  if (lamp < 0x80) return lookAtLine(bytes, isLast, lineShape);
  if (bytes.length < longBytes) return { is: "more" };
  const isWhole =
    (bytes[lampAt + 1] === comma || bytes[lampAt + 2] === comma) &&
    bytes[longBytes - 2] === 0x0d &&
    bytes[longBytes - 1] === 0x0a;
  return isWhole
    ? { is: "frame", length: longBytes }
    : { is: "noise", reason: "no end where it should be" };
}

function parseFrame(frame: Uint8Array): ScaleMessage {
  const lamp = frame[lampAt] ?? 0;
  if (frame.length === longBytes && lamp >= 0x80) return fromLong(frame, lamp);
  const text = textOf(frame);
  const and = andLine.exec(text);
  if (and !== null) {
    const [, state = "", mode = "", value = "", unit = ""] = and;
    return said(state, mode, value, unit);
  }
  if (valueLine.test(text)) return weighing({ weight: numberOf(text) });
  const echo = echoLine.exec(text)?.[1];
  if (echo !== undefined) return done(echo === "Z" ? "zero" : "tare");
  return unknownLine;
}

function fromLong(frame: Uint8Array, lamp: number): ScaleMessage {
  const hasRelays = frame[lampAt + 2] === comma;
  const text = latin1(frame);
  const tail = text.slice(lampAt + (hasRelays ? 3 : 2), longBytes - 2);
  const [, value = "", unit = ""] = (hasRelays ? relayTail : longTail).exec(tail) ?? [];
  if (value === "" && !text.startsWith("OL")) return unknownLine;
  if ((lamp & 0x10) !== 0) return reading("not-ready", { reason: "the display is held" });
  return said(text.slice(0, 2), text.slice(3, 5), value, unit);
}

function said(state: string, mode: string, value: string, sentUnit: string): ScaleMessage {
  const net = mode === "NT";
  if (state === "OL") return reading(value.includes("-") ? "underload" : "overload", { net });
  const unit = unitOf(sentUnit);
  return weighingWithUnit({ weight: numberOf(value), unit, stable: state === "ST", net });
}

function frameOf({ status, weight = 0, unit = "kg", stable, net }: ScaleReading): Uint8Array {
  const value = fitted(weight, valueColumns);
  const isWeight = status === "ok" || status === "unstable" || status === "unit-blank";
  const isSteady = stable !== false && status !== "unstable";
  const isOut = !isWeight || value === undefined;
  const state = isOut ? "OL" : isSteady ? "ST" : "US";
  const shown = isOut ? (status === "underload" ? "-".padEnd(valueColumns) : "") : value;
  const lamp = 0xa0 | (isSteady ? 0x40 : 0) | (net === true ? 0x02 : 0x04) | (weight === 0 ? 1 : 0);
  const mode = net === true ? "NT" : "GS";
  const sent = status === "unit-blank" ? "" : unit.slice(0, 2);
  const mark = String.fromCharCode(0x31, lamp);
  return lineBytes(`${state},${mode},${mark},${shown.padStart(valueColumns)} ${sent.padStart(2)}`);
}
