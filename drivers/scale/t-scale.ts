import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import { fitted, numberOf, reading, unknownLine, weighingWithUnit } from "./reading.ts";
import { unitOf } from "./units.ts";

/** The value stands right-aligned in eight columns, with its sign. */
const valueColumns = 8;

/** One comma (NHB) or two (QHW); the unit follows the value directly or after a blank. */
const weightLine = /^(ST|US),(GS|NT|TR),? *([+-]? *(?:\d+\.?\d*|\.\d+)) *([A-Za-z%]{1,3})? *$/;
const outOfRange = /^(OL|UL)(?:,(?:GS|NT|TR),?(.*))?$/;

const { command, hear, commandOf } = lineCommands({
  sent: { poll: "R", zero: "Z", tare: "T" },
  known: /^P$/,
});

/** T-Scale; Triner TS-700, Transcell and many indicators without a name send the same lines. */
export const tScale: ScaleProtocol = {
  name: "t-scale",
  aliases: ["tscale", "t-scale st,gs"],
  title: "T-Scale NHB, QHW, BW and alike: ST,GS lines with one comma or two",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  modes: ["stream", "poll"],
  createFramer: () => createLineFramer({ begin: /(?:ST|US|OL|UL),(?:GS|NT|TR)/ }),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf,
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: () => undefined,
};

function parseLine(text: string): ScaleMessage {
  const range = outOfRange.exec(text);
  if (range !== null)
    return reading(range[1] === "UL" || /^ *-/.test(range[2] ?? "") ? "underload" : "overload");
  const [, header, mode, value = "", unit = ""] = weightLine.exec(text) ?? [];
  if (header === undefined) return unknownLine;
  if (mode === "TR") return { kind: "notice", text };
  return weighingWithUnit({
    weight: numberOf(value),
    unit: unitOf(unit),
    stable: header === "ST",
    net: mode === "NT",
  });
}

/** Says what it can: errors of its own are not in the language, so the simulated scale is silent about them. */
function lineOf({ status, weight = 0, unit = "", stable, net }: ScaleReading): string {
  const mode = net === true ? "NT" : "GS";
  const value = fitted(weight, valueColumns);
  if (status === "underload") return `OL,${mode},${"-".padEnd(valueColumns, "-")}`;
  const isWeight = status === "ok" || status === "unstable" || status === "unit-blank";
  if (!isWeight || value === undefined) return `OL,${mode},${"".padStart(valueColumns)}`;
  const header = stable === false || status === "unstable" ? "US" : "ST";
  const shown = status === "unit-blank" ? "" : unit.slice(0, 3);
  return `${header},${mode},${value.padStart(valueColumns)} ${shown}`;
}
