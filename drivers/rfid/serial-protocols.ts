import type { SerialSettings } from "../connect.ts";
import { createEm4100Framer, decodeEm4100, readEm4100 } from "./lf/em4100.ts";
import { createFdxBFramer, decodeFdxB, readFdxB } from "./lf/fdx-b.ts";
import type { ReaderProtocol } from "./protocol.ts";
import { decodeR200 } from "./r200/decode.ts";
import { createR200Framer } from "./r200/frame.ts";
import { decodeSwct } from "./swct/decode.ts";
import { createSwctFramer } from "./swct/frame.ts";
import { decodeMercury } from "./thingmagic/decode.ts";
import { createMercuryFramer } from "./thingmagic/frame.ts";
import { decodeUhfReader } from "./uhfreader/decode.ts";
import { createUhfReaderFramer } from "./uhfreader/frame.ts";

function line(baudRate: number, stopBits: 1 | 2 = 1): SerialSettings {
  return { baudRate, dataBits: 8, parity: "none", stopBits };
}

const r200: ReaderProtocol = {
  name: "r200",
  aliases: ["r200/yrm100/m100", "yrm100", "m100", "jrd-4035", "jrd-100", "r200/yrm100/m100 bb..7e"],
  title: "R200, YRM100, M100, JRD-4035, M5Stack UHF",
  serial: line(115_200),
  hasRadioSettings: true,
  needsRegion: false,
  decode: decodeR200,
  open: async (connection, settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { r200Conversation } = await import("./r200/link.ts");
    return openLink(r200Conversation(settings), createR200Framer(), connection, context, signal);
  },
};

const thingmagic: ReaderProtocol = {
  name: "thingmagic",
  aliases: [
    "mercury",
    "thingmagic mercury serial (ff)",
    "m5e",
    "m6e",
    "m6e-nano",
    "m7e",
    "silion",
    "moduletech",
  ],
  title: "ThingMagic, Jadak M5e, M6e, M6e Nano, M7e; Silion, ModuleTech",
  serial: line(115_200),
  hasRadioSettings: true,
  needsRegion: true,
  decode: decodeMercury,
  open: async (connection, settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { mercuryConversation } = await import("./thingmagic/link.ts");
    const framer = createMercuryFramer("response");
    return openLink(mercuryConversation(settings), framer, connection, context, signal);
  },
};

/** Both generations share commands and frames; the reader's information tells which it is. */
const uhfreader = {
  serial: line(57_600),
  tcpPort: 6_000,
  hasRadioSettings: true,
  needsRegion: false,
  decode: decodeUhfReader,
  open: async (connection, settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { uhfConversation } = await import("./uhfreader/link.ts");
    return openLink(
      uhfConversation(settings),
      createUhfReaderFramer(),
      connection,
      context,
      signal,
    );
  },
} satisfies Partial<ReaderProtocol>;

const uhfreader18: ReaderProtocol = {
  ...uhfreader,
  name: "uhfreader18",
  aliases: ["chafon-18", "cf-ru5102", "rru9816", "frd950", "iqrfid-5102"],
  title: "UHFReader18, Chafon CF-RU5102, RRU9816, FRD950, IQRFID-5102",
};

const uhfreader288: ReaderProtocol = {
  ...uhfreader,
  name: "uhfreader288",
  aliases: [
    "uhfreader",
    "uhfreader18/288",
    "uhfreader18/288 (chafon etc.)",
    "uhfreader288m",
    "uhfreader86",
    "chafon",
    "cf-mu801",
    "cf-mu804",
    "cf-mu903",
    "cf-mu904",
  ],
  title: "UHFReader288 and 86, Chafon CF-MU80x, CF-MU90x",
};

const swct: ReaderProtocol = {
  name: "swct",
  aliases: ["sw/ct (53 57 / 43 54) uhf reader", "hw-vx6330", "vx5300"],
  title: "Readers with SW/CT frames: HW-VX6330, 5100, 5300, 5500",
  serial: line(115_200),
  hasRadioSettings: true,
  needsRegion: false,
  decode: decodeSwct,
  open: async (connection, settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { swctConversation } = await import("./swct/link.ts");
    return openLink(swctConversation(settings), createSwctFramer(), connection, context, signal);
  },
};

const rdm6300: ReaderProtocol = {
  name: "rdm6300",
  aliases: [
    "em4100",
    "rdm6300/em4100 ascii",
    "rdm630",
    "rf125-ps",
    "id-12la",
    "id-12la ascii",
    "id-20la",
  ],
  title: "RDM6300, ID-12LA, ID-20LA: 125 kHz",
  serial: line(9_600),
  hasRadioSettings: false,
  needsRegion: false,
  decode: decodeEm4100,
  open: async (connection, _settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { listeningConversation } = await import("./lf/link.ts");
    const conversation = listeningConversation((frame) => readEm4100(frame).epc);
    return openLink(conversation, createEm4100Framer(), connection, context, signal);
  },
};

const wl134: ReaderProtocol = {
  name: "wl134",
  aliases: ["wl-134 fdx-b 134.2 khz", "fdx-b", "wl-134a"],
  title: "WL-134: animal and object tags, 134.2 kHz",
  serial: line(9_600, 2),
  hasRadioSettings: false,
  needsRegion: false,
  decode: decodeFdxB,
  open: async (connection, _settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    const { listeningConversation } = await import("./lf/link.ts");
    const conversation = listeningConversation((frame) => readFdxB(frame).epc);
    return openLink(conversation, createFdxBFramer(), connection, context, signal);
  },
};

/** Every reader language that is spoken on a serial line, or through a device server. */
export const serialReaderProtocols: readonly ReaderProtocol[] = [
  r200,
  thingmagic,
  uhfreader18,
  uhfreader288,
  swct,
  rdm6300,
  wl134,
];
