import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import { type MailConfig, sendMail } from "../../cloud-sync/push/channels/mail.ts";
import { pushText } from "../../config/language/push.ts";
import { mailSchema } from "../../config/schema/notify.ts";
import { Secret } from "../../drivers/secret.ts";
import { aPush } from "../support/push-world.ts";

const text = pushText.en;
const never = new AbortController().signal;
const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const own = {
  cert: readFileSync(fixture("localhost.pem")),
  key: readFileSync(fixture("localhost.key")),
};
const caFile = fixture("authority.pem");
const times = { connectMs: 1_000, silentMs: 1_000, wholeMs: 5_000 };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Mailbox {
  readonly port: number;
  readonly mails: { raw: string; from: string; to: readonly string[]; secure: boolean }[];
}

async function startSmtp(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const mails: Mailbox["mails"] = [];
  const server = new SMTPServer({
    ...own,
    authOptional: true,
    disableReverseLookup: true,
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          raw: Buffer.concat(parts).toString(),
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  const port = await bound(server.listen(0, "127.0.0.1"));
  closing.push(() => void server.close(() => undefined));
  return { port, mails };
}

async function bound(server: Pick<Server, "address" | "on" | "once" | "listening">) {
  if (!server.listening) await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function send(port: number, config: Partial<MailConfig> = {}, to = "shift@site.example") {
  const mail = mailSchema.parse({
    host: "127.0.0.1",
    port,
    security: "none",
    from: "gateway@site.example",
    ...config,
  });
  const push = aPush({ channel: "email", title: "二号冷库超温", text: "8.6 ℃", alarm: "cold#3" });
  return sendMail(
    { push, gateway: "wh1", key: `e-${push.id}`, now: 0 },
    mail,
    to,
    text,
    never,
    times,
  );
}

const login: SMTPServerOptions = {
  authOptional: false,
  allowInsecureAuth: true,
  onAuth(auth, _, done) {
    if (auth.password === "right") done(null, { user: auth.username });
    else done(new Error("Invalid login"));
  },
};

test("a mail arrives in UTF-8 with its stable ids", async () => {
  const { port, mails } = await startSmtp({ hideSTARTTLS: true });
  expect(await send(port)).toEqual({ is: "delivered" });
  expect(mails).toMatchObject([{ from: "gateway@site.example", to: ["shift@site.example"] }]);
  const raw = mails[0]?.raw ?? "";
  expect(raw).toMatch(/^Message-ID: <e-p\d+@wh1>\r$/m);
  expect(raw).toMatch(/^In-Reply-To: <cold%233\.alarm@wh1>\r$/m);
  expect(raw).toMatch(/^References: <cold%233\.alarm@wh1>\r$/m);
  expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
  expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(raw).toContain("utf-8");
});

test("STARTTLS and TLS with the configured authority, and a login", async () => {
  const password = new Secret("right");
  const starting = await startSmtp(login);
  expect(await send(starting.port, { security: "starttls", caFile, user: "u", password })).toEqual({
    is: "delivered",
  });
  const secured = await startSmtp({ ...login, secure: true });
  expect(await send(secured.port, { security: "tls", caFile, user: "u", password })).toEqual({
    is: "delivered",
  });
  expect([...starting.mails, ...secured.mails].map(({ secure }) => secure)).toEqual([true, true]);
});

test("the trap: without requireTLS a server that offers none would get the mail in the clear; ours refuses", async () => {
  const { port, mails } = await startSmtp({ disabledCommands: ["STARTTLS"] });
  const { createTransport } = await import("nodemailer");
  const bare = createTransport({ host: "127.0.0.1", port, secure: false });
  await bare.sendMail({ from: "a@b.example", to: "c@d.example", text: "x" });
  expect(mails).toHaveLength(1);
  expect(await send(port, { security: "starttls", caFile })).toMatchObject({ slow: true });
  expect(mails).toHaveLength(1);
});

test("a certificate of an unknown authority is refused, and tried rarely", async () => {
  const { port, mails } = await startSmtp({ secure: true });
  expect(await send(port, { security: "tls" })).toMatchObject({ is: "retry", slow: true });
  expect(mails).toHaveLength(0);
});

test("a wrong password is the configuration's; it is in no sentence", async () => {
  const { port } = await startSmtp({ ...login, hideSTARTTLS: true });
  const verdict = await send(port, { user: "u", password: new Secret("wrong-secret") });
  expect(verdict).toMatchObject({ is: "retry", slow: true });
  expect(JSON.stringify(verdict)).not.toContain("wrong-secret");
});

describe("what the server replies", () => {
  const refusing = (code: number, at: "onRcptTo" | "onMailFrom"): SMTPServerOptions => ({
    hideSTARTTLS: true,
    [at]: (_: unknown, __: unknown, done: (error?: Error) => void) =>
      done(Object.assign(new Error("not today"), { responseCode: code })),
  });
  test("4yz to the recipient: again later", async () => {
    const { port } = await startSmtp(refusing(451, "onRcptTo"));
    const verdict = await send(port);
    expect(verdict).toMatchObject({ is: "retry", why: expect.stringContaining("451") });
    expect(verdict).not.toHaveProperty("slow");
  });
  test("5yz to the recipient: final", async () => {
    const { port } = await startSmtp(refusing(550, "onRcptTo"));
    expect(await send(port)).toMatchObject({ is: "dead" });
  });
  test("5yz after the data: final", async () => {
    const { port } = await startSmtp({
      hideSTARTTLS: true,
      onData(stream, _, done) {
        stream.resume();
        stream.on("end", () => done(Object.assign(new Error("spam"), { responseCode: 554 })));
      },
    });
    expect(await send(port)).toMatchObject({ is: "dead" });
  });
  test("4yz after the data: again later", async () => {
    const { port } = await startSmtp({
      hideSTARTTLS: true,
      onData(stream, _, done) {
        stream.resume();
        stream.on("end", () => done(Object.assign(new Error("full"), { responseCode: 452 })));
      },
    });
    expect(await send(port)).toMatchObject({ is: "retry" });
  });
});

test.each([
  ["drops the connection", (drop: () => void) => drop()],
  ["never greets", () => undefined],
])("a server that %s: again later", async (_, act) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    act(() => socket.destroy());
    closing.push(() => socket.destroy());
  });
  const port = await bound(server.listen(0, "127.0.0.1"));
  closing.push(() => void server.close());
  const verdict = await send(port);
  expect(verdict).toMatchObject({ is: "retry" });
  expect(verdict).not.toHaveProperty("slow");
});

test("no server, and an authority's file that is gone", async () => {
  expect(await send(1)).toMatchObject({
    is: "retry",
    why: expect.stringContaining("not reachable"),
  });
  expect(await send(1, { caFile: "/nowhere.pem" })).toMatchObject({ is: "retry", slow: true });
});
