import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type {
  ScaleCommand,
  ScaleMessage,
  ScaleProtocol,
  ScaleReading,
  ScaleReply,
} from "./protocol.ts";
import {
  done,
  fitted,
  numberOf,
  reading,
  refused,
  unknownLine,
  weighingWithUnit,
} from "./reading.ts";
import { unitOf } from "./units.ts";

const valueColumns = 9;

/** Command of up to three letters, stability marker, sign, value, unit (PS series manual, 16.5.1). */
const weightLine = /^(?:SUI|SU|SI|S) +([?^v]?) *(-? *(?:\d+\.?\d*|\.\d+)) *([A-Za-z%/]{1,3})? *$/;
/** A frame has 14 (WTC) or 16 (PS) columns up to the end of the value; fewer may be the tail of another language's line. */
const begin =
  /(?=(?:.{14}|.{16}) [A-Za-z% ]{1,3}$)(?:SUI|SU|SI|S) {1,3}[?^v]? *-? *[\d.]+ [A-Za-z%]{1,3} *$/;
/** Beyond its range a balance may fill the value with blanks or dashes. */
const rangeLine = /^(?:SUI|SU|SI|S) +([\^v]) *-* *(?:[A-Za-z%/]{1,3})? *$/;
const replyLine = /^([A-Z][A-Z0-9]{0,3}) (A|D|I|\^|v|E|OK) *$/;
const tareLine = /^(?:OT|UT) +[\d.]+ *[A-Za-z%]{0,3} *$/;

const refusals: Readonly<Record<string, string>> = {
  I: "not possible now",
  "^": "upper limit exceeded",
  v: "lower limit exceeded",
  E: "not stable in time",
};

const controls: Readonly<Record<string, ScaleReply["command"]>> = {
  Z: "zero",
  T: "tare",
  UT: "clear-tare",
};

const answered: { readonly [command in ScaleCommand]?: string } = {
  zero: "Z",
  tare: "T",
  "clear-tare": "UT",
};

const { command, hear, commandOf } = lineCommands({
  sent: {
    poll: "SI",
    stable: "S",
    stream: "C1",
    stop: "C0",
    zero: "Z",
    tare: "T",
    "clear-tare": "UT 0",
  },
  heard: { SUI: "poll", SU: "stable", CU1: "stream", CU0: "stop" },
  known: /^(?:OT|K[01]|NB|PC|SS|BN|FS|RV|PL|UI|US|UG|BP.*|DH.*|UH.*|UT [\d.]+)$/,
});

/** RADWAG. Zero and tare are answered twice: `A` when accepted, `D` when done. */
export const radwag: ScaleProtocol = {
  name: "radwag",
  aliases: [],
  title: "RADWAG: PS, AS, WLC, WTC and other balances and indicators",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  tcpPort: 4_001,
  modes: ["poll", "stable", "stream"],
  createFramer: () => createLineFramer({ begin }),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf,
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: (asked, ok) => {
    const word = answered[asked];
    if (word === undefined) return undefined;
    return lineBytes(ok ? `${word} A\r\n${word} D` : `${word} I`);
  },
};

function parseLine(text: string): ScaleMessage {
  const weight = weightLine.exec(text);
  if (weight !== null) {
    const [, mark, value = "", unit = ""] = weight;
    if (mark === "^") return reading("overload");
    if (mark === "v") return reading("underload");
    return weighingWithUnit({
      weight: numberOf(value),
      unit: unitOf(unit),
      stable: mark === "",
    });
  }
  const range = rangeLine.exec(text)?.[1];
  if (range !== undefined) return reading(range === "^" ? "overload" : "underload");
  if (text.trim() === "ES") return reading("error", { code: "ES", reason: "command not known" });
  if (tareLine.test(text)) return { kind: "notice", text };
  const reply = replyLine.exec(text);
  return reply === null ? unknownLine : fromReply(text, reply[1] ?? "", reply[2] ?? "");
}

function fromReply(text: string, word: string, status: string): ScaleMessage {
  const refusal = refusals[status];
  if (/^S[UI]*$/.test(word)) {
    if (refusal !== undefined) return reading("not-ready", { reason: refusal });
    return { kind: "notice", text };
  }
  if (status === "A") return { kind: "notice", text };
  const asked = (Object.hasOwn(controls, word) ? controls[word] : undefined) ?? "other";
  return refusal === undefined ? done(asked) : refused(asked, refusal);
}

function lineOf({ status, weight = 0, unit = "", stable }: ScaleReading): string {
  const value = fitted(Math.abs(weight), valueColumns);
  const isWeight = status === "ok" || status === "unstable" || status === "unit-blank";
  if (isWeight && value !== undefined) {
    const mark = stable === false || status === "unstable" ? "?" : " ";
    const sign = weight < 0 ? "-" : " ";
    const shown = status === "unit-blank" ? "" : unit.slice(0, 3);
    return `SI  ${mark} ${sign}${value.padStart(valueColumns)} ${shown.padEnd(3)}`;
  }
  if (status === "underload") return "SI v";
  if (status === "error") return "ES";
  return status === "overload" || isWeight ? "SI ^" : "SI I";
}
