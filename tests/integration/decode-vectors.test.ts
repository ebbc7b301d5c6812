import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findProtocol } from "../../drivers/protocols.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { decodeCommand } from "../../gateway/cli/decode.ts";
import { memoryIo } from "../support/command-io.ts";

type Frame = Readonly<Record<string, unknown>>;

const folder = new URL("../fixtures/protocols/", import.meta.url);

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

async function decode(...words: readonly string[]): Promise<readonly Frame[]> {
  const { io, seen } = memoryIo();
  await runCommand(decodeCommand(io), [...words, "--json"], io);
  expect(seen.err).toBe("");
  return seen.out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

interface Expected {
  readonly protocol?: string;
  readonly hex: string;
  readonly expect: Frame;
}

const readers: readonly (readonly [file: string, protocol: string])[] = [
  ["uhf-r200.json", "r200"],
  ["uhf-thingmagic.json", "thingmagic"],
  ["uhf-uhfreader.json", "uhfreader288"],
  ["uhf-swct.json", "swct"],
  ["lf-125khz.json", "rdm6300"],
];

describe.each(readers)("%s", (file, name) => {
  test("each frame of a reader is one object, right ones with their meaning, wrong ones with a reason", async () => {
    for (const { protocol = name, hex, expect: wanted } of fixture<readonly Expected[]>(file)) {
      const frames = await decode(protocol, hex);
      expect(frames, hex).toHaveLength(1);
      expect(frames[0], hex).toMatchObject({ protocol, ok: wanted["ok"] });
      if (wanted["ok"] === true) expect(frames[0], hex).toMatchObject(wanted);
      else expect(frames[0]?.["reason"], hex).toMatch(/\S/);
    }
  });
});

test("every weighing of the vectors is decoded, every damaged one refused with a reason", async () => {
  const { good, refused } = fixture<{
    readonly good: readonly { protocol: string; hex: string; decoded: Frame }[];
    readonly refused: readonly { protocol: string; hex: string }[];
  }>("scales.json");
  for (const { protocol, hex, decoded } of good)
    expect(await decode(protocol, hex), hex).toMatchObject([decoded]);
  for (const { protocol, hex } of refused) {
    const frames = await decode(protocol, hex);
    expect(frames.length, hex).toBeGreaterThan(0);
    for (const frame of frames)
      expect(frame, hex).toMatchObject({ ok: false, reason: expect.stringMatching(/\S/) });
  }
});

test("every message of a recorded LLRP stream is decoded, also when all of them come as one", async () => {
  const { messages } = fixture<{
    readonly messages: readonly { hex: string; name: string; id: number; epc?: string }[];
  }>("llrp.json");
  const wanted = messages.map(({ name, epc }) => ({
    ...{ ok: true, name },
    ...(epc === undefined ? {} : { epcs: [epc] }),
  }));
  expect(await decode("llrp", ...messages.map(({ hex }) => hex))).toMatchObject(wanted);
  expect(await decode("llrp", messages.map(({ hex }) => hex).join(""))).toMatchObject(wanted);
});

test("every EPC of the standard's examples is decoded, every wrong one refused, foreign ones are raw", async () => {
  const { good, raw, bad } =
    fixture<Readonly<Record<"good" | "raw" | "bad", readonly { hex: string; tagUri?: string }[]>>>(
      "epc.json",
    );
  for (const { hex, tagUri } of good)
    expect(await decode("epc", hex), hex).toMatchObject([{ ok: true, tagUri }]);
  for (const { hex } of raw)
    expect(await decode("epc", hex), hex).toMatchObject([{ ok: true, scheme: "raw" }]);
  for (const { hex } of bad) {
    const reason = expect.stringMatching(/\S/);
    expect(await decode("epc", hex), hex).toMatchObject([{ ok: false, reason }]);
  }
});

test("a tag's URI and a GS1 element string are typed as they are", async () => {
  expect(await decode("epc", "urn:epc:tag:sgtin-96:3.0614141.812345.6789")).toMatchObject([
    { ok: true, hex: "3074257BF7194E4000001A85" },
  ]);
  expect(await decode("epc", "(01)80614141123458(17)270300(10)A2301")).toMatchObject([
    { ok: true, gtin: "80614141123458", expires: "2027-03-31", lot: "A2301" },
  ]);
});

test.each([
  ["R200/YRM100/M100 BB..7E", "r200"],
  ["ThingMagic Mercury serial (FF)", "thingmagic"],
  ["UHFReader18/288 (Chafon etc.)", "uhfreader288"],
  ["SW/CT (53 57 / 43 54) UHF reader", "swct"],
  ["RDM6300/EM4100 ASCII", "rdm6300"],
  ["ID-12LA ASCII", "rdm6300"],
  ["WL-134 FDX-B 134.2 kHz", "wl134"],
  ["LLRP 1.0.1", "llrp"],
  ["MT-SICS", "mt-sics"],
  ["A&D standard", "and"],
  ["T-Scale ST,GS", "t-scale"],
  ["OHAUS (Scout/Navigator)", "ohaus"],
  ["Sartorius SBI 16", "sartorius"],
  ["Sartorius SBI", "sartorius"],
  ["CAS 22 byte", "cas"],
  ["Toledo continuous", "toledo"],
  ["Keli D2008 STX..ETX", "keli"],
  ["Modbus RTU", "modbus-rtu"],
  ["Modbus TCP", "modbus-tcp"],
  ["EPC", "epc"],
])("%s is a word for %s", (word, name) => {
  expect(findProtocol(word)?.name).toBe(name);
});
