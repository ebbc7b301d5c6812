import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import { done, fitted, numberOf, reading, unknownLine, weighingWithUnit } from "./reading.ts";
import { unitOf } from "./units.ts";

/** Scout, Navigator, Explorer: the weight right-aligned with its sign (RS232 Interface Manual p. 5). */
const valueColumns = 11;
/** A shorter value is whole when a blank or its sign stands right before it; Defender, with its sign apart, adds a legend. */
const shortLine = /^(?: +-?|-)[\d.]+ [A-Za-z%]{1,5} *\??$/;
/** Defender without blanks between its columns: sign, 7 of weight, 5 of unit, stability, legend (257185 p. 36). */
const packedLine =
  /^([ -][ \d.]{6}\d)(?! .{3} )([A-Za-z% ]{5})([ ?]?) {0,2}(NET|N|B\/G|B|G|T|PT)? *$/;
/**
 * Fewest columns up to the unit: Defender 3000 has sign, blank and seven digits (manual p. 35). A line with fewer has
 * lost its beginning, and with it perhaps digits.
 */
const valueColumnsMin = 9;

const weightLine =
  /^( *-? *(?:\d+\.?\d*|\.\d+))(?: {1,6}(?!(?:NET|B\/G|PT) *$)([A-Za-z%][A-Za-z%/]{0,4}))? *(\?)? *(NET|N|B\/G|B|G|T|PT)?(?: +\d\d:\d\d:\d\d)? *$/;
const errorLine = /^ *(?:Err|Error) *:? *(\d{1,2}(?:\.\d{1,2})?)\b/i;

const { command, hear, commandOf } = lineCommands({
  sent: {
    poll: "IP",
    stable: "SP",
    stream: "CP",
    stop: "0P",
    zero: "Z",
    tare: "T",
    "clear-tare": "0T",
  },
  heard: { P: "poll", "0A": "stop", CA: "stream" },
  known: /^(?:PSI|POH|PV|SN|H|ON|OFF|ESC|\d{0,4}[PASTMUH]|SA|SLP|LU|C|AC|SC|UC)$/,
});

/** OHAUS standard format. Without a legend it is not said whether the weight is net. */
export const ohaus: ScaleProtocol = {
  name: "ohaus",
  aliases: ["ohaus scout", "ohaus navigator", "ohaus (scout/navigator)", "ohaus defender"],
  title: "OHAUS: Scout, Navigator, Explorer, Ranger, Defender",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  tcpPort: 9_761,
  modes: ["poll", "stable", "stream"],
  createFramer: () => createLineFramer(),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf,
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: (asked, ok) => {
    if (asked !== "zero" && asked !== "tare" && asked !== "clear-tare") return undefined;
    return lineBytes(ok ? "OK!" : "ES");
  },
};

function parseLine(text: string): ScaleMessage {
  const weight = packedLine.exec(text) ?? weightLine.exec(text);
  if (weight !== null) return fromWeight(weight);
  if (/^OK!? *$/.test(text)) return done("other");
  if (text.trim() === "ES")
    return reading("error", { code: "ES", reason: "command not known or not possible" });
  const code = errorLine.exec(text)?.[1];
  if (code === undefined) return unknownLine;
  // Errors 8.3 and 8.4: above and below the weighing range (Ranger and Defender manuals, troubleshooting).
  if (code === "8.3") return reading("overload", { code });
  if (code === "8.4") return reading("underload", { code });
  return reading("error", { code, reason: "the scale reports an error" });
}

function fromWeight([text = "", value = "", unit = "", mark, legend]: readonly (
  | string
  | undefined
)[]): ScaleMessage {
  const isWhole = value.length >= valueColumnsMin || shortLine.test(text) || packedLine.test(text);
  if (!isWhole) return unknownLine;
  if (legend === "T" || legend === "PT") return { kind: "notice", text };
  return weighingWithUnit({
    weight: numberOf(value),
    unit: unitOf(unit),
    stable: mark !== "?",
    net: legend === undefined ? undefined : legend.startsWith("N"),
  });
}

function lineOf({ status, weight = 0, unit = "", stable, net, code }: ScaleReading): string {
  switch (status) {
    case "ok":
    case "unstable":
    case "unit-blank": {
      const value = fitted(weight, valueColumns);
      if (value === undefined) return "Err 8.3";
      const shown = status === "unit-blank" ? "" : unit.slice(0, 5);
      const mark = stable === false || status === "unstable" ? " ?" : "";
      const legend = net === undefined ? "" : net ? " NET" : " G";
      return `${value.padStart(valueColumns)} ${shown}${mark}${legend}`;
    }
    case "overload":
      return "Err 8.3";
    case "underload":
      return "Err 8.4";
    case "zero-error":
    case "not-ready":
      return "ES";
    case "error":
      return code === undefined || code === "ES" ? "ES" : `Err ${code}`;
  }
}
