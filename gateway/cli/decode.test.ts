import { expect, test } from "vitest";
import { memoryIo } from "../../tests/support/command-io.ts";
import { runCommand } from "./command.ts";
import { decodeCommand } from "./decode.ts";

async function decode(...args: readonly string[]) {
  const { io, seen } = memoryIo();
  await runCommand(decodeCommand(io), args, io);
  const frames: unknown[] = args.includes("--json")
    ? seen.out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]))
    : [];
  return { ...seen, frames };
}

const question = "010400010002200B";
const answer = "010404011D027F2AFE";

test("each frame is one JSON object, right or not, in the order of the arguments", async () => {
  const { frames, code } = await decode("modbus-rtu", question, "01040202223848", answer, "--json");
  expect(frames).toMatchObject([
    { protocol: "modbus-rtu", ok: true, kind: "request" },
    { protocol: "modbus-rtu", ok: false, reason: "crc" },
    { protocol: "modbus-rtu", ok: true, registers: [285, 639] },
  ]);
  expect(code).toBe(0);
});

test("bytes may be pasted with blanks, 0x and commas, and a frame may come in parts", async () => {
  const spaced = (answer.match(/../g) ?? []).map((it) => `0x${it},`);
  for (const parts of [spaced, [spaced.join(" ")], [answer.slice(0, 6), answer.slice(6)]]) {
    const { frames } = await decode("Modbus", ...parts, "--json");
    expect(frames).toMatchObject([{ ok: true, registers: [285, 639] }]);
  }
});

test("without --json a line is for people", async () => {
  const { out } = await decode("modbus", answer, "0104");
  expect(out).toContain("kind=answer");
  expect(out).toContain("NOT OK: the frame is cut off  [0104]");
});

test("an unknown protocol and what is no hex are told with what to do", async () => {
  expect(await decode("modbus-rtp", "00")).toMatchObject({
    code: 2,
    err: expect.stringContaining("Did you mean modbus-rtu?"),
  });
  expect((await decode("modbus", "01XY")).err).toContain('"X" in "01XY" is no hex digit');
  expect((await decode("modbus", "", "--json")).frames).toMatchObject([{ ok: false }]);
});
