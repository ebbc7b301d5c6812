import fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";
import { processorMs } from "../../tests/support/processor-time.ts";
import { createDescribedProtocol } from "./described.ts";
import { describedFormatSchema } from "./described-format.ts";
import { checkPattern, patternCharactersMax, patternLineBytesMax } from "./described-pattern.ts";
import type { ScaleReading } from "./protocol.ts";

type Written = z.input<typeof describedFormatSchema>;
const options = { checksum: "off" } as const;

const byPosition: Written = {
  frame: { start: "\u0002", end: "\r\n", lengthBytes: 16 },
  fields: {
    status: { from: 1, length: 1 },
    mode: { from: 2, length: 1 },
    sign: { from: 3, length: 1 },
    weight: { from: 4, length: 7 },
    unit: { from: 12, length: 2 },
  },
  status: { values: { S: "ok", M: "unstable", O: "overload", U: "underload", E: "error" } },
  net: { values: { N: true, G: false } },
  unit: { default: "kg", values: { LB: "lb" } },
  decimals: 2,
};

const byPattern: Written = {
  frame: { end: "\r\n" },
  pattern:
    "(?<status>ST|US|OL),(?<mode>GS|NT),\\s*(?<sign>[-+]?)\\s*(?<weight>[\\d.]+)\\s*(?<unit>[a-z]+)?\\s*",
  status: { values: { ST: "ok", US: "unstable", OL: "overload" } },
  net: { values: { NT: true, GS: false } },
  unit: { default: "kg" },
};

function heard(format: Written, text: string) {
  const protocol = createDescribedProtocol(describedFormatSchema.parse(format));
  const framer = protocol.createFramer(options);
  const found = [...framer.push(Buffer.from(text, "latin1")), ...framer.idle()];
  return found.flatMap((it) => (it.ok ? [protocol.parse(it.bytes, options)] : []));
}

test("parts by position: sign, decimals, unit, net and state", () => {
  expect(heard(byPosition, "\u0002SG-   1250 LB\r\n\u0002MN    0007   \r\n")).toEqual([
    { kind: "reading", status: "ok", weight: -12.5, unit: "lb", net: false },
    { kind: "reading", status: "unstable", weight: 0.07, unit: "kg", stable: false, net: true },
  ]);
});

test("a state that means no weight brings none, one that is not described is bad", () => {
  expect(heard(byPosition, "\u0002OG 9999999 kg\r\n")).toEqual([
    { kind: "reading", status: "overload", unit: "kg", net: false },
  ]);
  expect(heard(byPosition, "\u0002EG    0000 kg\r\n")).toMatchObject([
    { status: "error", code: "E" },
  ]);
  expect(heard(byPosition, "\u0002XG    1250 kg\r\n")).toEqual([
    { kind: "bad", reason: 'state "X" is not described' },
  ]);
  expect(heard(byPosition, "\u0002S?    1250 kg\r\n")).toMatchObject([{ kind: "bad" }]);
  expect(heard(byPosition, "\u0002SG  12 50  kg\r\n")).toMatchObject([{ kind: "bad" }]);
});

test("a byte lost in a frame by positions costs the frame, never shifts its digits", () => {
  const frame = "\u0002SG    1250 kg\r\n";
  for (let at = 0; at < frame.length; at += 1) {
    const [last, ...more] = heard(byPosition, frame.slice(0, at) + frame.slice(at + 1) + frame);
    expect(more).toEqual([]);
    expect(last).toMatchObject({ weight: 12.5 });
  }
});

test("parts by a pattern: it must fit the whole line", () => {
  expect(heard(byPattern, "ST,GS,   245.6 g\r\nUS,NT,-  12.5kg\r\nOL,GS,  0\r\n")).toEqual([
    { kind: "reading", status: "ok", weight: 245.6, unit: "g", net: false },
    { kind: "reading", status: "unstable", weight: -12.5, unit: "kg", stable: false, net: true },
    { kind: "reading", status: "overload", unit: "kg", net: false },
  ]);
  expect(heard(byPattern, "xST,GS,   245.6 g\r\nST,GS,   245.6 g x\r\nST,GS,1.2.3g\r\n")).toEqual([
    { kind: "bad", reason: "not as described" },
    { kind: "bad", reason: "not as described" },
    { kind: "bad", reason: "no weight" },
  ]);
});

test("with a start a frame that was cut off does not take the next one with it", () => {
  const format: Written = {
    frame: { start: "hex:02", end: "hex:03" },
    pattern: "(?<weight>[\\d,]+)",
    unit: { default: "g" },
  };
  expect(heard(format, "\u000212,\u000234,5\u0003")).toEqual([
    { kind: "reading", status: "ok", weight: 34.5, unit: "g" },
  ]);
});

const weighings = fc
  .record({
    digits: fc.integer({ min: -99_999, max: 99_999 }),
    unit: fc.constantFrom("kg", "lb"),
    net: fc.boolean(),
    status: fc.constantFrom("ok", "unstable"),
  })
  .map(
    ({ digits, ...rest }) =>
      ({ kind: "reading", weight: Number(`${digits}e-2`) + 0, ...rest }) as const,
  );

