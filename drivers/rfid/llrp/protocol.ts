import type { ReaderProtocol } from "../protocol.ts";
import { decodeLlrp } from "./decode.ts";

/**
 * Low Level Reader Protocol 1.0.1 over TCP. A reader holds its region itself, by its model and its own settings; it
 * serves one client at a time.
 */
export const llrp: ReaderProtocol = {
  name: "llrp",
  aliases: ["llrp-1.0.1", "impinj", "fx7500", "fx9600"],
  title:
    "LLRP: Impinj Speedway and R700, Zebra FX, Kathrein, Keonn, Sirit and other network readers",
  tcpPort: 5_084,
  hasRadioSettings: true,
  needsRegion: false,
  decode: decodeLlrp,
  open: async (connection, settings, context, signal) => {
    const { openLink } = await import("./link.ts");
    return openLink(connection, settings, context, signal);
  },
};
