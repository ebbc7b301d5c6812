import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { Aedes, type AedesOptions } from "aedes";

export interface TestBroker extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Drops every connection. */
  cut(): void;
}

/** A broker without any limit in this process: port 0 takes a free one. */
export async function startAedes(options: AedesOptions = {}, port = 0): Promise<TestBroker> {
  const aedes = await Aedes.createBroker({ concurrency: 0, ...options });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const taken = typeof bound === "object" && bound !== null ? bound.port : port;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `tcp://127.0.0.1:${taken}`,
    port: taken,
    cut,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await closed;
    },
  };
}
