import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Framed } from "../../framing/framer.ts";
import { decodeLlrp } from "./decode.ts";
import { joined, long, message, microseconds, octets, parameter, text, word } from "./encode.ts";
import { createMessageFramer, messageBytesMax, readHeader } from "./frame.ts";
import { readMessage } from "./message.ts";
import { messageKinds } from "./message-kind.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

interface Vectors {
  readonly messages: readonly {
    hex: string;
    name: string;
    id?: number;
    epc?: string;
    firstSeenMs?: number;
  }[];
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../tests/fixtures/protocols/llrp.json"), "utf8"),
) as Vectors;

test.each(vectors.messages)("$name $hex is decoded", ({ hex, firstSeenMs, ...expected }) => {
  const decoded = decodeLlrp(bytes(hex));
  expect(decoded).toMatchObject([
    {
      ok: true,
      hex,
      version: 1,
      ...expected,
      ...(firstSeenMs === undefined ? {} : { firstSeen: new Date(firstSeenMs).toISOString() }),
      ...("epc" in expected ? { epcs: [expected.epc] } : {}),
    },
  ]);
});

test("every type of message has its name", () => {
  for (const { type, name, fieldBytes } of messageKinds.values()) {
    const frame = message(name, 7, new Uint8Array(fieldBytes));
    expect(decodeLlrp(frame)).toMatchObject([{ hex: expect.any(String) }]);
    expect(readHeader(frame)).toMatchObject({ kind: { type, name }, id: 7 });
  }
});

const report = (...content: readonly Uint8Array[]) =>
  message("RO_ACCESS_REPORT", 1, parameter(240, ...content));
const epc96 = parameter(13, bytes("3005FB63AC1F3841EC880467"));

test("all fields of a report are shown; unknown parameters and makers' own are passed over", () => {
  const frame = report(
    epc96,
    parameter(9, long(123)),
    parameter(14, word(1)),
    parameter(10, word(2)),
    parameter(1, word(4)),
    parameter(6, octets(0xc4)),
    parameter(7, word(3)),
    parameter(2, microseconds(1_700_000_000_000)),
    parameter(4, microseconds(1_700_000_001_500)),
    parameter(3, microseconds(5_000)),
    parameter(8, word(9)),
    parameter(12, word(0x3000)),
    parameter(11, word(0xeb98)),
    parameter(16, long(77)),
    parameter(349, octets(0, 0, 1, 0, 0)),
    parameter(900, octets(1, 2, 3)),
    parameter(1023, long(25_882), long(57), octets(1)),
  );
  expect(decodeLlrp(frame)).toMatchObject([
    {
      ok: true,
      type: 61,
      name: "RO_ACCESS_REPORT",
      epc: "3005FB63AC1F3841EC880467",
      antenna: 4,
      rssi: -60,
      tags: [
        {
          channel: 3,
          count: 9,
          roSpecId: 123,
          accessSpecId: 77,
          firstSeen: "2023-11-14T22:13:20.000Z",
          lastSeen: "2023-11-14T22:13:21.500Z",
          firstSeenUptimeMs: 5_000,
          pc: "3000",
          crc: "EB98",
          vendors: [25_882],
        },
      ],
    },
  ]);
});

test("several tags of one report come in their order", () => {
  const tag = (epc: string) =>
    parameter(240, parameter(241, word(epc.length * 4), bytes(epc)), parameter(1, word(2)));
  const frame = message(
    "RO_ACCESS_REPORT",
    1,
    tag("E200"),
    tag("1FB41F712AC9C37AB79D618173188324001A"),
  );
  expect(decodeLlrp(frame)).toMatchObject([
    { epcs: ["E200", "1FB41F712AC9C37AB79D618173188324001A"], epc: "E200", antenna: 2, rssi: null },
  ]);
  expect(decodeLlrp(message("RO_ACCESS_REPORT", 1))).toMatchObject([
    { ok: true, epcs: [], tags: [] },
  ]);
});

const event = (...content: readonly Uint8Array[]) =>
  message(
    "READER_EVENT_NOTIFICATION",
    1,
    parameter(246, parameter(129, microseconds(1)), ...content),
  );

test.each([
  [[256, word(0)], { event: "ConnectionAttemptEvent", code: 0, status: "Success" }],
  [[256, word(2)], { code: 2, status: "Failed: another client is connected already" }],
  [[256, word(9)], { code: 9, status: "Failed with code 9" }],
  [[255, octets(0, 0, 3)], { event: "AntennaEvent", antenna: 3, connected: false }],
  [[255, octets(1, 0, 3)], { antenna: 3, connected: true }],
  [[252, text("PA hot")], { event: "ReaderExceptionEvent", text: "PA hot" }],
  [[251], { event: "ReportBufferOverflowErrorEvent" }],
  [[250, octets(80)], { event: "ReportBufferLevelWarningEvent", percent: 80 }],
  [[249, octets(1), long(5), long(0)], { event: "ROSpecEvent", roSpecId: 5, status: "ended" }],
  [[257], { event: "ConnectionCloseEvent" }],
  [[248, word(2), octets(0x80)], { event: "GPIEvent", port: 2, high: true }],
] as const)("event %j is told as %j", ([type, ...content], expected) => {
  expect(decodeLlrp(event(parameter(type, ...content)))).toMatchObject([{ ok: true, ...expected }]);
});

test("what a reader refuses is told with its words and the place", () => {
  const fieldError = parameter(288, word(2), word(301));
  const status = parameter(
    287,
    word(200),
    text("bad antenna"),
    parameter(289, word(222), word(201), fieldError),
  );
  expect(decodeLlrp(message("ADD_ROSPEC_RESPONSE", 3, status))).toMatchObject([
    {
      ok: true,
      status: "P_ParameterError",
      statusCode: 200,
      description: "bad antenna",
      details: ["parameter 222: P_FieldError", "field 2: A_OutOfRange"],
    },
  ]);
});