test.each([
  ["positions", byPosition],
  ["a pattern", byPattern],
])("what a simulated scale writes by %s is what is read", (_, format) => {
  const protocol = createDescribedProtocol(describedFormatSchema.parse(format));
  fc.assert(
    fc.property(weighings, (sent: ScaleReading) => {
      const text = Buffer.from(protocol.encode(sent)).toString("latin1");
      expect(heard(format, text)).toMatchObject([sent]);
    }),
  );
});

test("a start, an end and a command have at most eight bytes", () => {
  const parse = (end: string) => describedFormatSchema.safeParse({ ...byPattern, frame: { end } });
  expect(parse("hex:0102030405060708").success).toBe(true);
  expect(parse("hex:010203040506070809").success).toBe(false);
});

test("modes and commands are those that are described", () => {
  const protocol = createDescribedProtocol(
    describedFormatSchema.parse({ ...byPattern, commands: { poll: "W\r\n", zero: "hex:1B5A" } }),
  );
  expect(protocol.modes).toEqual(["stream", "poll"]);
  expect(protocol.command("zero")).toEqual(Uint8Array.from([0x1b, 0x5a]));
  expect(protocol.command("tare")).toBeUndefined();
  expect(protocol.hear(Buffer.from("W\r\nW"))).toEqual({ command: "poll", length: 3 });
  expect(protocol.hear(Buffer.from("W\r"))).toBeUndefined();
});

test.each<readonly [string, object]>([
  ["scale/format-end", { frame: {} }],
  ["scale/format-bytes", { frame: { end: "hex:0" } }],
  ["scale/format-bytes", { frame: { end: "€" } }],
  ["scale/format-parts", { pattern: undefined }],
  ["scale/format-parts", { fields: { weight: { from: 0, length: 4 } } }],
  ["scale/format-length", { pattern: undefined, fields: { weight: { from: 0, length: 4 } } }],
  ["scale/format-weight", { pattern: "ST,.*" }],
  ["scale/format-weight", { pattern: undefined, frame: { lengthBytes: 9 }, fields: {} }],
  [
    "scale/format-outside",
    { pattern: undefined, frame: { lengthBytes: 9 }, fields: { weight: { from: 4, length: 6 } } },
  ],
  ["scale/format-values", { status: undefined }],
  ["scale/format-unused", { stable: { values: { S: true } } }],
  [
    "scale/format-words",
    {
      status: {
        values: Object.fromEntries(
          [..."abcdefghijklmnopqrstuvwxyzABCDEFGHI"].map((it) => [it, "ok"]),
        ),
      },
    },
  ],
  ["scale/format-syntax", { pattern: "(?<weight>\\d+" }],
])("%s is found out when the configuration is checked", (message, change) => {
  const { error } = describedFormatSchema.safeParse({ ...byPattern, ...change });
  expect(error?.issues.map((issue) => issue.message)).toContain(message);
});

test.each([
  ["(?<weight>\\d+)(", "scale/format-syntax"],
  ["(?<weight>[z-a]+)", "scale/format-syntax"],
  ["*(?<weight>\\d+)", "scale/format-syntax"],
  ["(?<weight>\\d+)(?=g)", "scale/format-feature"],
  ["(?<!g)(?<weight>\\d+)", "scale/format-feature"],
  ["(?<weight>\\d+)\\1", "scale/format-feature"],
  ["(?<mass>\\d+)", "scale/format-feature"],
  ["(?<weight>\\d)(?<weight>\\d)", "scale/format-feature"],
  ["(?<weight>(?:\\d+)+)", "scale/format-nested"],
  ["(?<weight>(?:0|00)*)", "scale/format-nested"],
  ["(?:(?:a?)b)*(?<weight>\\d)", "scale/format-nested"],
  ["(?<weight>\\d{1,500})", "scale/format-many"],
  [`(?<weight>\\d)${"a*".repeat(13)}`, "scale/format-many"],
  [`(?<weight>\\d)${"x".repeat(patternCharactersMax)}`, "scale/format-many"],
  [`(?<weight>[ \\d]+)${"[ \\d]*".repeat(7)}x`, "scale/format-slow"],
])("the pattern %s is refused: %s", (pattern, problem) => {
  expect(checkPattern(pattern)).toBe(problem);
});

test("a pattern that is taken refuses any line quickly", () => {
  const taken = checkPattern(
    "\\s*(?<status>[A-Z]+)?,?\\s*(?<sign>[-+]?)\\s*(?<weight>\\d+(?:\\.\\d+)?)\\s*(?<unit>[a-z]+)?\\s*",
  );
  if (typeof taken === "string") throw new Error(taken);
  expect(taken.read("ST, - 12.50 kg")).toMatchObject({
    status: "ST",
    sign: "-",
    weight: "12.50",
    unit: "kg",
  });
  const startedMs = processorMs();
  for (const filling of [" ", "0", "A", "a", "0.", " 0", "A,"])
    expect(taken.read(`${filling.repeat(40).slice(0, patternLineBytesMax - 1)}!`)).toBeUndefined();
  expect(processorMs() - startedMs).toBeLessThan(2_000);
  expect(taken.read(`${" ".repeat(patternLineBytesMax)}1`)).toBeUndefined();
});
