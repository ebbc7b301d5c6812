import { connect } from "node:net";
import { parseAddress } from "../../drivers/address.ts";
import { listen, type Simulator } from "../../drivers/simulation/listen.ts";

/** A wire with faults in front of a device that is a server of its own, for example one of a library. */
export async function faultyProxy(target: string): Promise<Simulator> {
  const parsed = parseAddress(target);
  if (parsed.kind !== "tcp") throw new Error(`${target} is no TCP address`);
  const { host, port } = parsed;
  return listen("tcp://127.0.0.1:0", {
    attach: (wire) => {
      const socket = connect({ host, port, noDelay: true });
      socket.on("error", () => wire.destroy());
      socket.on("close", () => wire.destroy());
      wire.pipe(socket);
      socket.pipe(wire);
      return { [Symbol.dispose]: () => socket.destroy() };
    },
  });
}