describe("what is wrong is refused with a reason", () => {
  const keepalive = "043E0000000A00000001";
  test.each([
    ["a message that is cut off", `${vectors.messages[0]?.hex}`.slice(0, -2), "cut off"],
    ["a header that is cut off", "043D0000", "cut off"],
    ["a length below the header's", "043D0000000900000001", "of 9 bytes"],
    ["a message with content that has none", "043E0000000B0000000100", "of 11 bytes"],
    ["a length above the limit", "043DFFFFFFFF00000001", "longer than"],
    ["another version", "1C3D0000000A00000001", "version 7"],
    ["an unknown type", "05000000000A00000001", "type 256"],
    ["a parameter beyond the end", "043D0000000E0000000100F00005", "1 bytes over"],
    ["a parameter shorter than its header", "043D0000000E0000000100F00003", "of 3 bytes"],
    ["half a parameter header", "043D0000000D0000000100F000", "header is cut"],
    ["a short parameter of unknown length", "043D0000000C00000001FF00", "unknown length"],
    ["reserved bits in a parameter", "043D0000000E0000000140F00004", "reserved bits"],
    ["a report without EPC", "043D0000000E0000000100F00004", "without EPC"],
    [
      "an EPC of another length than it says",
      "043D000000160000000100F0000C00F10008007011223344".slice(0, 44),
      "bits in",
    ],
    ["a parameter that overruns its tag", "043D000000120000000100F0000800F10008", "over the end"],
    ["an event without data", "043F0000000A00000001", "without its data"],
    ["an answer without status", "041E0000000A00000001", "LLRPStatus"],
  ])("%s", (_, hex, reason) => {
    const decoded = decodeLlrp(bytes(hex));
    expect(decoded[0]).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });

  test("and the next message is found", () => {
    const bad = "043D0000000E0000000100F00005";
    const decoded = decodeLlrp(bytes(`FF${bad}${keepalive}00${keepalive}`));
    expect(decoded.map(({ ok, name }) => (ok ? name : "noise"))).toEqual([
      "noise",
      "KEEPALIVE",
      "noise",
      "KEEPALIVE",
    ]);
  });
});

test("however the stream is cut, the messages are the same", () => {
  const frames = fc.array(fc.constantFrom(...vectors.messages.map(({ hex }) => hex)), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      frames,
      fc.uint8Array({ maxLength: 12 }),
      fc.infiniteStream(fc.nat(40)),
      (all, noise, cuts) => {
        const stream = joined([
          bytes(all.slice(0, 3).join("")),
          noise,
          bytes(all.slice(3).join("")),
        ]);
        const framer = createMessageFramer();
        const found: Framed[] = [];
        let at = 0;
        for (const length of cuts) {
          if (at >= stream.length) break;
          found.push(...framer.push(stream.subarray(at, at + length + 1)));
          at += length + 1;
        }
        found.push(...framer.idle());
        const whole = createMessageFramer();
        const good = (list: typeof found) =>
          list.filter(({ ok }) => ok).map((it) => Buffer.from(it.bytes).toString("hex"));
        expect(good(found)).toEqual(good([...whole.push(stream), ...whole.idle()]));
      },
    ),
  );
});

test("noise between messages never loses a later one", () => {
  const frames = vectors.messages.map(({ hex }) => bytes(hex));
  // Noise that itself begins like a message may take in what follows; here it does not.
  const noise = fc.uint8Array({ maxLength: 30 }).map((list) => list.map((byte) => byte | 0x80));
  fc.assert(
    fc.property(fc.array(noise, { minLength: 3, maxLength: 3 }), fc.nat(), (noises, pick) => {
      const parts = noises.flatMap((it, at) => [it, frames[(pick + at) % frames.length] ?? it]);
      const framer = createMessageFramer();
      const found = [...framer.push(joined(parts)), ...framer.idle()];
      expect(found.filter(({ ok }) => ok)).toHaveLength(3);
    }),
  );
});

test("whatever a message holds, it is read or refused", () => {
  const types = fc.constantFrom(...messageKinds.keys());
  const tlv = fc
    .tuple(
      fc.constantFrom(240, 241, 246, 252, 255, 256, 287, 288, 289, 177, 1023, 1, 6, 13),
      fc.uint8Array({ maxLength: 24 }),
    )
    .map(([type, content]) => parameter(type, content));
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(tlv, { maxLength: 5 }).map(joined),
  );
  fc.assert(
    fc.property(types, body, (type, content) => {
      const { name = "" } = messageKinds.get(type) ?? {};
      const frame = message(name, 1, content);
      for (const decoded of decodeLlrp(frame)) {
        expect(decoded.ok || decoded.reason !== "").toBe(true);
        expect(JSON.parse(JSON.stringify(decoded))).toEqual(decoded);
      }
      expect(["string", "object"]).toContain(typeof readMessage(frame));
    }),
    { numRuns: 3_000 },
  );
});

test("a header that promises more than the limit is given up at once, and one below it at the limit", () => {
  const framer = createMessageFramer();
  const over = joined([word(0x043d), long(messageBytesMax + 1), long(1)]);
  expect(framer.push(over).every(({ ok }) => !ok)).toBe(true);
  const most = joined([word(0x043d), long(messageBytesMax), long(1), word(900), word(65_535)]);
  expect(createMessageFramer().push(most)).toEqual([]);
});
