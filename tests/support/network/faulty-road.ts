import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request on its way to central. */
export interface Crossing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** The last word of the path: `hello`, `batches`, `snapshot`, `gaps`. */
  readonly kind: string;
  /** The body as the agent sent it. */
  body(): Promise<Buffer>;
  /** What central says to it, over a connection of its own. */
  forward(body?: Buffer): Promise<Reply>;
  /** Gives that to the agent. */
  answer(reply: Reply): void;
}

/** What becomes of a request. */
export type Way = (crossing: Crossing) => void | Promise<void>;

/** As it should be. */
export const pass: Way = async (crossing) => crossing.answer(await crossing.forward());

export interface FaultyRoadOptions {
  /** Where central listens, as in `http://127.0.0.1:8090`; asked for each request. */
  readonly target: () => string;
  /** PEM texts; absent: plain HTTP. */
  readonly tls?: Identity;
}

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** Stands between agent and central on real sockets; the way that requests take can be changed at any time. */
export class FaultyRoad implements AsyncDisposable {
  way: Way = pass;
  /** Called with each connection before its first byte. */
  onConnection: ((socket: Socket) => void) | undefined;
  /** Requests since the way was changed. */
  met = 0;
  /** When those came that greet or carry rows, by the monotonic clock. Who waits for messages asks beside them. */
  metAt: number[] = [];
  readonly #target: () => string;
  readonly #server: http.Server | https.Server;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor({ target, tls }: FaultyRoadOptions) {
    this.#target = target;
    const take = (request: IncomingMessage, response: ServerResponse) => {
      this.met += 1;
      if (request.url?.includes("/inbox") !== true) this.metAt.push(performance.now());
      this.#cross(request, response).catch(() => request.socket.destroy());
    };
    this.#scheme = tls === undefined ? "http://127.0.0.1" : "https://localhost";
    this.#server = tls === undefined ? http.createServer(take) : https.createServer(tls, take);
    this.#server.requestTimeout = 0;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
      this.onConnection?.(socket);
    });
  }

  get address(): string {
    return `${this.#scheme}:${this.#port}`;
  }

  /** Who it says that it is, to connections from now on. */
  identify(identity: Identity): void {
    if (this.#server instanceof https.Server) this.#server.setSecureContext(identity);
  }

  /** Connections that are open now. */
  get sockets(): number {
    return this.#sockets.size;
  }

  turn(way: Way): void {
    this.way = way;
    this.met = 0;
    this.metAt = [];
  }

  /** Listens, the second time on the same port. */
  open(): Promise<void> {
    return new Promise((done, fail) => {
      this.#server.once("error", fail);
      this.#server.listen(this.#port, "127.0.0.1", () => {
        const bound = this.#server.address();
        this.#port = typeof bound === "object" && bound !== null ? bound.port : 0;
        done();
      });
    });
  }

  /** Refuses connections from now on, and cuts those that are open. */
  async shut(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.cut();
    await closed;
  }

  /** Resets what is open. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.shut();
  }

  async #cross(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let read: Promise<Buffer> | undefined;
    const body = () => {
      read ??= readAll(request);
      return read;
    };
    await this.way({
      request,
      response,
      socket: request.socket,
      kind: (request.url ?? "").replace(/.*\//, ""),
      body,
      forward: async (other) => forward(this.#target(), request, other ?? (await body())),
      answer: ({ status, headers, body: text }) => {
        response.writeHead(status, headers).end(text);
      },
    });
  }
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  return new Promise((done, fail) => {
    const { method = "GET", headers } = request;
    const { host: _host, connection: _connection, ...kept } = headers;
    const onward = http.request(
      new URL(request.url ?? "/", target),
      { method, headers: kept, agent: false },
      (answer) => {
        const { statusCode = 0, headers: given } = answer;
        const type = given["content-type"] ?? "";
        const retry = given["retry-after"];
        readAll(answer).then(
          (read) =>
            done({
              status: statusCode,
              headers: {
                "content-type": type,
                ...(retry === undefined ? {} : { "retry-after": retry }),
              },
              body: read,
            }),
          fail,
        );
      },
    );
    onward.on("error", fail);
    onward.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
