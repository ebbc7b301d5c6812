import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type CsvReader, CsvRows } from "./csv-rows.ts";

/** Bytes read at once: the whole file is never in memory. */
const readBytes = 262_144;

/** The byte order marks of UTF-16: such a file would be read as one line of noise. */
const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** Reads until `isEnough` says so or the file ends. @throws RackwatchError `config/unreadable`. */
export function readCsv(
  file: { readonly path: string; readonly shown: string },
  reader: CsvReader & { readonly isEnough?: () => boolean },
  language: Language,
): void {
  const fd = openFile(file, language);
  try {
    const rows = new CsvRows(reader);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const buffer = new Uint8Array(readBytes);
    let lines = 1;
    const write = (bytes: Uint8Array, isLast: boolean) => {
      try {
        const text = decoder.decode(bytes, { stream: !isLast });
        rows.write(text);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw notUtf8(file.shown, lines + soundLines(bytes), language);
      }
      lines += lineEnds(bytes);
    };
    for (let first = true; reader.isEnough?.() !== true; first = false) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      const bytes = buffer.subarray(0, count);
      if (first && utf16Marks.some((mark) => mark.every((byte, at) => bytes[at] === byte)))
        throw notUtf8(file.shown, 1, language);
      write(bytes, count === 0);
      if (count > 0) continue;
      rows.end();
      return;
    }
  } finally {
    closeSync(fd);
  }
}

function openFile({ path, shown }: { path: string; shown: string }, language: Language): number {
  const { message, todo } = simulateText[language].noFile(shown);
  try {
    const fd = openSync(path, "r");
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (cause) {
    throw new RackwatchError("config/unreadable", message, { where: shown, todo, cause });
  }
  throw new RackwatchError("config/unreadable", message, { where: shown, todo });
}

function notUtf8(shown: string, line: number, language: Language): RackwatchError {
  const { message, todo } = simulateText[language].notUtf8(shown, line);
  return new RackwatchError("config/unreadable", message, { where: `${shown}:${line}`, todo });
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** Line ends before the first byte that is no UTF-8. */
function soundLines(bytes: Uint8Array): number {
  const text = new TextDecoder().decode(bytes);
  const wrong = text.indexOf("\ufffd", 1);
  return (wrong < 0 ? text : text.slice(0, wrong)).split("\n").length - 1;
}
