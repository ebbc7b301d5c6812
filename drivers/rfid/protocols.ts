import type { Protocol } from "../protocol.ts";
import { llrp } from "./llrp/protocol.ts";
import type { ReaderProtocol } from "./protocol.ts";
import { serialReaderProtocols } from "./serial-protocols.ts";

/** Every reader language, written out by hand. */
export const readerProtocols: readonly ReaderProtocol[] = [...serialReaderProtocols, llrp];

/** The same for tools that decode. */
export const rfidDecoders: readonly Protocol[] = readerProtocols.map(
  ({ name, aliases, title, decode }) => ({ name, aliases, title, driver: "rfid", decode }),
);
