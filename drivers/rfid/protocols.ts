import type { Protocol } from "../protocol.ts";
import type { ReaderProtocol } from "./protocol.ts";

/** Every reader language, written out by hand. */
export const readerProtocols: readonly ReaderProtocol[] = [];

/** The same for tools that decode. */
export const rfidDecoders: readonly Protocol[] = readerProtocols.map(
  ({ name, aliases, title, decode }) => ({ name, aliases, title, driver: "rfid", decode }),
);
