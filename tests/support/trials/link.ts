import { connect, createServer, type Socket } from "node:net";

/** The wire between agent and central. */
export interface Link extends AsyncDisposable {
  readonly address: string;
  /** Bytes that the agent has sent through it. */
  readonly sent: number;
  /** Cuts every connection and lets none through for so long. Whether a request was under way. */
  cut(ms: number): Promise<boolean>;
}

/** @param target port of the server behind it, asked for each connection. */
export async function link(target: () => number): Promise<Link> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket; asks: boolean }>();
  let sent = 0;
  let isUp = true;
  const server = createServer({ noDelay: true }, (near) => {
    near.on("error", () => undefined);
    if (!isUp) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: target(), host: "127.0.0.1", noDelay: true });
    far.on("error", () => near.destroy());
    const pair = { near, far, asks: false };
    pairs.add(pair);
    near.on("data", (bytes) => {
      sent += bytes.length;
      pair.asks = true;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      pair.asks = false;
      near.write(bytes);
    });
    near.on("close", () => {
      pairs.delete(pair);
      far.destroy();
    });
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const drop = () => {
    let asked = false;
    for (const { near, asks } of pairs) {
      asked ||= asks;
      near.resetAndDestroy();
    }
    return asked;
  };
  return {
    address: `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`,
    get sent() {
      return sent;
    },
    cut: async (ms) => {
      isUp = false;
      const asked = drop();
      await new Promise((resolve) => setTimeout(resolve, ms));
      isUp = true;
      return asked;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
    },
  };
}
