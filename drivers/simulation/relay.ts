import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { SimulatedDevice } from "./listen.ts";

/** Stands before a server of its own port, so that its wire can have faults too: bytes pass as they are. */
export function relayTo(host: string, port: number): SimulatedDevice {
  return {
    attach: (wire: Duplex) => {
      const socket = connect({ host, port, noDelay: true });
      socket.on("error", () => wire.destroy());
      socket.on("close", () => wire.destroy());
      socket.pipe(wire, { end: false });
      wire.pipe(socket);
      return {
        [Symbol.dispose]: () => {
          socket.destroy();
        },
      };
    },
  };
}
