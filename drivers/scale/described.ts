import { createFramer, type FrameShape, type Look } from "../framing/framer.ts";
import { bytesOf, type DescribedFormat, describedBytesMax } from "./described-format.ts";
import { type Parts, partNames, patternLineBytesMax, readPattern } from "./described-pattern.ts";
import { latin1 } from "./lines.ts";
import type {
  ScaleCommand,
  ScaleMessage,
  ScaleMode,
  ScaleProtocol,
  ScaleReading,
} from "./protocol.ts";
import { bad, fitted, numberOf, reading, scaled, weighing } from "./reading.ts";
import { unitOf } from "./units.ts";

export { describedFormatSchema } from "./described-format.ts";

const commands = ["poll", "stable", "stream", "stop", "zero", "tare", "clear-tare"] as const;
const none = new Uint8Array(0);

/** A language out of a description that `describedFormatSchema` has accepted. */
export function createDescribedProtocol(format: DescribedFormat): ScaleProtocol {
  const layout = layoutOf(format);
  const sent = (command: ScaleCommand) => bytesOf(format.commands?.[command] ?? "");
  return {
    name: "described",
    aliases: [],
    title: "A scale whose frames the configuration describes",
    serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
    modes: modesOf(format),
    createFramer: () => createFramer(shapeOf(format)),
    parse: (frame) => meaning(layout.read(frame), format),
    command: sent,
    encode: (weighed) => layout.write(partsOf(weighed, format)) ?? none,
    hear: (bytes) => {
      const heard = commands.find((command) => begins(bytes, sent(command)));
      return heard === undefined ? undefined : { command: heard, length: sent(heard)?.length ?? 0 };
    },
    answer: () => undefined,
  };
}

function modesOf({ commands: said }: DescribedFormat): readonly [ScaleMode, ...ScaleMode[]] {
  const asked: readonly ScaleMode[] = [
    ...(said?.poll === undefined ? [] : ["poll" as const]),
    ...(said?.stable === undefined ? [] : ["stable" as const]),
  ];
  return ["stream", ...asked];
}

function shapeOf({ frame, pattern }: DescribedFormat): FrameShape {
  const start = bytesOf(frame.start ?? "") ?? none;
  const end = bytesOf(frame.end ?? "") ?? none;
  const { lengthBytes } = frame;
  const patternFrameMax = start.length + patternLineBytesMax + end.length;
  const look = (bytes: Uint8Array): Look => {
    const seen = Math.min(bytes.length, start.length);
    if (!begins(bytes.subarray(0, seen), start.subarray(0, seen)))
      return { is: "noise", reason: "not the beginning of a frame" };
    const endAt = end.length === 0 ? -1 : indexOf(bytes, end, start.length);
    if (lengthBytes === undefined) {
      if (endAt < 0) return { is: "more" };
      if (start.length > 0 && indexOf(bytes.subarray(0, endAt), start, 1) > 0)
        return { is: "noise", reason: "the next frame begins before this one ends" };
      return { is: "frame", length: endAt + end.length };
    }
    if (bytes.length < lengthBytes) return { is: "more" };
    return end.length === 0 || endAt === lengthBytes - end.length
      ? { is: "frame", length: lengthBytes }
      : { is: "noise", reason: "no end where it should be" };
  };
  return {
    frameBytesMax: lengthBytes ?? (pattern === undefined ? describedBytesMax : patternFrameMax),
    mayStart: (byte) => (start.length > 0 ? byte === start[0] : byte !== end[0]),
    look,
  };
}

function begins(bytes: Uint8Array, head: Uint8Array | undefined): boolean {
  return head !== undefined && Buffer.from(bytes.subarray(0, head.length)).equals(head);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted, from);
}

interface Layout {
  readonly read: (frame: Uint8Array) => Parts | undefined;
  readonly write: (parts: Parts) => Uint8Array | undefined;
}

function layoutOf(format: DescribedFormat): Layout {
  const start = bytesOf(format.frame.start ?? "") ?? none;
  const end = bytesOf(format.frame.end ?? "") ?? none;
  const framed = (text: string) =>
    Uint8Array.from([...start, ...Buffer.from(text, "latin1"), ...end]);
  if (format.pattern === undefined) return positionsOf(format, start, end);
  const pattern = readPattern(format.pattern);
  if (typeof pattern === "string") throw new Error(`pattern: ${pattern}`);
  return {
    read: (frame) => pattern.read(latin1(frame.subarray(start.length, frame.length - end.length))),
    write: (parts) => {
      const text = pattern.write(parts);
      const bytes = text === undefined ? undefined : framed(text);
      const { lengthBytes } = format.frame;
      return lengthBytes === undefined || bytes?.length === lengthBytes ? bytes : undefined;
    },
  };
}

