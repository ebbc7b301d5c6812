import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import http, { type RequestListener, type Server } from "node:http";
import https from "node:https";
import { inspect } from "node:util";
import axios from "axios";
import { afterEach, describe, expect, test } from "vitest";
import { HttpUplink, type HttpUplinkOptions } from "../../cloud-sync/uplinks/http.ts";
import { UplinkError } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";

const token = "rwg_very-secret-token";
const pem = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");
const servers: Server[] = [];
const uplinks: HttpUplink[] = [];

afterEach(() => {
  for (const uplink of uplinks.splice(0)) uplink[Symbol.dispose]();
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

function uplinkTo(central: string, more: Partial<HttpUplinkOptions> = {}): HttpUplink {
  const uplink = new HttpUplink({
    central,
    gatewayId: "gw-1",
    credentials: new Secret(token),
    text: syncText.en,
    deadlineMs: 500,
    ...more,
  });
  uplinks.push(uplink);
  return uplink;
}

async function failure(uplink: HttpUplink): Promise<UplinkError> {
  try {
    await uplink.marks("epoch-1", new AbortController().signal);
  } catch (error) {
    if (error instanceof UplinkError) return error;
    throw error;
  }
  throw new Error("it was answered");
}

const marks = {
  epoch: "epoch-1",
  marks: { events: 3, samples: 4 },
  generation: "g",
  serverTime: 1,
};
const json = (status: number, body: unknown): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
};

describe("what central or something else answers", () => {
  const cases: [string, RequestListener, UplinkError["code"], Partial<UplinkError>?][] = [
    ["401", json(401, { code: "unauthorized", message: "no" }), "sync/unauthorized"],
    ["403 of a proxy", json(403, "forbidden"), "sync/unauthorized"],
    ["413 of a proxy without a body", (_, r) => r.writeHead(413).end(), "sync/too-large"],
    [
      "429 with Retry-After in seconds",
      (_, r) => r.writeHead(429, { "retry-after": "7" }).end(),
      "sync/busy",
      { retryAfterMs: 7_000 },
    ],
    [
      "503 of central with its own wait",
      json(503, { code: "database", message: "gone", retryAfterMs: 1_500 }),
      "sync/busy",
      { retryAfterMs: 1_500 },
    ],
    [
      "503 that asks for a year",
      (_, r) => r.writeHead(503, { "retry-after": "31536000" }).end(),
      "sync/busy",
      { retryAfterMs: 3_600_000 },
    ],
    ["500", json(500, { code: "internal", message: "x" }), "sync/server-error"],
    ["502 with HTML", (_, r) => r.writeHead(502).end("<html>"), "sync/server-error"],
    ["200 with HTML", (_, r) => r.writeHead(200).end("<html>Log in</html>"), "sync/not-central"],
    ["200 with other JSON", json(200, { hello: "world" }), "sync/not-central"],
    [
      "302 to a login page",
      (_, r) => r.writeHead(302, { location: "/login" }).end(),
      "sync/not-central",
    ],
    ["404 with HTML", (_, r) => r.writeHead(404).end("<html>"), "sync/not-central"],
    ["a body without end", (_, r) => r.writeHead(200).end("x".repeat(400_000)), "sync/not-central"],
    [
      "409 gap",
      json(409, { code: "gap", message: "missing", mark: 12 }),
      "sync/refused",
      { mark: 12, badRows: false },
    ],
    [
      "400 bad batch",
      json(400, { code: "bad-batch", message: "x" }),
      "sync/refused",
      { badRows: true },
    ],
    ["409 conflict", json(409, { code: "conflict", message: "x" }), "sync/conflict"],
    ["a connection that is cut", (request) => request.socket.destroy(), "sync/unreachable"],
    [
      "a body that ends early",
      (_, r) => {
        r.writeHead(200, { "content-length": "99" }).write("{");
        setTimeout(() => r.destroy(), 20);
      },
      "sync/unreachable",
    ],
    ["silence", () => undefined, "sync/unreachable"],
    [
      "bytes that are not HTTP",
      (request) => request.socket.end("SSH-2.0-OpenSSH\r\n"),
      "sync/not-central",
    ],
  ];
  for (const [name, answer, code, more = {}] of cases) {
    test(`${name} is ${code}, with what, where and what to do`, async () => {
      const central = await serve(answer);
      const error = await failure(uplinkTo(central));
      expect(error).toMatchObject({ code, where: central, ...more });
      expect(error.message).toContain(central);
      expect(error.todo).toBeTruthy();
    });
  }
});

test("nobody there is unreachable", async () => {
  const port = await listen(http.createServer());
  servers.pop()?.close();
  expect(await failure(uplinkTo(`http://127.0.0.1:${port}`))).toMatchObject({
    code: "sync/unreachable",
  });
});

test("neither the error nor its cause shows the token", async () => {
  const central = await serve((request) => request.socket.destroy());
  const error = await failure(uplinkTo(central));
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token);
});

const trickle: RequestListener = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 50);
  response.on("close", () => clearInterval(timer));
};

test("trap: axios' timeout does not end an answer that trickles", async () => {
  const central = await serve(trickle);
  const stop = new AbortController();
  const request = axios.get(central, { timeout: 200, proxy: false, signal: stop.signal });
  const first = await Promise.race([
    request.then(
      () => "answered",
      () => "ended",
    ),
    new Promise((resolve) => setTimeout(() => resolve("still waiting"), 1_000)),
  ]);
  stop.abort();
  await request.catch(() => undefined);
  expect(first).toBe("still waiting");
});

