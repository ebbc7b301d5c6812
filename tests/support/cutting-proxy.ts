import http, { type IncomingMessage, type ServerResponse } from "node:http";

/** What happens to one request on its way: it passes, or its reply is cut after central has committed. */
export type Passing = "pass" | "cut reply" | "too large";

export interface CuttingProxy {
  readonly address: string;
  /** Batches that have gone through to central and been answered. */
  readonly answered: number;
  close(): Promise<void>;
}

/** Stands between agent and central. `decide` is asked for each batch: its number from 1, and its bytes. */
export async function cuttingProxy(
  target: () => string,
  decide: (batch: number, bytes: number) => Passing,
): Promise<CuttingProxy> {
  let batches = 0;
  let answered = 0;
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readAll(request);
    const isBatch = request.method === "POST" && request.url?.endsWith("/batches") === true;
    if (isBatch) batches += 1;
    const passing = isBatch ? decide(batches, body.length) : "pass";
    if (passing === "too large") {
      response.writeHead(413).end();
      return;
    }
    try {
      const reply = await forward(target(), request, body);
      if (isBatch) answered += 1;
      if (passing === "cut reply") request.socket.resetAndDestroy();
      else send(response, reply);
    } catch {
      request.socket.destroy();
    }
  };
  const server = http.createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}`,
    get answered() {
      return answered;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers } = request;
    const { host: _, ...kept } = headers;
    const onward = http.request(
      new URL(request.url ?? "/", target),
      { method, headers: kept, agent: false },
      (response) => {
        readAll(response).then((read) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read });
        }, reject);
      },
    );
    onward.on("error", reject);
    onward.end(body);
  });
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { "content-type": headers["content-type"] ?? "" }).end(body);
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
