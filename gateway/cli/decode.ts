import { suggest } from "../../config/suggest.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { DecodedFrame, Protocol } from "../../drivers/protocol.ts";
import { findProtocol, protocols } from "../../drivers/protocols.ts";
import { type CommandIo, newCommand } from "./command.ts";

/** Characters of all arguments: a day's log does not belong on a command line. Beyond: refused. */
const inputCharsMax = 4_000_000;

/** `rackwatch decode PROTOCOL HEX...`: the frames in some bytes, and what they mean. */
export function decodeCommand(io: CommandIo) {
  return newCommand("decode", io)
    .description("Say what bytes from a wire mean, frame by frame")
    .argument("<protocol>", "the language; `rackwatch devices` lists them")
    .argument("<hex...>", "bytes in hex, in any spelling: BB0122, bb 01 22, 0xBB,0x01")
    .option("--text", "the arguments are text with \\r \\n \\xHH; a line end is added")
    .option("--json", "one JSON object a line")
    .action((word, words, options) => {
      const protocol = findProtocol(word);
      if (protocol === undefined) throw unknown(word);
      if (words.reduce((sum, { length }) => sum + length, 0) > inputCharsMax)
        throw new RackwatchError("config/invalid", `More than ${inputCharsMax} characters`, {
          todo: "Decode a part of it",
        });
      const toHex = options.text === true ? hexOfText : digits;
      const decoded = protocol.decodeWords?.(words) ?? decodeParts(protocol, words.map(toHex));
      const frames = decoded.map((frame) => ({
        protocol: protocol.name,
        ...frame,
      }));
      const print = options.json === true ? (frame: object) => JSON.stringify(frame) : textOf;
      io.stdout.write(frames.map((frame) => `${print(frame)}\n`).join(""));
    });
}

/**
 * Each argument by itself, unless more frames are right when all are one stream: bytes that were pasted with blanks,
 * a frame that came in two reads.
 */
export function decodeParts(protocol: Protocol, parts: readonly string[]): readonly DecodedFrame[] {
  const apart = parts.flatMap((hex) => decodeHex(protocol, hex));
  if (parts.length === 1) return apart;
  const whole = decodeHex(protocol, parts.join(""));
  return rightOnes(whole) > rightOnes(apart) || parts.every(({ length }) => length <= 2)
    ? whole
    : apart;
}

function rightOnes(frames: readonly DecodedFrame[]): number {
  return frames.filter(({ ok }) => ok).length;
}

function decodeHex(protocol: Protocol, hex: string): readonly DecodedFrame[] {
  if (hex === "") return [{ ok: false, reason: "empty" }];
  if (hex.length % 2 === 1)
    return [{ ok: false, reason: "an odd number of hex digits", hex: hex.toUpperCase() }];
  return protocol.decode(Uint8Array.from(Buffer.from(hex, "hex")));
}

/** @throws RackwatchError `config/invalid`. */
function digits(text: string): string {
  const hex = text.replaceAll(/0x|\\x|[\s,;:_-]/gi, "");
  const wrong = /[^0-9a-f]/i.exec(hex)?.[0];
  if (wrong === undefined) return hex;
  throw new RackwatchError(
    "config/invalid",
    `"${wrong}" in "${text.slice(0, 60)}" is no hex digit`,
    {
      todo: "Write bytes as pairs of 0 to 9 and A to F; for text use --text",
    },
  );
}

function hexOfText(text: string): string {
  const plain = text
    .replaceAll("\\r", "\r")
    .replaceAll("\\n", "\n")
    .replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const ended = /[\r\n]$/.test(plain) ? plain : `${plain}\r\n`;
  return Buffer.from(ended, "latin1").toString("hex");
}

function textOf(frame: object): string {
  const {
    ok,
    reason,
    hex,
    protocol: _,
    ...fields
  } = { reason: "", hex: "", ok: true, protocol: "", ...frame };
  const facts = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`);
  const what = ok ? facts : [`NOT OK: ${reason}`, ...facts];
  return [...what, hex === "" ? "" : `[${hex}]`].filter((part) => part !== "").join("  ");
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function unknown(word: string): RackwatchError {
  const names = protocols.map(({ name }) => name);
  const near = suggest(word.toLowerCase(), names);
  return new RackwatchError("config/invalid", `There is no protocol "${word}"`, {
    todo: near === "" ? `One of: ${names.join(", ")}` : `Did you mean ${near}?`,
  });
}
