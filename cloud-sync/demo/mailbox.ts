import type { Readable } from "node:stream";

/** Longer than any mail of an alarm; the rest is dropped. */
const mailBytesMax = 200_000;

export interface Mailbox {
  readonly port: number;
  stop(): Promise<void>;
}

/** A mail server that takes everything and forwards nothing. */
export async function startMailbox(received: (to: string, text: string) => void): Promise<Mailbox> {
  // Development only, like the simulated PLC: no gateway loads it.
  const { SMTPServer } = await import("smtp-server");
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    onData(stream, { envelope }, done) {
      void textOf(stream).then((mail) => {
        for (const { address } of envelope.rcptTo) received(address, mail);
        done();
      });
    },
  });
  // A client that goes in the middle is no event.
  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  if (!listening.listening) await new Promise((done) => listening.once("listening", done));
  const address = listening.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    const chunk = Buffer.from(part);
    bytes += chunk.length;
    if (bytes <= mailBytesMax) parts.push(chunk);
  }
  return readMail(Buffer.concat(parts).toString("latin1"));
}

/** The text of a mail of one part (RFC 2045: plain, quoted-printable or base64, in UTF-8). Pure. */
export function readMail(raw: string): string {
  const border = raw.indexOf("\r\n\r\n");
  const headers = raw.slice(0, border);
  const body = raw.slice(border + 4);
  const [, encoding = "7bit"] = /^content-transfer-encoding:\s*(\S+)/im.exec(headers) ?? [];
  return decoded(body, encoding.toLowerCase()).toString("utf8").replaceAll("\r\n", "\n").trim();
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === "base64") return Buffer.from(body, "base64");
  if (encoding !== "quoted-printable") return Buffer.from(body, "latin1");
  const text = body
    .replaceAll(/=\r?\n/g, "")
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(text, "latin1");
}
