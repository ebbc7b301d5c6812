import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { revoke } from "../../cloud-sync/central/identity/revocation.ts";
import type { Central } from "../../cloud-sync/central/main.ts";
import { addGateway, newToken } from "../../cloud-sync/central/tokens.ts";
import { readIdentity } from "../../cloud-sync/identity/identity.ts";
import { helloOf, IdentityWorld, tlsFixtures, uplinkOf } from "../support/identity-world.ts";
import { madeCertificate, writtenPair } from "../support/made-certificate.ts";

let world: IdentityWorld;
let central: Central;
const never = new AbortController().signal;
const dayMs = 86_400_000;

beforeAll(async () => {
  world = await IdentityWorld.open();
  central = await world.central();
});
afterEach(() => {
  world.aheadMs = 0;
});
afterAll(() => world[Symbol.asyncDispose]());

async function helloBy(gateway: string, dataDir: string, language: "en" | "zh" = "en") {
  using uplink = uplinkOf(central, gateway, { dataDir }, language);
  return await uplink.hello(helloOf(gateway), never).catch((error: unknown) => error);
}

test("a certificate speaks for its own gateway, request after request, and for no other", async () => {
  const dataDir = await world.enrolled(central, "gw-a");
  await world.enrolled(central, "gw-b");
  using uplink = uplinkOf(central, "gw-a", { dataDir });
  for (const _again of [1, 2]) {
    expect(await uplink.hello(helloOf("gw-a"), never)).toHaveProperty("marks");
  }
  expect(await helloBy("gw-b", dataDir)).toMatchObject({
    code: "sync/unauthorized",
    refusal: "forbidden",
  });
});

test("a certificate that is over is told so, in both languages, with central's clock", async () => {
  const dataDir = await world.enrolled(central, "gw-old");
  world.aheadMs = 91 * dayMs;
  expect(await helloBy("gw-old", dataDir)).toMatchObject({
    code: "sync/unauthorized",
    refusal: "certificate-expired",
    message: expect.stringContaining("out of date"),
    todo: expect.stringContaining("Alarms go on"),
  });
  expect(await helloBy("gw-old", dataDir, "zh")).toMatchObject({
    message: expect.stringContaining("证书不在有效期内"),
  });
});

test("another company's certificate for the same gateway is not ours", async () => {
  const theirs = await world.central({ keys: { folder: join(world.folder, "their-keys") } });
  const dataDir = await world.enrolled(theirs, "gw-theirs");
  expect(await helloBy("gw-theirs", dataDir)).toMatchObject({
    code: "sync/unauthorized",
    refusal: "certificate-foreign",
    message: expect.stringContaining("does not know the authority"),
  });
});

test("a revoked gateway is refused at once, and its open connections are cut within seconds", async () => {
  const dataDir = await world.enrolled(central, "gw-stolen");
  const identity = readIdentity(dataDir);
  const { hostname, port } = new URL(central.address);
  const socket = tls.connect({
    ...{ host: hostname, port: Number(port), ca: readFileSync(join(tlsFixtures, "authority.pem")) },
    ...{
      cert: identity?.certificatePem,
      key: identity?.key.export({ type: "pkcs8", format: "pem" }),
    },
  });
  const answered = new Promise((resolve) => socket.once("data", resolve));
  const closed = new Promise((resolve) => socket.once("close", () => resolve("closed")));
  socket.on("error", () => undefined);
  const path = "/v1/gateways/gw-stolen/marks?epoch=e";
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 (200|409)/);
  expect(await revoke(world.database, "gw-stolen")).toEqual({ gateway: "gw-stolen" });
  expect(await helloBy("gw-stolen", dataDir)).toMatchObject({
    code: "sync/unauthorized",
    refusal: "revoked",
    message: expect.stringContaining("revoked"),
  });
  expect(await closed).toBe("closed");
  await expect(world.enrolled(central, "gw-stolen")).resolves.toBeDefined();
  expect(await helloBy("gw-stolen", dataDir)).toMatchObject({ refusal: "revoked" });
});

test("one certificate is revoked by its serial as people copy it; a token is revoked with its gateway", async () => {
  const dataDir = await world.enrolled(central, "gw-serial");
  const serial = readIdentity(dataDir)?.serial ?? "";
  const copied = serial.toLowerCase().match(/../g)?.join(":") ?? "";
  expect(await revoke(world.database, copied)).toEqual({ gateway: "gw-serial", serial });
  expect(await helloBy("gw-serial", dataDir)).toMatchObject({ refusal: "revoked" });

  const plain = await world.plainCentral();
  const token = newToken();
  await addGateway(world.database, "gw-token", token);
  const hello = async () => {
    using uplink = uplinkOf(plain, "gw-token", { token });
    return await uplink.hello(helloOf("gw-token"), never).catch((error: unknown) => error);
  };
  expect(await hello()).toHaveProperty("marks");
  await revoke(world.database, "gw-token");
  expect(await hello()).toMatchObject({ code: "sync/unauthorized", refusal: "revoked" });
  await expect(revoke(world.database, "nobody")).rejects.toThrow("no such gateway");
});

