import { readFileSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener, type Server } from "node:http";
import https from "node:https";
import { afterEach, describe, expect, test } from "vitest";
import type { Verdict } from "../../cloud-sync/push/channel.ts";
import { HttpSender, pushAnswerBytesMax } from "../../cloud-sync/push/http-sender.ts";
import { Outlets } from "../../cloud-sync/push/outlets.ts";
import { standardSignature } from "../../cloud-sync/push/signature.ts";
import { pushText } from "../../config/language/push.ts";
import { receiverSchema } from "../../config/schema/notify.ts";
import { Secret } from "../../drivers/secret.ts";
import { aPush, PushWorld } from "../support/push-world.ts";

const text = pushText.en;
const servers: Server[] = [];
const worlds: PushWorld[] = [];
const never = new AbortController().signal;
const pem = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");

afterEach(() => {
  for (const world of worlds.splice(0)) world[Symbol.dispose]();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const serve = async (answer: RequestListener) =>
  `http://127.0.0.1:${await listen(http.createServer(answer))}`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

function outletsTo(url: string) {
  const notify = {
    shift: receiverSchema.parse({
      dingtalk: {
        webhook: new Secret(`${url}/robot/send?access_token=very-secret-token`),
        secret: new Secret("SEC-very-secret-key"),
      },
      webhook: { url: `${url}/hook`, secret: new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") },
      ntfy: { server: url, topic: "very-secret-topic" },
    }),
  };
  return new Outlets({ config: { notify, mail: undefined }, text });
}

describe("what a webhook's server does", () => {
  const cases: [string, RequestListener, Partial<Record<string, unknown>>][] = [
    ["takes it", (_, r) => r.writeHead(204).end(), { is: "delivered" }],
    ["hangs", () => undefined, { is: "retry", why: text.noAnswer }],
    [
      "trickles for ever",
      (_, r) => {
        r.writeHead(200);
        const timer = setInterval(() => r.write("x"), 50);
        r.on("close", () => clearInterval(timer));
      },
      { is: "retry", why: text.noAnswer },
    ],
    [
      "asks for a pause",
      (_, r) => r.writeHead(429, { "retry-after": "7" }).end(),
      { is: "retry", afterMs: 7_000 },
    ],
    ["breaks", (_, r) => r.writeHead(500).end("oops"), { is: "retry", why: text.status(500) }],
    ["cuts the connection", (q) => q.socket.destroy(), { is: "retry" }],
    [
      "cuts its answer",
      (_, r) => {
        r.writeHead(200, { "content-length": "100" }).write("part");
        setTimeout(() => r.destroy(), 20);
      },
      { is: "retry" },
    ],
    [
      "answers without end",
      (_, r) => r.writeHead(200).end(Buffer.alloc(pushAnswerBytesMax + 1)),
      { is: "retry", why: text.tooMuch },
    ],
    [
      "points elsewhere",
      (_, r) => r.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
      { is: "retry", slow: true },
    ],
    [
      "refuses it",
      (_, r) => r.writeHead(422).end("no"),
      { is: "dead", why: text.refused(422, "no") },
    ],
  ];
  test.each(cases)("%s", async (_, answer, expected) => {
    const url = await serve(answer);
    const sender = new HttpSender({ text, deadlineMs: 600 });
    const posted = await sender.post({ url, headers: {}, body: "{}" }, never);
    const { webhook } = await import("../../cloud-sync/push/channels/webhook.ts");
    const verdict = "verdict" in posted ? posted.verdict : webhook.verdict(posted.answer, text);
    expect(verdict).toMatchObject(expected);
  });
});

test("a certificate that cannot be trusted is the configuration's, and nothing is sent", async () => {
  let heard = 0;
  const server = https.createServer(
    { cert: pem("other-name.pem"), key: pem("other-name.key") },
    (_, r) => {
      heard += 1;
      r.end();
    },
  );
  const url = `https://127.0.0.1:${await listen(server)}`;
  const posted = await new HttpSender({ text }).post({ url, headers: {}, body: "{}" }, never);
  expect(posted).toMatchObject({ verdict: { is: "retry", slow: true } });
  expect(heard).toBe(0);
});

test("nobody at the address: tried again; the environment's proxy is not asked", async () => {
  process.env["HTTP_PROXY"] = "http://127.0.0.1:1";
  try {
    const url = await serve((_, r) => r.writeHead(204).end());
    const sender = new HttpSender({ text });
    expect(await sender.post({ url, headers: {}, body: "" }, never)).toHaveProperty("answer");
    const closed = { url: "http://127.0.0.1:1/", headers: {}, body: "" };
    expect(await sender.post(closed, never)).toEqual({
      verdict: { is: "retry", why: text.unreachable("ECONNREFUSED") },
    });
  } finally {
    delete process.env["HTTP_PROXY"];
  }
});

test("through the configured proxy the message arrives", async () => {
  const seen: string[] = [];
  const proxy = await serve((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(204).end();
  });
  const sender = new HttpSender({ text, proxy });
  await sender.post({ url: "http://hook.example/x", headers: {}, body: "{}" }, never);
  expect(seen).toEqual(["POST http://hook.example/x"]);
});

test("a signed webhook verifies at its receiver over the raw bytes", async () => {
  const verified: boolean[] = [];
  const url = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const {
        "webhook-id": id,
        "webhook-timestamp": time,
        "webhook-signature": given,
      } = request.headers;
      const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
      verified.push(given === standardSignature(secret, String(id), Number(time), body));
      response.writeHead(200).end();
    });
  });
  const push = aPush({ channel: "webhook", text: "冷库 🧊" });
  const sending = { push, gateway: "wh1", key: "k-1", now: Date.now() };
  const sent = await outletsTo(url).find(push)?.send(sending, never);
  expect(sent?.verdict.is).toBe("delivered");
  expect(sent?.heard?.date).toBeGreaterThan(0);
  expect(verified).toEqual([true]);
});

