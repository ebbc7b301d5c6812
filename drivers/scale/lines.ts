import { createFramer, type Framer, type FrameShape, type Look } from "../framing/framer.ts";
import type { ScaleCommand } from "./protocol.ts";

/**
 * Longest line with its end. Weighings have at most 40 bytes; the rest is for serial numbers and command lists. A line
 * without an end is given up byte by byte beyond it, so the buffer is bounded.
 */
export const lineBytesMax = 128;

const cr = 0x0d;
const lf = 0x0a;

/** What the lines of one language hold. */
export interface LineShape {
  /** Bytes beside printable ASCII and the micro sign. */
  readonly also?: readonly number[];
  /** A line that is whole as it stands, whatever seems to begin inside it. */
  readonly whole?: RegExp;
  /** Text with which a weighing certainly begins: what stands before it in the line is noise. Only for languages where it cannot be the tail of something else. */
  readonly begin?: RegExp;
}

/** Cuts lines that end with CR LF, LF or CR. A CR alone ends a line when the next byte, or silence, has shown that no LF follows. */
export function createLineFramer(shape: LineShape = {}): Framer {
  return createFramer(lineFrames(shape));
}

export function lineFrames(shape: LineShape = {}): FrameShape {
  return {
    frameBytesMax: lineBytesMax,
    mayStart: (byte) => isText(byte, shape),
    look: (bytes, isLast) => lookAtLine(bytes, isLast, shape),
  };
}

export function lookAtLine(bytes: Uint8Array, isLast: boolean, shape: LineShape): Look {
  let end = 0;
  while (end < bytes.length && isText(bytes[end] ?? 0, shape)) end += 1;
  const stop = bytes[end];
  if (stop === undefined) return { is: "more" };
  if (stop !== cr && stop !== lf) return { is: "noise", reason: "a byte that no line holds" };
  if (startsInside(latin1(bytes.subarray(0, end)), shape))
    return { is: "noise", reason: "text before a line" };
  if (stop === lf) return { is: "frame", length: end + 1 };
  const next = bytes[end + 1];
  if (next === undefined && !isLast) return { is: "more" };
  return { is: "frame", length: next === lf ? end + 2 : end + 1 };
}

function startsInside(text: string, { whole, begin }: LineShape): boolean {
  if (begin === undefined || whole?.test(text) === true) return false;
  return begin.test(text.slice(1));
}

function isText(byte: number, { also }: LineShape): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0xb5 || also?.includes(byte) === true;
}

/** A line without its end. */
export function textOf(frame: Uint8Array): string {
  return latin1(frame).replace(/[\r\n]+$/, "");
}

/** Every byte is one character: never throws, never merges bytes. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A line with CR LF. */
export function lineBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(`${text}\r\n`, "latin1"));
}

/** What a host may say in a language of lines. */
export interface LineCommands {
  /** What this program sends. */
  readonly sent: { readonly [command in ScaleCommand]?: string };
  /** What a scale understands beside that. */
  readonly heard?: { readonly [words: string]: ScaleCommand };
  /** Commands that only decoding knows. */
  readonly known?: RegExp;
}

/** The three command functions of a language of lines. */
export function lineCommands({ sent, heard = {}, known }: LineCommands) {
  const entries = Object.entries(sent).map(([command, words]) => [words, command] as const);
  const meant = new Map<string, ScaleCommand>([
    ...Object.entries(heard),
    // `poll` and `stop` may share their words: the first one given is what they mean.
    ...entries
      .toReversed()
      .flatMap(([words, name]) => (isCommand(name) ? [[words, name] as const] : [])),
  ]);
  return {
    command: (command: ScaleCommand) => {
      const words = sent[command];
      return words === undefined ? undefined : lineBytes(words);
    },
    hear: (bytes: Uint8Array) => {
      const line = /^([\r\n]*)([^\r\n]+)(\r\n|\r|\n)/.exec(latin1(bytes));
      const command = meant.get(line?.[2] ?? "");
      return line === null || command === undefined
        ? undefined
        : { command, length: line[0].length };
    },
    commandOf: (frame: Uint8Array) => {
      const text = textOf(frame);
      return meant.has(text) || known?.test(text) === true ? text : undefined;
    },
  };
}

const commands = ["poll", "stable", "stream", "stop", "zero", "tare", "clear-tare"] as const;

function isCommand(word: string): word is ScaleCommand {
  return commands.some((command) => command === word);
}
