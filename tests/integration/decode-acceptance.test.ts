import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runCommand } from "../../gateway/cli/command.ts";
import { decodeCommand } from "../../gateway/cli/decode.ts";
import { memoryIo } from "../support/command-io.ts";

type Frame = Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly expect: readonly Frame[];
}

const file = new URL("../fixtures/protocols/acceptance.json", import.meta.url);
const { protocols }: { readonly protocols: Readonly<Record<string, readonly Case[]>> } = JSON.parse(
  readFileSync(file, "utf8"),
);

async function decode(...words: readonly string[]): Promise<readonly Frame[]> {
  const { io, seen } = memoryIo();
  await runCommand(decodeCommand(io), [...words, "--json"], io);
  expect(seen).toMatchObject({ err: "", code: 0 });
  return seen.out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

const some = (type: string) =>
  expect.toSatisfy((value) => value === null || typeof value === type, `null or a ${type}`);

/** What scripts may rely on in each language alike. */
function expectFields(frame: Frame, where: string): void {
  expect(frame, where).toMatchObject({ protocol: expect.any(String), ok: expect.any(Boolean) });
  if (frame["ok"] === false) {
    expect(frame, where).toMatchObject({ reason: expect.stringMatching(/\S/) });
    return;
  }
  if ("weight" in frame)
    expect(frame, where).toMatchObject({
      weight: some("number"),
      unit: some("string"),
      stable: some("boolean"),
      net: some("boolean"),
      status: expect.any(String),
    });
  if ("epc" in frame && frame["protocol"] !== "epc" && frame["epc"] !== null)
    expect(frame, where).toMatchObject({
      epc: expect.stringMatching(/^(?:[0-9A-F]{2})*$/),
      rssi: some("number"),
      antenna: some("number"),
    });
}

test.each(Object.entries(protocols))(
  "%s: each frame is one object with its meaning, each damaged one has a reason",
  async (protocol, cases) => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
    for (const { name, args, expect: wanted } of cases) {
      const frames = await decode(protocol, ...args);
      const where = `${protocol}: ${name}: ${args.join(" ")}`;
      expect(frames, where).toMatchObject(wanted);
      for (const frame of frames) expectFields(frame, where);
    }
  },
);
