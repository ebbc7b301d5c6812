import { randomBytes } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import type { Faults } from "../../drivers/simulation/listen.ts";

/** Stands between a client and a server of which nothing can be asked, and spoils what the server sends. */
export interface TcpRelay extends AsyncDisposable {
  readonly port: number;
  setFaults(faults: Pick<Faults, "silent" | "garbage" | "halfFrames">): void;
  cut(): void;
}

export async function tcpRelay(targetPort: number): Promise<TcpRelay> {
  let faults: Pick<Faults, "silent" | "garbage" | "halfFrames"> = {};
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const spoil = (chunk: Buffer): Buffer => {
    if (faults.silent === true) return Buffer.alloc(0);
    if (faults.halfFrames === true) return chunk.subarray(0, chunk.length >> 1);
    return faults.garbage === true ? Buffer.concat([randomBytes(40), chunk]) : chunk;
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    keep(near);
    keep(far);
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => near.write(spoil(chunk)));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    setFaults: (given) => {
      faults = given;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
