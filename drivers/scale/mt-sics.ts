import { createLineFramer, lineBytes, lineCommands, textOf } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading, ScaleReply } from "./protocol.ts";
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

/** The value stands right-aligned in ten columns (MT-SICS reference manual, 2.1.2). */
const valueColumns = 10;

const weightLine = /^S ([SD]) +([+-]? *[\d.]+)(?: +(\S{1,5}))? *$/;
const errorLine = /^S (?:[SD] +)?Error +(\S{1,8})$/i;
const controlLine = /^(ZI?|TI?|TAC?) ([SDAIL+-])(?: +([+-]?[\d.]+)(?: +(\S{1,5}))?)?$/;
const listLine = /^(?:I\d{1,2}|@) [AB](?: .*)?$/;
const keyLine = /^K [A-D] \d{1,3}$/;
const otherLine = /^([A-Z]{1,4}\d{0,2}) ([AILBS+-])(?: .*)?$/;
const hostLine =
  /^(?:@|I\d{1,2}|SIRU?|SIU?|SN?RU?|SU?|ZI?|TI?|TAC?|DW|K \d|PWR [01]|D ".*"|(?:TA|SR) [\d.]+ \S{1,5})$/;

/** Replies to weighing commands without a weight (2.1.2 and 2.1.3). */
const without: Readonly<Record<string, ScaleReading>> = {
  "S +": reading("overload"),
  "S -": reading("underload"),
  "S I": reading("not-ready", { reason: "not executable now, or not stable in time" }),
  "S L": reading("error", { code: "L", reason: "wrong parameter" }),
  ES: reading("error", { code: "ES", reason: "syntax error" }),
  ET: reading("error", { code: "ET", reason: "transmission error" }),
  EL: reading("error", { code: "EL", reason: "logical error" }),
};

const refusals: Readonly<Record<string, string>> = {
  I: "not executable now, or not stable in time",
  L: "wrong parameter",
  "+": "upper limit exceeded",
  "-": "lower limit exceeded",
};

const { command, hear, commandOf } = lineCommands({
  // `@` would also end a stream, but it clears the tare.
  sent: {
    poll: "SI",
    stable: "S",
    stream: "SIR",
    stop: "SI",
    zero: "Z",
    tare: "T",
    "clear-tare": "TAC",
  },
  heard: {
    "@": "stop",
    SU: "stable",
    SIU: "poll",
    SNR: "stream",
    SR: "stream",
    ZI: "zero",
    TI: "tare",
  },
  known: hostLine,
});

/** Standard Interface Command Set of Mettler Toledo, levels 0 and 1. `stop` asks once, which ends a stream. */
export const mtSics: ScaleProtocol = {
  name: "mt-sics",
  aliases: ["sics", "mettler", "mettler-toledo"],
  title: "Mettler Toledo MT-SICS: balances, ICS and IND terminals, OHAUS after PSI",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  tcpPort: 4_305,
  modes: ["poll", "stable", "stream"],
  createFramer: () => createLineFramer({ begin: /S [SD] {1,10}-?[\d.]+ \S{1,5}$/ }),
  parse: (frame) => parseLine(textOf(frame)),
  command,
  hear,
  commandOf,
  encode: (weighed) => lineBytes(lineOf(weighed)),
  answer: (asked, ok) => {
    if (asked === "zero") return lineBytes(ok ? "Z A" : "Z I");
    if (asked === "tare") return lineBytes(ok ? "T S" : "T I");
    return asked === "clear-tare" ? lineBytes(ok ? "TAC A" : "TAC I") : undefined;
  },
};

function parseLine(text: string): ScaleMessage {
  const weight = weightLine.exec(text);
  if (weight !== null)
    return weighingWithUnit({
      weight: numberOf(weight[2] ?? ""),
      unit: unitOf(weight[3] ?? ""),
      stable: weight[1] === "S",
    });
  const plain = Object.hasOwn(without, text) ? without[text] : undefined;
  if (plain !== undefined) return plain;
  const code = errorLine.exec(text)?.[1];
  if (code !== undefined) return reading("error", { code, reason: "the scale reports an error" });
  if (/^S[ A-Z]/.test(text) && !/^S[A-Z]+ [AIL+-]$/.test(text)) return unknownLine;
  const control = controlLine.exec(text);
  if (control !== null) return fromControl(control);
  if (listLine.test(text) || keyLine.test(text)) return { kind: "notice", text };
  const other = otherLine.exec(text);
  return other === null ? unknownLine : replyOf("other", other[2] ?? "");
}

/** A tare that was taken or asked for comes with its weight. */
function fromControl([, word = "", status = "", tare, unit = ""]: RegExpExecArray): ScaleMessage {
  const reply = replyOf(commandNamed(word), status);
  if (tare === undefined || !reply.ok || !word.startsWith("T")) return reply;
  const weight = numberOf(tare);
  if (weight === undefined) return unknownLine;
  const sent = unitOf(unit);
  return { ...reply, tare: weight, ...(sent !== undefined && { unit: sent }) };
}

function replyOf(asked: ScaleReply["command"], status: string): ScaleReply {
  const refusal = refusals[status];
  return refusal === undefined ? done(asked) : refused(asked, refusal);
}

function commandNamed(word: string): ScaleReply["command"] {
  if (word.startsWith("Z")) return "zero";
  return word === "TAC" ? "clear-tare" : "tare";
}

function lineOf({ status, weight, unit = "", stable, code }: ScaleReading): string {
  switch (status) {
    case "ok":
    case "unstable": {
      const value = weight === undefined ? undefined : fitted(weight, valueColumns);
      if (value === undefined) return "S +";
      const mark = stable === false || status === "unstable" ? "D" : "S";
      return `S ${mark} ${value.padStart(valueColumns)} ${unit}`.trimEnd();
    }
    case "unit-blank":
      return `S S ${"0".padStart(valueColumns)}`;
    case "overload":
      return "S +";
    case "underload":
      return "S -";
    case "zero-error":
    case "not-ready":
      return "S I";
    case "error":
      return /^E[STL]$/.test(code ?? "") ? (code ?? "") : `S S Error ${code ?? "1b"}`;
  }
}
