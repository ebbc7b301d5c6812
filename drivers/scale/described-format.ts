import { z } from "zod";
import {
  checkPattern,
  type PartName,
  partNames,
  patternCharactersMax,
  patternLineBytesMax,
} from "./described-pattern.ts";

/** Longest frame of a described scale. A beginning without an end is given up at that length. */
export const describedBytesMax = 256;

/** Most entries in one table of words. */
const wordsMax = 32;

const wordSchema = z.string().max(16);
/** Eight bytes written as `hex:`. */
const wireCharactersMax = 20;
const hexWord = /^hex:(?:[0-9a-f]{2}){1,8}$/i;

/** Text as it stands on the wire, or `hex:0D0A`. Undefined when it is neither, or has characters beyond one byte. */
export function bytesOf(word: string): Uint8Array | undefined {
  if (/^hex:/i.test(word))
    return hexWord.test(word) ? Uint8Array.from(Buffer.from(word.slice(4), "hex")) : undefined;
  const isBytes = [...word].every((character) => (character.codePointAt(0) ?? 256) < 256);
  return isBytes && word !== "" ? Uint8Array.from(Buffer.from(word, "latin1")) : undefined;
}

const wire = (description: string) =>
  z
    .string()
    .max(wireCharactersMax)
    .refine((word) => bytesOf(word) !== undefined, { error: "scale/format-bytes" })
    .optional()
    .meta({ description });

const field = (description: string) =>
  z
    .strictObject({
      from: z
        .int()
        .min(0)
        .max(describedBytesMax - 1)
        .meta({ description: "First byte, counted from 0 at the first byte of the frame" }),
      length: z.int().min(1).max(24).meta({ description: "Bytes" }),
    })
    .optional()
    .meta({ description });

const tableOf = <T extends z.ZodType>(value: T) =>
  z
    .record(wordSchema, value)
    .refine((all) => Object.keys(all).length <= wordsMax, { error: "scale/format-words" });

const words = <T extends z.ZodType>(value: T, title: string, description: string) =>
  z
    .strictObject({ values: tableOf(value).meta({ description }) })
    .optional()
    .meta({ description: title });

const formatObject = z.strictObject({
  frame: z
    .strictObject({
      start: wire('First bytes: text such as "\\x02", or hex:02'),
      end: wire('Last bytes: text such as "\\r\\n", or hex:0D0A'),
      lengthBytes: z
        .int()
        .min(2)
        .max(describedBytesMax)
        .optional()
        .meta({ description: "Length of the whole frame, start and end included" }),
    })
    .meta({ description: "How frames are cut out of the stream" }),
  fields: z
    .strictObject({
      weight: field("Digits of the weight, with or without sign and point"),
      sign: field('The weight is negative when it holds "-"'),
      unit: field("Unit"),
      status: field("State, see status"),
      mode: field("Net or gross, see net"),
      stable: field("Stability, see stable"),
      tare: field("Tare, in the unit of the weight"),
    })
    .optional()
    .meta({ description: "Parts of a frame by their positions; needs frame.lengthBytes" }),
  pattern: z
    .string()
    .max(patternCharactersMax)
    .optional()
    .meta({
      description: `Parts of a frame by a regular expression with the named groups weight, sign, unit, status, mode, stable, tare; it must fit all between start and end, at most ${patternLineBytesMax} bytes`,
    }),
  stable: words(
    z.boolean(),
    "What the part stable says",
    "What stands for stable (true) and unstable (false)",
  ),
  status: words(
    z.enum(["ok", "unstable", "overload", "underload", "zero-error", "not-ready", "error"]),
    "What the part status says",
    "What each state means; a state that is not listed is bad, blank is ok",
  ),
  net: words(
    z.boolean(),
    "What the part mode says",
    "What stands for net (true) and gross (false)",
  ),
  unit: z
    .strictObject({
      default: z.string().min(1).max(8).optional().meta({ description: "Where none is sent" }),
      values: tableOf(z.string().min(1).max(8))
        .optional()
        .meta({ description: "What is sent and what it means, for example K: kg" }),
    })
    .optional()
    .meta({ description: "Unit of the weight" }),
  decimals: z.int().min(0).max(8).optional().meta({
    description: "Decimals of a weight that is sent without a point",
  }),
  commands: z
    .strictObject({
      poll: wire("Asks for a weight"),
      stable: wire("Asks for the next stable weight"),
      stream: wire("Starts a stream"),
      stop: wire("Ends a stream"),
      zero: wire("Sets to zero"),
      tare: wire("Tares"),
      "clear-tare": wire("Clears the tare"),
    })
    .optional()
    .meta({ description: 'What the scale may be told, with its end: "W\\r\\n", or hex:05' }),
});
export type DescribedFormat = z.infer<typeof formatObject>;

/** How a scale writes its weights, for scales whose language has no code. */
export const describedFormatSchema = formatObject.check(({ value: format, issues }) => {
  for (const { message, path } of slipsOf(format))
    issues.push({ code: "custom", input: format, message, path: [...path] });
});

interface Slip {
  readonly message: string;
  readonly path: readonly string[];
}

/** Tables of words and the part that each of them explains. */
const tables = [
  ["stable", "stable"],
  ["status", "status"],
  ["net", "mode"],
] as const satisfies readonly (readonly [keyof DescribedFormat, PartName])[];

function slipsOf(format: DescribedFormat): readonly Slip[] {
  const { frame, fields, pattern } = format;
  const slips: Slip[] = [];
  if (frame.end === undefined && frame.lengthBytes === undefined)
    slips.push({ message: "scale/format-end", path: ["frame"] });
  if ((fields === undefined) === (pattern === undefined))
    return [...slips, { message: "scale/format-parts", path: [] }];
  const compiled = pattern === undefined ? undefined : checkPattern(pattern);
  if (typeof compiled === "string") return [...slips, { message: compiled, path: ["pattern"] }];
  if (fields !== undefined) slips.push(...slipsOfFields(fields, frame.lengthBytes));
  const names = compiled?.names ?? partNames.filter((name) => fields?.[name] !== undefined);
  for (const [key, part] of tables) {
    const isTold = format[key] !== undefined;
    if (isTold && !names.includes(part))
      slips.push({ message: "scale/format-unused", path: [key] });
    if (!isTold && names.includes(part))
      slips.push({
        message: "scale/format-values",
        path: [fields === undefined ? "pattern" : "fields"],
      });
  }
  return slips;
}

function slipsOfFields(
  fields: NonNullable<DescribedFormat["fields"]>,
  lengthBytes: number | undefined,
): readonly Slip[] {
  const slips: Slip[] = [];
  if (lengthBytes === undefined) slips.push({ message: "scale/format-length", path: ["frame"] });
  if (fields.weight === undefined) slips.push({ message: "scale/format-weight", path: ["fields"] });
  for (const name of partNames) {
    const place = fields[name];
    if (place !== undefined && place.from + place.length > (lengthBytes ?? describedBytesMax))
      slips.push({ message: "scale/format-outside", path: ["fields", name] });
  }
  return slips;
}
