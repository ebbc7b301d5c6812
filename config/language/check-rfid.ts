import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {
  "rfid/antenna-twice": "this antenna belongs to another device already: it looks at one place",
  "rfid/antennas-needed":
    "several devices share this reader: each names its antennas, for example antennas: [1]",
  "rfid/network-only": "this reader is reached by network only: tcp://host:port",
  "rfid/no-radio": "readers of this protocol have no such setting",
  "rfid/point-unknown":
    "a reader has the points count, tags, arrived, left, last, last-uri, last-antenna, last-rssi, last-first-seen, last-seen, last-reads, reads, ghosts, ghost-reason, reader, antenna, temperature, return-loss",
  "rfid/region-needed":
    "this reader transmits only by the rules of a country, which are never guessed: add region",
};

const zh: typeof en = {
  "rfid/antenna-twice": "该天线已属于另一个设备：一个天线只对应一个位置",
  "rfid/antennas-needed": "多个设备共用此读写器：每个设备都要写明天线，例如 antennas: [1]",
  "rfid/network-only": "此读写器只能通过网络连接：tcp://主机:端口",
  "rfid/no-radio": "使用此协议的读写器没有这项设置",
  "rfid/point-unknown":
    "读写器的点有 count、tags、arrived、left、last、last-uri、last-antenna、last-rssi、last-first-seen、last-seen、last-reads、reads、ghosts、ghost-reason、reader、antenna、temperature、return-loss",
  "rfid/region-needed": "此读写器必须按所在国家的无线电规定发射，系统从不猜测：请添加 region",
};

/** What is said about the checks of the driver `rfid`. */
export const checkRfidText: Texts<typeof en> = { en, zh };
