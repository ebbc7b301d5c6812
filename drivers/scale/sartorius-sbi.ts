import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import { fitted, numberOf, reading, unknownLine, weighing } from "./reading.ts";
import { unitOf } from "./units.ts";

const escapeByte = 0x1b;

/** Sign, nine columns of value, blank, three of unit; 22-character lines have six characters of identity before it. */
const bodyColumns = 14;
const identityColumns = 6;
const valueColumns = 9;

/** Digits that are not verified stand in brackets (Entris II, Cubis: non-verified digits). */
const weightBody = /^([+\- ]) *(\d[\d.]*|\.\d+)(?:\[(\d+)\])? *([A-Za-z%/]{1,3})? *$/;
const whole = /^(?:[ -~]{6})?[+\- ][ \d.[\]]{9}[ A-Za-z%/\]]{4}$/;
const errorBody = /^(?:err|er) +(\d{1,3})$/i;
const systemError = /^(APP|DIS|PRT)\.ERR?$/i;

/** Status codes in place of a weight (LE manual p. 51; Master series p. 79; Entris II p. 3). */
const specials: Readonly<Record<string, ScaleReading>> = {
  H: reading("overload"),
  HH: reading("overload"),
  HIGH: reading("overload"),
  L: reading("underload"),
  LL: reading("underload"),
  LOW: reading("underload"),
  C: reading("not-ready", { reason: "calibration" }),
  "CAL.EXT.": reading("not-ready", { reason: "calibration" }),
  "CAL.INT.": reading("not-ready", { reason: "calibration" }),
  "--": reading("not-ready", { reason: "no weight is shown" }),
  "": reading("not-ready", { reason: "no weight is shown" }),
};

const esc = String.fromCharCode(escapeByte);
const { command, hear, commandOf } = lineCommands({
  sent: { poll: `${esc}P`, zero: `${esc}V`, tare: `${esc}U` },
  heard: { [`${esc}T`]: "tare", [`${esc}f3_`]: "zero", [`${esc}f4_`]: "tare" },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SBI commands begin with ESC.
  known: /^\u001b(?:[A-Z]|[a-z]\d{1,2}_.*)$/,
});

/** Sartorius Balance Interface. A blank unit marks a weight that is not stable; zero and tare are not answered. */
export const sartoriusSbi: ScaleProtocol = {
  name: "sartorius",
  aliases: ["sbi", "sartorius-sbi", "sartorius sbi 16", "sartorius sbi 22"],
  title: "Sartorius and Minebea Intec SBI: 16 and 22 characters",
  serial: { baudRate: 1_200, dataBits: 7, parity: "odd", stopBits: 1 },
  modes: ["poll", "stream"],
  createFramer: () =>
    createLineFramer({
      also: [escapeByte],
      whole,
      begin: /[+-][ \d.]{9} [ A-Za-z%/]{3}$/,
    }),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf: (frame) => commandOf(frame)?.replace(esc, "ESC "),
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: () => undefined,
};

function parseLine(text: string): ScaleMessage {
  if (text.length !== bodyColumns && text.length !== bodyColumns + identityColumns)
    return unknownLine;
  const identity = text.slice(0, -bodyColumns).trim();
  const body = text.slice(-bodyColumns);
  const special = specialOf(body.trim());
  if (special !== undefined && (identity === "" || identity === "Stat")) return special;
  const [, sign = "", digits = "", unverified = "", sentUnit = ""] = weightBody.exec(body) ?? [];
  if (digits === "") return unknownLine;
  const isKnown = identity === "" || isGross(identity) || isNet(identity) || identity === "Qnt";
  if (!isKnown) return { kind: "notice", text };
  const unit = unitOf(sentUnit);
  return weighing({
    weight: numberOf(`${sign.trim()}${digits}${unverified}`),
    unit,
    stable: unit !== undefined,
    net: isNet(identity) ? true : isGross(identity) ? false : undefined,
  });
}

function specialOf(word: string): ScaleReading | undefined {
  const name = word.toUpperCase().replaceAll(" ", "");
  const special = Object.hasOwn(specials, name) ? specials[name] : undefined;
  if (special !== undefined) return special;
  const code = errorBody.exec(word)?.[1] ?? systemError.exec(word)?.[1];
  if (code === undefined) return undefined;
  return reading("error", { code, reason: "the scale reports an error" });
}

function isGross(identity: string): boolean {
  return /^G[#\d]?$/.test(identity);
}

function isNet(identity: string): boolean {
  return /^N\d?$/.test(identity);
}

function lineOf({ status, weight, unit = "", stable, net, code = "" }: ScaleReading): string {
  const identity = net === undefined ? "" : (net ? "N" : "G#").padEnd(identityColumns);
  switch (status) {
    case "ok":
    case "unstable":
    case "unit-blank": {
      const value = fitted(Math.abs(weight ?? 0), valueColumns - 1);
      if (value === undefined) return specialLine("H", identity);
      const isSteady = stable !== false && status === "ok";
      const sign = (weight ?? 0) < 0 ? "-" : "+";
      const shown = isSteady ? (unit === "pcs" ? "pcs" : unit.slice(0, 3)) : "";
      return `${identity}${sign}${value.padStart(valueColumns)} ${shown.padEnd(3)}`;
    }
    case "overload":
      return specialLine("H", identity);
    case "underload":
      return specialLine("L", identity);
    case "not-ready":
      return specialLine("C", identity);
    case "zero-error":
    case "error":
      return specialLine(`Err ${(/^\d{1,3}$/.test(code) ? code : "54").padStart(3)}`, identity);
  }
}

/** Letters stand in columns 7 and 8, errors from column 4. */
function specialLine(word: string, identity: string): string {
  const body = word.length > 2 ? `   ${word}` : `      ${word}`;
  const lead = identity === "" ? "" : "Stat".padEnd(identityColumns);
  return `${lead}${body.padEnd(bodyColumns)}`;
}