test("the uplink's deadline ends an answer that trickles", async () => {
  const central = await serve(trickle);
  const started = performance.now();
  expect(await failure(uplinkTo(central))).toMatchObject({ code: "sync/unreachable" });
  expect(performance.now() - started).toBeLessThan(3_000);
});

test("a proxy from the environment is not used", async () => {
  const proxied: string[] = [];
  const proxy = await serve((request, response) => {
    proxied.push(request.url ?? "");
    response.end();
  });
  const central = await serve(json(200, marks));
  const before = process.env["http_proxy"];
  process.env["http_proxy"] = proxy;
  try {
    await uplinkTo(central).marks("epoch-1", new AbortController().signal);
  } finally {
    if (before === undefined) delete process.env["http_proxy"];
    else process.env["http_proxy"] = before;
  }
  expect(proxied).toEqual([]);
});

test("a proxy that the configuration names is used", async () => {
  const proxied: string[] = [];
  const proxy = await serve((request, response) => {
    proxied.push(request.url ?? "");
    json(200, marks)(request, response);
  });
  const uplink = uplinkTo("http://central.invalid", { proxy });
  await uplink.marks("epoch-1", new AbortController().signal);
  expect(proxied).toEqual(["http://central.invalid/v1/gateways/gw-1/marks?epoch=epoch-1"]);
});

test("one connection serves many requests", async () => {
  const server = http.createServer(json(200, marks));
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  const uplink = uplinkTo(`http://127.0.0.1:${await listen(server)}`);
  for (let turn = 0; turn < 5; turn += 1) {
    await uplink.marks("epoch-1", new AbortController().signal);
  }
  expect(connections).toBe(1);
});

describe("certificates", () => {
  const secure = async (name: string) => {
    const server = https.createServer(
      { key: pem(`${name}.key`), cert: pem(`${name}.pem`) },
      json(200, marks),
    );
    return `https://127.0.0.1:${await listen(server)}`;
  };

  test("one from the configured authority for this address is trusted", async () => {
    const uplink = uplinkTo(await secure("localhost"), { ca: pem("authority.pem") });
    expect(await uplink.marks("epoch-1", new AbortController().signal)).toEqual(marks);
  });

  test("one from an unknown authority is refused", async () => {
    const error = await failure(uplinkTo(await secure("localhost")));
    expect(error).toMatchObject({ code: "sync/certificate" });
    expect(error.todo).toContain("sync.caFile");
  });

  test("one for another name is refused", async () => {
    const uplink = uplinkTo(await secure("other-name"), { ca: pem("authority.pem") });
    expect(await failure(uplink)).toMatchObject({ code: "sync/certificate" });
  });

  test("a server that offers only TLS 1.1 is refused", async () => {
    const server = https.createServer(
      {
        key: pem("localhost.key"),
        cert: pem("localhost.pem"),
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "ALL:@SECLEVEL=0",
      },
      json(200, marks),
    );
    const uplink = uplinkTo(`https://127.0.0.1:${await listen(server)}`, {
      ca: pem("authority.pem"),
    });
    expect((await failure(uplink)).code).toMatch(/^sync\/(not-central|unreachable)$/);
  });

  test("plain HTTP where HTTPS was configured is not central", async () => {
    const plain = await serve(json(200, marks));
    const error = await failure(uplinkTo(plain.replace("http:", "https:")));
    expect(error).toMatchObject({ code: "sync/not-central" });
  });
});

test("each body travels with its digest, and one that arrived damaged is to be sent again", async () => {
  const digests: [string, boolean][] = [];
  const central = await serve((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const hash = createHash("sha256").update(Buffer.concat(parts)).digest("base64");
      const path = request.url?.split("/").at(-1) ?? "";
      digests.push([path, request.headers["content-digest"] === `sha-256=:${hash}:`]);
      json(400, { code: "bad-digest", message: "other bytes" })(request, response);
    });
  });
  const uplink = uplinkTo(central);
  const { signal } = new AbortController();
  const lane = { first: 1, last: 0, cursor: 0 };
  const hello = {
    ...{ schemaVersions: [1, 2], gateway: "gw-1", epoch: "e", ancestors: [], sentAt: 1 },
    lanes: { events: lane, samples: lane },
  };
  const gaps = [{ firstSeq: 1, lastSeq: 2, reason: "corrupt" as const }];
  const about = {
    schemaVersion: 2 as const,
    gateway: "gw-1",
    epoch: "e",
    lane: "samples" as const,
  };
  const calls = [
    () => uplink.hello(hello, signal),
    () => uplink.push({ body: Buffer.from("rows") }, signal),
    () => uplink.declare({ ...about, gaps }, signal),
    () => uplink.snapshot({ body: Buffer.from("now") }, signal),
  ];
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({
      ...{ code: "sync/unreachable", status: 400, refusal: "bad-digest", badRows: false },
    });
  }
  expect(digests).toEqual([
    ["hello", true],
    ["batches", true],
    ["gaps", true],
    ["snapshot", true],
  ]);
});

test("Retry-After as a date is a wait from now, and one that has passed is none", async () => {
  for (const [fromNowMs, least, most] of [
    [20_000, 15_000, 21_000],
    [-60_000, 0, 0],
  ] as const) {
    const at = new Date(Date.now() + fromNowMs).toUTCString();
    const error = await failure(
      uplinkTo(await serve((_, r) => r.writeHead(503, { "retry-after": at }).end())),
    );
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(error.retryAfterMs).toBeLessThanOrEqual(most);
  }
});
