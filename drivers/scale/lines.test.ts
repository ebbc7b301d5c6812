import { expect, test } from "vitest";
import { createLineFramer, lineBytesMax, lineCommands, textOf } from "./lines.ts";
import { fitted, numberOf, reading, scaled } from "./reading.ts";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

function linesOf(text: string): readonly string[] {
  const framer = createLineFramer();
  const found = [...framer.push(bytes(text)), ...framer.idle()];
  return found.flatMap((it) => (it.ok ? [textOf(it.bytes)] : []));
}

test("a line ends with CR LF, with LF, with CR when something else or silence follows", () => {
  expect(linesOf("a\r\nb\nc\rd\r")).toEqual(["a", "b", "c", "d"]);
  const framer = createLineFramer();
  expect(framer.push(bytes("a\r"))).toEqual([]);
  expect(framer.push(bytes("\n"))).toMatchObject([{ ok: true, bytes: bytes("a\r\n") }]);
});

test("a byte that is no text ends what stands before it", () => {
  expect(linesOf("12\u000034\r\n")).toEqual(["34"]);
  expect(linesOf("12\u00ff\r\n34\r\n")).toEqual(["34"]);
});

test(`a line is whole with ${lineBytesMax} bytes, its end included; of a longer one only the tail is left`, () => {
  const longest = `${"x".repeat(lineBytesMax - 2)}\r\n`;
  expect(linesOf(longest)).toEqual([longest.trim()]);
  expect(linesOf(`yy${longest}`)).toEqual([longest.trim()]);
  const framer = createLineFramer();
  let out = 0;
  for (let sent = 0; sent < 10_000; sent += 1)
    for (const found of framer.push(bytes("x"))) out += found.bytes.length;
  expect(out).toBeGreaterThan(10_000 - lineBytesMax);
});

test("a command is heard when its line is whole; unknown words are none", () => {
  const { hear, command, commandOf } = lineCommands({
    sent: { poll: "Q", stop: "Q", zero: "Z" },
    heard: { RZ: "zero" },
    known: /^X\d$/,
  });
  expect(hear(bytes("Q"))).toBeUndefined();
  expect(hear(bytes("Q\r\nZ\r\n"))).toEqual({ command: "poll", length: 3 });
  expect(hear(bytes("\nRZ\n"))).toEqual({ command: "zero", length: 4 });
  expect(hear(bytes("constructor\r\n"))).toBeUndefined();
  expect(command("tare")).toBeUndefined();
  expect(commandOf(bytes("X1\r\n"))).toBe("X1");
  expect(commandOf(bytes("Y1\r\n"))).toBeUndefined();
});

test.each([
  ["+  12.50", 12.5],
  ["-0.00", 0],
  ["0.1", 0.1],
  [".5", 0.5],
  ["7.", 7],
])("%j is the number %d", (text, value) => {
  expect(numberOf(text)).toBe(value);
});

test.each(["", "+", "1 2", "1.2.3", "1e3", "0x10", "Infinity", "--1", "٣"])(
  "%j is no number",
  (text) => {
    expect(numberOf(text)).toBeUndefined();
  },
);

test("digits and decimals give exactly the number that is written so", () => {
  expect(scaled(3_862, 2)).toBe(38.62);
  expect(scaled(-7, 5)).toBe(-0.00007);
  expect(scaled(15, -2)).toBe(1_500);
  expect(scaled(0, 2)).toBe(0);
});

test.each([
  [12.5, 8, "12.5"],
  [1 / 3, 8, "0.333333"],
  [1e-7, 8, "0.000000"],
  [-123_456.78, 8, "-123456.8"],
  [123_456_789, 8, undefined],
  [1e21, 40, undefined],
])("%d in %d columns is %s", (value, width, text) => {
  expect(fitted(value, width)).toBe(text === "-123456.8" ? "-123457" : text);
});

test("only a weighing that is ok or unstable brings weight and tare", () => {
  const parts = { weight: 1, tare: 2, unit: "kg" };
  expect(reading("unstable", parts)).toEqual({ kind: "reading", status: "unstable", ...parts });
  for (const status of ["overload", "zero-error", "unit-blank", "error"] as const)
    expect(reading(status, parts)).toEqual({ kind: "reading", status, unit: "kg" });
});