test("a certificate that no clock can check is refused with what to do, and pinned by its fingerprint it is taken", async () => {
  const from = new Date(Date.now() + 20 * 365 * dayMs);
  const pair = await madeCertificate(from, new Date(from.getTime() + dayMs), "elsewhere");
  const own = await world.central({ tls: writtenPair(world.folder, pair) });
  const dataDir = world.dataDir("no-clock");
  const code = await world.code("gw-clock");
  const ca = join(world.folder, "central.pem");
  const refused = await world.enrol(own, dataDir, code, "--ca", ca);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain("the clock of this machine shows");
  expect(refused.err).toContain("--fingerprint");

  const other = "0".repeat(64);
  const wrong = await world.enrol(own, dataDir, code, "--fingerprint", other);
  const shown = new X509Certificate(pair.cert).fingerprint256;
  expect(wrong.err).toContain(shown.replaceAll(":", "").toLowerCase());
  expect((await world.enrol(own, dataDir, code, "--fingerprint", "abc")).err).toContain(
    "no fingerprint",
  );
  const taken = await world.enrol(own, dataDir, code, "--fingerprint", shown);
  expect(taken).toMatchObject({ code: 0, err: "" });
});

test("what was pinned is trusted afterwards under any name, and nothing else is", async () => {
  const pair = await madeCertificate(
    new Date(Date.now() - dayMs),
    new Date(Date.now() + dayMs),
    "elsewhere",
  );
  const own = await world.central({ tls: writtenPair(world.folder, pair) });
  const dataDir = world.dataDir("pinned");
  const { fingerprint256 } = new X509Certificate(pair.cert);
  const code = await world.code("gw-pinned");
  expect((await world.enrol(own, dataDir, code, "--fingerprint", fingerprint256)).err).toBe("");
  using uplink = uplinkOf(own, "gw-pinned", { dataDir });
  expect(await uplink.hello(helloOf("gw-pinned"), never)).toHaveProperty("marks");
  expect(await helloBy("gw-pinned", dataDir)).toMatchObject({ code: "sync/certificate" });
});

test("central takes over a certificate that was renewed without a restart, and no wrong one", async () => {
  const pair = (name: string) =>
    madeCertificate(new Date(Date.now() - dayMs), new Date(Date.now() + dayMs), name);
  const [first, second] = [await pair("first"), await pair("second")];
  const files = writtenPair(world.folder, first);
  const own = await world.central({ tls: files });
  const { hostname, port } = new URL(own.address);
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const name = (certificate: tls.PeerCertificate) => String(certificate.subject.CN);
      const ca = [first.cert, second.cert];
      const checkServerIdentity = (_host: string, certificate: tls.PeerCertificate) => {
        resolve(name(certificate));
        return undefined;
      };
      const socket = tls.connect({ host: hostname, port: Number(port), ca, checkServerIdentity });
      socket.once("secureConnect", () => socket.destroy());
      socket.once("error", reject);
    });
  expect(await shown()).toBe("first");
  writeFileSync(files.certFile, "torn");
  writtenPair(world.folder, second);
  await expect.poll(shown, { timeout: 20_000, interval: 500 }).toBe("second");
});

test("behind a proxy that ends TLS the header counts from named addresses only", async () => {
  const dataDir = await world.enrolled(central, "gw-proxied");
  const { certificatePem = "" } = readIdentity(dataDir) ?? {};
  const der = new X509Certificate(certificatePem).raw.toString("base64");
  const ask = (own: Central, header: string) =>
    new Promise<number>((resolve, reject) => {
      const url = `${own.address}/v1/gateways/gw-proxied/marks?epoch=e`;
      http
        .get(url, { headers: { "client-cert": header } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
        .once("error", reject);
    });
  const near = await world.plainCentral({ trustedProxies: ["10.9.8.7", "127.0.0.0/8"] });
  expect(await ask(near, `:${der}:`)).toBe(200);
  expect(await ask(near, encodeURIComponent(certificatePem))).toBe(200);
  expect(await ask(near, "nonsense")).toBe(401);
  const far = await world.plainCentral({ trustedProxies: ["10.9.8.7"] });
  expect(await ask(far, `:${der}:`)).toBe(401);
});