function positionsOf(
  { fields, frame }: DescribedFormat,
  start: Uint8Array,
  end: Uint8Array,
): Layout {
  const places = partNames.flatMap((name) => {
    const place = fields?.[name];
    return place === undefined ? [] : [{ name, ...place }];
  });
  const { lengthBytes = describedBytesMax } = frame;
  return {
    read: (bytes) => {
      const text = latin1(bytes);
      return Object.fromEntries(
        places.map(({ name, from, length }) => [name, text.slice(from, from + length)]),
      );
    },
    write: (parts) => {
      const bytes = new Uint8Array(lengthBytes).fill(0x20);
      bytes.set(start);
      bytes.set(end, lengthBytes - end.length);
      for (const { name, from, length } of places) {
        const text = parts[name] ?? "";
        if (text.length > length) return undefined;
        const isNumber = name === "weight" || name === "tare";
        const field = isNumber ? text.padStart(length) : text.padEnd(length);
        bytes.set(Buffer.from(field, "latin1"), from);
      }
      return bytes;
    },
  };
}

function meaning(parts: Parts | undefined, format: DescribedFormat): ScaleMessage {
  if (parts === undefined) return bad("not as described");
  const state = wordIn(parts.status, format.status?.values, "ok");
  if (state === unlisted) return bad(`state "${parts.status?.trim()}" is not described`);
  const stable = wordIn(parts.stable, format.stable?.values, undefined);
  if (stable === unlisted) return bad(`stability "${parts.stable?.trim()}" is not described`);
  const net = wordIn(parts.mode, format.net?.values, undefined);
  if (net === unlisted) return bad(`mode "${parts.mode?.trim()}" is not described`);
  const sent = parts.unit?.trim() ?? "";
  const unit = unitOf(format.unit?.values?.[sent] ?? (sent || (format.unit?.default ?? "")));
  const isUnstable = state === "unstable" || stable === false;
  const known = { unit, net, stable: state === "unstable" ? false : stable };
  if (state !== undefined && state !== "ok" && state !== "unstable")
    return reading(state, state === "error" ? { ...known, code: parts.status?.trim() } : known);
  const weight = numberIn(parts.weight, parts.sign, format);
  const tare = parts.tare === undefined ? undefined : numberIn(parts.tare, undefined, format);
  const found = weighing({ ...known, weight, tare });
  return isUnstable && found.kind === "reading" ? { ...found, status: "unstable" } : found;
}

const unlisted = Symbol("unlisted");

function wordIn<T, D>(
  sent: string | undefined,
  values: Readonly<Record<string, T>> | undefined,
  blank: D,
): T | D | typeof unlisted {
  if (sent === undefined || values === undefined) return blank;
  for (const word of [sent, sent.trim()])
    if (Object.hasOwn(values, word)) return values[word] ?? unlisted;
  return sent.trim() === "" ? blank : unlisted;
}

function numberIn(
  sent: string | undefined,
  sign: string | undefined,
  { decimals = 0 }: DescribedFormat,
): number | undefined {
  const text = (sent ?? "").trim().replace(",", ".");
  const value = numberOf(text);
  if (value === undefined) return undefined;
  const signed = sign?.includes("-") === true ? -Math.abs(value) : value;
  return text.includes(".") ? signed + 0 : scaled(signed, decimals);
}

/** The first word of each table that says what the weighing is. */
function partsOf(weighed: ScaleReading, format: DescribedFormat): Parts {
  const { status, weight = 0, unit = "", net, stable, tare } = weighed;
  const isSteady = status === "unstable" ? false : stable;
  const number = (value: number) =>
    (format.decimals === undefined
      ? fitted(value, 16)
      : fitted(Math.round(scaled(value, -format.decimals)), 16)) ?? "";
  const hasSign = format.fields?.sign !== undefined || (format.pattern ?? "").includes("<sign>");
  const unitWord =
    wordFor(format.unit?.values, unit) ?? (unit === format.unit?.default ? "" : unit);
  return {
    weight: number(hasSign ? Math.abs(weight) : weight),
    ...(hasSign && { sign: weight < 0 ? "-" : "" }),
    unit: unitWord,
    status: wordFor(format.status?.values, status) ?? "",
    mode: wordFor(format.net?.values, net) ?? "",
    stable: wordFor(format.stable?.values, isSteady) ?? "",
    ...(tare !== undefined && { tare: number(tare) }),
  };
}

function wordFor(values: Readonly<Record<string, unknown>> | undefined, meant: unknown) {
  return Object.entries(values ?? {}).find(([, value]) => value === meant)?.[0];
}