test("a secret that is no address is its receiver's problem, and the sentence does not tell it", async () => {
  const webhook = new Secret("very-secret-typo");
  const notify = {
    shift: receiverSchema.parse({
      dingtalk: { webhook, secret: new Secret("SEC") },
      feishu: { webhook },
      wecom: { webhook },
    }),
  };
  const outlets = new Outlets({ config: { notify, mail: undefined }, text });
  for (const channel of ["dingtalk", "feishu", "wecom"] as const) {
    const push = aPush({ channel });
    const sending = { push, gateway: "wh1", key: "k-1", now: Date.now() };
    const sent = await outlets.find(push)?.send(sending, never);
    expect(sent?.verdict).toEqual({ is: "retry", why: text.badAddress, slow: true });
  }
});

test("no secret is in sync.db, in the log or in a problem, whatever the server throws back", async () => {
  const world = new PushWorld();
  worlds.push(world);
  const url = await serve((request, response) => {
    const errmsg = `bad ${request.url} key SEC-very-secret-key`;
    response.writeHead(200).end(JSON.stringify({ errcode: 310_000, errmsg }));
  });
  const outlets = outletsTo(url);
  const verdicts: Verdict[] = [];
  world.answer = async (sending) => {
    const sent = await outlets.find(sending.push)?.send(sending, never);
    if (sent === undefined) throw new Error("no outlet");
    verdicts.push(sent.verdict);
    return sent;
  };
  const [push] = world.add(aPush());
  await world.step();
  await expect.poll(() => verdicts.length, { timeout: 60_000 }).toBe(1);
  await expect.poll(() => world.seen(push?.id ?? "")?.problem).toMatch(/code 310000: bad/);
  await world.step();
  expect(world.problems()).toHaveLength(1);
  const kept = world.everythingKept() + JSON.stringify(verdicts);
  for (const secret of ["very-secret-token", "SEC-very-secret-key"]) {
    expect(kept).not.toContain(secret);
  }
  expect(kept).toContain("[redacted]");
});
