import { once } from "node:events";
import http, { type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { SMTPServer } from "smtp-server";
import { z } from "zod";
import { startAedes } from "./mqtt-broker.ts";

/** One request of a channel, as it arrived. */
export interface Letter {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  /** Of `performance.now()`. */
  readonly at: number;
}

export type Answer = (letter: Letter, response: ServerResponse) => void;

/** What each provider says when all is well, told apart by path. */
const taken: readonly (readonly [start: string, status: number, body: string])[] = [
  ["/robot/", 200, '{"errcode":0,"errmsg":"ok"}'],
  ["/cgi-bin/", 200, '{"errcode":0,"errmsg":"ok"}'],
  ["/open-apis/", 200, '{"code":0,"msg":"success","data":{}}'],
  ["/bot", 200, '{"ok":true,"result":{}}'],
  ["/v2/enqueue", 202, '{"status":"success","message":"Event processed"}'],
];

export function takes(letter: Letter, response: ServerResponse): void {
  const found = taken.find(([start]) => letter.path.startsWith(start));
  response.writeHead(found?.[1] ?? 200, { "content-type": "application/json" });
  response.end(found?.[2] ?? "{}");
}

export interface PushInbox extends AsyncDisposable {
  readonly url: string;
  readonly letters: readonly Letter[];
  readonly mails: readonly string[];
  readonly mailPort: number;
  readonly published: readonly { readonly topic: string; readonly body: string }[];
  readonly mqttPort: number;
  /** How it answers now; `takes` unless told. */
  answer: Answer;
  /** Those whose path begins so, oldest first. */
  at(path: string): readonly Letter[];
}

const webhookSchema = z.object({
  type: z.string(),
  data: z.object({
    id: z.string(),
    receiver: z.string(),
    kind: z.string(),
    alarm: z.string().optional(),
    priority: z.string(),
    language: z.string(),
    title: z.string(),
    text: z.string(),
    short: z.string(),
    link: z.string().optional(),
    fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
});
export type Told = z.infer<typeof webhookSchema>["data"];

/** What a webhook or an MQTT message says. */
export function told(raw: string): Told {
  return webhookSchema.parse(JSON.parse(raw)).data;
}

/** Providers of every kind of push that needs a network, on real sockets of this machine. */
export async function startPushInbox(): Promise<PushInbox> {
  const cleanup = new AsyncDisposableStack();
  const letters: Letter[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const raw = Buffer.concat(parts).toString();
      const { url: path = "", headers } = request;
      const letter = { path, headers, raw, at: performance.now() };
      letters.push(letter);
      inbox.answer(letter, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.defer(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const mails: string[] = [];
  const mail = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: true,
    disableReverseLookup: true,
    onData(stream, _session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        mails.push(Buffer.concat(parts).toString());
        done();
      });
    },
  });
  mail.on("error", () => undefined);
  const mailServer = mail.listen(0, "127.0.0.1");
  if (!mailServer.listening) await once(mailServer, "listening");
  cleanup.defer(() => new Promise<void>((done) => mail.close(() => done())));

  const published: { topic: string; body: string }[] = [];
  const broker = cleanup.use(
    await startAedes({
      authorizePublish: (_, { topic, payload }, done) => {
        published.push({ topic, body: payload.toString() });
        done(null);
      },
    }),
  );
  const inbox: PushInbox = {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    letters,
    mails,
    mailPort: portOf(mailServer.address()),
    published,
    mqttPort: broker.port,
    answer: takes,
    at: (path) => letters.filter((letter) => letter.path.startsWith(path)),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
  return inbox;
}

function portOf(address: ReturnType<http.Server["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
