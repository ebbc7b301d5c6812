import { expect, test } from "vitest";
import { fromHex } from "../../hex.ts";
import { decodeUhfReader } from "./decode.ts";
import { buildUhfReader } from "./frame.ts";

function decode(address: number, command: number, hex: string) {
  return decodeUhfReader(buildUhfReader(address, command, fromHex(hex)))[0];
}

const epc = "E28068940000400A9D22A9EB";

test.each([
  ["plain inventory", 0, 0x01, "", "command"],
  ["inventory of a 288 with all settings", 0, 0x01, "0F0001000000008014", "command"],
  ["Q 4 and session 0, which could be a full memory without a tag", 0, 0x01, "0400", "command"],
  ["power to 26 dBm", 0, 0x2f, "1A", "command"],
  ["band", 0, 0x22, "3180", "command"],
  ["a command to all", 0xff, 0x25, "00", "command"],
  ["return loss of an antenna", 0, 0x91, "000DF73200", "command"],
  ["settings taken", 0, 0x2f, "00", "response"],
  ["end of an inventory", 0, 0x01, "010100", "response"],
  ["no tag", 0, 0x01, "FB", "no-tag"],
  ["antenna error", 0, 0x01, "F8", "error"],
  ["command unknown", 0, 0x92, "FE", "error"],
  ["heartbeat", 0, 0xee, `28${"00".repeat(16)}`, "notice"],
])("%s is told from its content", (_what, address, command, hex, type) => {
  expect(decode(address, command, hex)).toMatchObject({ ok: true, type });
});

test("a realtime report has one tag, with the antennas that saw it", () => {
  expect(decode(0, 0xee, `00050C${epc}4D`)).toMatchObject({
    ok: true,
    type: "tag",
    epc,
    rssi: 77,
    antenna: 1,
    antennas: [1, 3],
  });
  expect(decode(0, 0xee, `00${epc}`)).toMatchObject({
    type: "tag",
    epc,
    rssi: null,
    antenna: null,
  });
});

test("EPC and TID in one are told apart", () => {
  const tid = "E2801160200074D1B2D60AA1";
  expect(decode(0, 0x01, `010401${"98"}${epc}${tid}40`)).toMatchObject({
    type: "tag",
    epc,
    tid,
    rssi: 64,
    antenna: 3,
  });
});

test("several tags of an 18, also when their zeros could be lengths and RSSI of a 288", () => {
  const [first, second] = [`01${"00".repeat(11)}`, "00".repeat(12)];
  const frame = decode(0, 0x01, `01020C${first}0C${second}`);
  expect(frame).toMatchObject({ ok: true, variant: 18, epc: first, rssi: null });
  expect(frame?.["tags"]).toMatchObject([{ epc: first }, { epc: second }]);
});

test("temperature below zero, and return loss", () => {
  expect(decode(0, 0x92, "00000B")).toMatchObject({ ok: true, temperatureCel: -11 });
  expect(decode(0, 0x91, "0011")).toMatchObject({ ok: true, returnLossDb: 17 });
});
