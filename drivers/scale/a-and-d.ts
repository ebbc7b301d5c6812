import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import {
  done,
  fitted,
  numberOf,
  reading,
  refused,
  unknownLine,
  weighing,
  weighingWithUnit,
} from "./reading.ts";
import { unitOf } from "./units.ts";

/** Sign and eight characters. */
const valueColumns = 8;
const ack = 0x06;

/** Header, nine characters of data, three of unit (EK-L manual, 9-2). */
const standardLine = /^(ST|QT|US),([+-][\d. ]{8})([ A-Za-z%]{3})$/;
/** Indicators have a second header and two characters of unit (AD-4401 and its kin). */
const indicatorLine = /^(ST|US|OL|HD),(GS|NT|TR),([+-][\d. ]{7})([ A-Za-z%]{2})$/;
const outOfRange = /^OL,([+-])[\d. ]{4,8}/;
const errorLine = /^EC,(E\d\d)$/;

/** Error codes of GX, GF, EK and AD-4212 manuals, "Error codes". */
const errors: Readonly<Record<string, string>> = {
  E00: "transmission error",
  E01: "unknown command",
  E02: "not ready",
  E03: "timeout",
  E04: "too many characters",
  E06: "wrong format",
  E07: "value out of range",
  E11: "not stable",
  E17: "out of range",
  E20: "calibration weight too heavy or too light",
  E21: "calibration weight too heavy or too light",
};
const passing = ["E02", "E03", "E11"];

const { command, hear, commandOf } = lineCommands({
  sent: {
    poll: "Q",
    stable: "S",
    stream: "SIR",
    stop: "C",
    zero: "Z",
    tare: "T",
    "clear-tare": "CT",
  },
  heard: { SI: "poll", R: "zero", RW: "poll", MZ: "zero", MT: "tare" },
  known: /^(?:CAL|OFF|ON|P|U|PRT|SMP|RNG|TR|\?(?:ID|SN|TN|PT|MA|HI|LO))$/,
});

/** A&D standard format of balances and scales, and the two-header format of A&D indicators. */
export const aAndD: ScaleProtocol = {
  name: "and",
  aliases: ["a&d", "a-and-d", "a & d", "a&d standard"],
  title: "A&D: EK, EJ, GX, GF, FX, HV, HW and FG series, AD indicators",
  serial: { baudRate: 2_400, dataBits: 7, parity: "even", stopBits: 1 },
  modes: ["stream", "poll", "stable"],
  createFramer: () =>
    createLineFramer({ also: [ack], begin: /(?:ST|QT|US|OL|HD),(?:[+-]|[A-Z]{2},)/ }),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf,
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: (asked, ok) => {
    if (asked !== "zero" && asked !== "tare" && asked !== "clear-tare") return undefined;
    return lineBytes(ok ? String.fromCharCode(ack) : "EC,E02");
  },
};

function parseLine(text: string): ScaleMessage {
  const standard = standardLine.exec(text);
  if (standard !== null)
    return weighingWithUnit({
      weight: numberOf(standard[2] ?? ""),
      unit: unitOf(standard[3] ?? ""),
      stable: standard[1] !== "US",
    });
  const indicator = indicatorLine.exec(text);
  if (indicator !== null) return fromIndicator(indicator);
  const sign = outOfRange.exec(text)?.[1];
  if (sign !== undefined) return reading(sign === "-" ? "underload" : "overload");
  const code = errorLine.exec(text)?.[1];
  if (code !== undefined) {
    const reason = errors[code] ?? "the scale reports an error";
    return reading(passing.includes(code) ? "not-ready" : "error", { code, reason });
  }
  if (text === String.fromCharCode(ack)) return done("other");
  if (text === "?") return reading("error", { code: "?", reason: "unknown command" });
  if (text === "I") return refused("other", "not possible now");
  // Scales without acknowledge codes repeat the command that they have carried out (EK-L manual, 9-3).
  if (text === "Z" || text === "R") return done("zero");
  if (text === "T") return done("tare");
  return text === "CT" ? done("clear-tare") : unknownLine;
}

function fromIndicator([
  text,
  header,
  mode,
  value = "",
  unit = "",
]: readonly string[]): ScaleMessage {
  if (mode === "TR") return { kind: "notice", text: text ?? "" };
  if (header === "OL") return reading(value.startsWith("-") ? "underload" : "overload");
  const net = mode === "NT";
  if (header === "HD") return reading("not-ready", { net, reason: "the display is held" });
  const parts = { weight: numberOf(value), unit: unitOf(unit), stable: header === "ST", net };
  return parts.unit === undefined ? weighingWithUnit(parts) : weighing(parts);
}

function lineOf({ status, weight = 0, unit = "", stable, code = "" }: ScaleReading): string {
  const word = unit === "pcs" ? "PC" : unit.slice(0, 3);
  switch (status) {
    case "ok":
    case "unstable":
    case "unit-blank": {
      const value = fitted(Math.abs(weight), valueColumns);
      if (value === undefined) return `OL,${weight < 0 ? "-" : "+"}99999999${word.padStart(3)}`;
      const steady = unit === "pcs" ? "QT" : "ST";
      const header = stable === false || status === "unstable" ? "US" : steady;
      const sent = status === "unit-blank" ? "" : word;
      return `${header},${weight < 0 ? "-" : "+"}${value.padStart(valueColumns, "0")}${sent.padStart(3)}`;
    }
    case "overload":
      return `OL,+99999999${word.padStart(3)}`;
    case "underload":
      return `OL,-99999999${word.padStart(3)}`;
    case "zero-error":
    case "not-ready":
      return "EC,E02";
    case "error":
      return `EC,${/^E\d\d$/.test(code) ? code : "E01"}`;
  }
}
