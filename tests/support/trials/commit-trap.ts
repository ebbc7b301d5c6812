import { connect, createServer, type Socket } from "node:net";

/** The wire between central and PostgreSQL, on which one can tell when rows were committed. */
export interface CommitTrap extends AsyncDisposable {
  readonly port: number;
  /** Resolves when the server has committed rows and before central hears of it, which it never will. */
  next(): Promise<void>;
}

/** PostgreSQL's `CommandComplete` of the statement that ends a transaction (protocol 3.0, "Message Formats"). */
const committed = Buffer.from("COMMIT\0");

/** What central says when it sends samples. */
const copies = Buffer.from("COPY sample");

/** @param target port of PostgreSQL. */
export async function commitTrap(target: number): Promise<CommitTrap> {
  const sockets = new Set<Socket>();
  let caught: (() => void) | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true });
    keep(near);
    keep(far);
    let isCopying = false;
    let isCaught = false;
    near.on("data", (bytes) => {
      isCopying ||= bytes.includes(copies);
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (isCopying && bytes.includes(committed)) {
        isCopying = false;
        if (caught !== undefined) {
          isCaught = true;
          caught();
          caught = undefined;
        }
      }
      if (!isCaught) near.write(bytes);
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    next: () =>
      new Promise((resolve) => {
        caught = resolve;
      }),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}
