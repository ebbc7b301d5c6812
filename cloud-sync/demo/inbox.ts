import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { inboxPage } from "./inbox-page.ts";

/** One message as somebody gets it. */
export interface Letter {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly way: "SMS" | "e-mail" | "DingTalk" | "ntfy" | "webhook";
  readonly to: string;
  readonly text: string;
}

/** Something that a person may do to the demo, to see that nothing is lost. */
export interface Fault {
  /** Part of an address. */
  readonly id: string;
  readonly label: string;
  /** What is to be said of it now. */
  readonly state: () => string;
  readonly run: () => void;
}

/** What is shown and kept; older ones go. */
const lettersMax = 200;

/** Longer than any push; a longer body is refused. */
const bodyBytesMax = 100_000;

export interface Inbox {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  add(way: Letter["way"], to: string, text: string): void;
  stop(): Promise<void>;
}

const faultPath = "/faults/";

/** In place of the telephones and robots that people have: takes every message, and shows it on a page. */
export async function startInbox(
  port: number,
  faults: () => readonly Fault[] = () => [],
): Promise<Inbox> {
  const letters: Letter[] = [];
  const add: Inbox["add"] = (way, to, text) => {
    letters.unshift({ at: systemClock.now(), way, to, text });
    letters.splice(lettersMax);
  };
  const server = createServer((request, response) => {
    if (request.method === "POST" && request.url?.startsWith(faultPath)) {
      answerFault(request, response, faults());
    } else void answer(request, response, letters, add, faults());
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  const bound = server.address();
  const own = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    address: `http://127.0.0.1:${own}`,
    add,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Another site's page, open in the same browser, pulls no cable here. */
function answerFault(
  { url, headers }: IncomingMessage,
  response: ServerResponse,
  faults: readonly Fault[],
): void {
  const { "sec-fetch-site": site } = headers;
  const fault = faults.find(({ id }) => url === faultPath + id);
  if (fault === undefined || (site !== undefined && site !== "same-origin")) {
    response.writeHead(fault === undefined ? 404 : 403, json).end("{}");
    return;
  }
  fault.run();
  response.writeHead(303, { location: "/" }).end();
}

const json = { "content-type": "application/json" };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  letters: readonly Letter[],
  add: Inbox["add"],
  faults: readonly Fault[],
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://inbox");
  if (request.method === "GET" && pathname === "/letters") {
    response.writeHead(200, json).end(JSON.stringify(letters));
    return;
  }
  if (request.method === "GET" && pathname === "/") {
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      refresh: "2",
    });
    response.end(inboxPage(letters, faults));
    return;
  }
  const body = request.method === "POST" ? await bodyOf(request).catch(() => undefined) : undefined;
  const letter = body === undefined ? undefined : letterOf(pathname, body);
  if (letter === undefined) {
    response.writeHead(400, json).end("{}");
    return;
  }
  add(...letter);
  // DingTalk says whether it took a message in the body, the others by the status.
  response.writeHead(200, json).end('{"errcode":0,"errmsg":"ok"}');
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error("too long");
    parts.push(chunk);
  }
  return JSON.parse(Buffer.concat(parts).toString());
}

const shapes = {
  dingtalk: z.object({ text: z.object({ content: z.string() }) }),
  ntfy: z.object({ topic: z.string(), title: z.string(), message: z.string() }),
  webhook: z.object({
    type: z.string(),
    data: z.object({ receiver: z.string(), title: z.string() }),
  }),
};

/** Which service it would have gone to is told by the path, as at the real ones. */
function letterOf(path: string, body: unknown): Parameters<Inbox["add"]> | undefined {
  if (path === "/robot/send") {
    const found = shapes.dingtalk.safeParse(body).data;
    return found && ["DingTalk", "group of the cold store", found.text.content];
  }
  if (path === "/webhook") {
    const found = shapes.webhook.safeParse(body).data;
    return found && ["webhook", found.data.receiver, `${found.type}: ${found.data.title}`];
  }
  const found = shapes.ntfy.safeParse(body).data;
  return found && ["ntfy", found.topic, `${found.title}\n${found.message}`];
}
