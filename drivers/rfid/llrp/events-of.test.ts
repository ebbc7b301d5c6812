import { expect, test } from "vitest";
import { tagCrc } from "../../epc/pc.ts";
import { joined, message, microseconds, octets, parameter, text, word } from "./encode.ts";
import { eventsOf } from "./events-of.ts";
import { readMessage } from "./message.ts";

const nowMs = Date.UTC(2026, 0, 10);
const epcHex = "E20010710000529B0940B402";
const epc = Uint8Array.from(Buffer.from(epcHex, "hex"));

function eventsFrom(frame: Uint8Array) {
  const read = readMessage(frame);
  if (typeof read === "string") throw new Error(read);
  return eventsOf(read, nowMs);
}

function reported(...more: readonly Uint8Array[]) {
  return eventsFrom(message("RO_ACCESS_REPORT", 1, parameter(240, parameter(13, epc), ...more)));
}

test("a tag whose own CRC is right is read", () => {
  const events = reported(parameter(12, word(0x3000)), parameter(11, word(0xeb98)));
  expect(events).toEqual([{ is: "read", read: { epc: epcHex, pc: "3000" } }]);
});

test("a tag whose own CRC is wrong is a ghost", () => {
  const events = reported(parameter(12, word(0x3000)), parameter(11, word(0xeb99)));
  expect(events).toEqual([{ is: "ghost", reason: "tag-crc", epc: epcHex }]);
});

test("a control word of another length than the EPC is a ghost", () => {
  const pc = word(0x4000);
  const crc = tagCrc(joined([pc, epc]));
  const events = reported(parameter(12, pc), parameter(11, word(crc)));
  expect(events).toEqual([{ is: "ghost", reason: "pc-length", epc: epcHex }]);
});

test("antenna 0 and count 0 say nothing", () => {
  const events = reported(parameter(1, word(0)), parameter(8, word(0)), parameter(6, octets(0xff)));
  expect(events).toEqual([{ is: "read", read: { epc: epcHex, rssiDbm: -1 } }]);
});

test.each([
  [nowMs - 3_600_000, true],
  [nowMs + 3_600_000, true],
  [nowMs - 2 * 86_400_000, false],
  [nowMs + 2 * 86_400_000, false],
])("the reader's time %i is believed: %s", (seenMs, isBelieved) => {
  const [event] = reported(parameter(2, microseconds(seenMs)));
  expect(event).toEqual({
    is: "read",
    read: { epc: epcHex, ...(isBelieved ? { seenAt: seenMs } : {}) },
  });
});

test("an empty report and a sign of life are alive, a broken report is a fault", () => {
  expect(eventsFrom(message("RO_ACCESS_REPORT", 1))).toEqual([{ is: "alive" }]);
  expect(eventsFrom(message("KEEPALIVE", 1))).toEqual([{ is: "alive" }]);
  const broken = message("RO_ACCESS_REPORT", 1, parameter(240, octets(0)));
  expect(eventsFrom(broken)).toEqual([{ is: "fault", reason: "bad-report" }]);
});

test("a start that is refused is a fault with the reader's words", () => {
  const status = (code: number) => parameter(287, word(code), text("no antenna"));
  expect(eventsFrom(message("START_ROSPEC_RESPONSE", 1, status(401)))).toEqual([
    { is: "fault", reason: "R_DeviceError: no antenna" },
  ]);
  expect(eventsFrom(message("START_ROSPEC_RESPONSE", 1, status(0)))).toEqual([{ is: "alive" }]);
});
