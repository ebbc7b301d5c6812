import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";

/** The header that gateway and central send with every page. */
const contentSecurityPolicy =
  "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none';object-src 'none'";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ScreenServer extends AsyncDisposable {
  readonly address: string;
  /** Every request that is not a file, in order. */
  readonly asked: readonly Asked[];
  /** Streams that were opened since the start. */
  streamCount(): number;
  /** To every open stream. */
  push(event: string, data?: unknown): void;
  /** Cuts the streams; until `resume` new ones are refused. */
  cut(): void;
  resume(): void;
}

/** Stands where gateway or central would: a built folder, answers made by the test, and a stream to push into. */
export async function serveScreens(options: {
  readonly dir: string;
  readonly answer: (asked: Asked) => Reply | undefined;
  /** What each new stream begins with. */
  readonly snapshot?: () => unknown;
}): Promise<ScreenServer> {
  const asked: Asked[] = [];
  const streams = new Set<ServerResponse>();
  let refusing = false;
  let streamCount = 0;

  const stream = (response: ServerResponse) => {
    if (refusing) return void response.writeHead(503).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    send(response, "snapshot", options.snapshot?.());
    streams.add(response);
    streamCount += 1;
    response.on("close", () => streams.delete(response));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://screens");
    response.setHeader("content-security-policy", contentSecurityPolicy);
    if (url.pathname === "/api/events") return stream(response);
    const question: Asked = {
      method: request.method ?? "GET",
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      authorization: request.headers.authorization,
      body: await bodyOf(request),
    };
    const reply = options.answer(question);
    if (reply === undefined) return file(options.dir, url.pathname, response);
    asked.push(question);
    const headers = { "content-type": "application/json", ...reply.headers };
    response.writeHead(reply.status ?? 200, headers);
    response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port was given");
  return {
    address: `http://127.0.0.1:${bound.port}`,
    asked,
    streamCount: () => streamCount,
    push: (event, data) => {
      for (const response of streams) send(response, event, data);
    },
    cut: () => {
      refusing = true;
      for (const response of streams) response.destroy();
    },
    resume: () => {
      refusing = false;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata:${data === undefined ? "" : JSON.stringify(data)}\n\n`);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}

async function file(dir: string, path: string, response: ServerResponse): Promise<void> {
  const name = normalize(path === "/" ? "/index.html" : path);
  const type = types[name.split(".").at(-1) ?? ""];
  try {
    const content = await readFile(join(dir, name));
    response.writeHead(200, { "content-type": type ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}
