import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listCertificates, moveCertificate, pkiFolder } from "../../drivers/opcua/certificates.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { Secret } from "../../drivers/secret.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { opcuaFolder, patient, read, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
let server: OpcUaServerProcess;

const variables = [{ name: "Level", type: "Double", value: 4.5 }];

beforeAll(async () => {
  server = await startServer(folder.server, { variables, users: { ann: "right" } });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

const channel = (more: Record<string, unknown>) => ({
  driver: "opcua",
  endpoint: server.endpoint,
  publishing: "250ms",
  user: "ann",
  password: new Secret("right"),
  devices: { plc: { points: { level: { node: `nsu=${simulatorNamespace};s=Level` } } } },
  ...more,
});

const secured = [
  { mode: "sign-and-encrypt", policy: "Basic256Sha256" },
  { mode: "sign", policy: "Basic256Sha256" },
  { mode: "sign-and-encrypt", policy: "Aes128_Sha256_RsaOaep" },
  { mode: "sign-and-encrypt", policy: "Aes256_Sha256_RsaPss" },
];

test("an unknown server is refused until a person trusts it, and refused again when rejected", async () => {
  const pki = pkiFolder(folder.dataDir);
  const refusal = await read(channel({}), folder.dataDir).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "driver/refused" });
  const [met] = await listCertificates(pki);
  expect(met?.trust).toBe("rejected");
  const todo = `Compare the thumbprint with the server's, then: rackwatch opcua trust ${met?.thumbprint}`;
  expect(refusal).toMatchObject({ todo });

  expect(await moveCertificate(pki, met?.thumbprint.slice(0, 12) ?? "", "trusted")).toBeDefined();
  for (const security of secured) {
    await using reading = await read(channel({ security }), folder.dataDir);
    await expect.poll(() => reading.samples.at(-1), patient).toMatchObject({ value: 4.5 });
  }

  expect(await moveCertificate(pki, met?.thumbprint ?? "", "rejected")).toBeDefined();
  await expect(read(channel({}), folder.dataDir)).rejects.toMatchObject({ code: "driver/refused" });
  expect((await listCertificates(pki)).map(({ trust }) => trust)).toEqual(["rejected"]);
});

test("the application URI stays the same from start to start, and stands in the certificate", async () => {
  const none = { mode: "none" };
  await using _first = await read(channel({ security: none }), folder.dataDir);
  const pki = pkiFolder(folder.dataDir);
  const uri = readFileSync(join(pki, "application-uri"), "utf8").trim();
  const own = readFileSync(join(pki, "own/certs/client_certificate.pem"), "utf8");
  await using _second = await read(channel({ security: none }), folder.dataDir);
  expect(readFileSync(join(pki, "application-uri"), "utf8").trim()).toBe(uri);
  expect(readFileSync(join(pki, "own/certs/client_certificate.pem"), "utf8")).toBe(own);
  const text = execFileSync("openssl", ["x509", "-noout", "-text"], { input: own }).toString();
  expect(text).toContain(`URI:${uri}`);
  expect(statSync(pki).mode & 0o077).toBe(0);
});

test("a wrong password and a missing user are refused with a word to the technician", async () => {
  const security = { mode: "none" };
  await expect(
    read(channel({ security, password: new Secret("wrong") }), folder.dataDir),
  ).rejects.toMatchObject({ code: "driver/refused", where: server.endpoint });
  const anonymous = { security, user: undefined, password: undefined };
  await expect(read(channel(anonymous), folder.dataDir)).rejects.toMatchObject({
    message: "The server does not take this login (anonymous)",
    todo: "It takes: user and password, certificate",
  });
});

test("a user may log in by certificate", async () => {
  const cert = join(folder.path, "user.pem");
  const key = join(folder.path, "user.key");
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=gateway"],
    ...["-keyout", key, "-out", cert],
  ]);
  const login = { user: undefined, password: undefined, certificate: { cert, key } };
  await using reading = await read(
    channel({ security: { mode: "none" }, ...login }),
    folder.dataDir,
  );
  await expect.poll(() => reading.samples.at(-1), patient).toMatchObject({ value: 4.5 });
  const missing = { ...login, certificate: { cert, key: `${key}.none` } };
  await expect(
    read(channel({ security: { mode: "none" }, ...missing }), folder.dataDir),
  ).rejects.toMatchObject({ code: "driver/refused", where: `${key}.none` });
});

test("an expired certificate is refused with its date", async () => {
  const cert = join(folder.path, "expired.pem");
  const { OPCUACertificateManager } = await import("node-opcua");
  const rootFolder = join(folder.path, "maker");
  const maker = new OPCUACertificateManager({ rootFolder, disableFileWatchers: true });
  await maker.initialize();
  await maker.createSelfSignedCertificate({
    applicationUri: "urn:plc",
    dns: ["localhost"],
    outputFile: cert,
    subject: "/CN=plc",
    startDate: new Date("2020-03-01"),
    validity: 365,
  });
  const key = maker.privateKey;
  await maker.dispose();
  await using old = await startServer(join(folder.path, "old"), {
    variables,
    certificate: { cert, key },
  });
  await expect(
    read(channel({ endpoint: old.endpoint, user: undefined, password: undefined }), folder.dataDir),
  ).rejects.toMatchObject({
    code: "driver/refused",
    message: "The server's certificate expired on 2021-03-01",
    where: old.endpoint,
  });
});

test("a data folder that cannot be written is named", async () => {
  const file = join(folder.path, "taken");
  mkdirSync(file);
  chmodSync(file, 0o500);
  const asRoot = process.getuid?.() === 0;
  // Root may write everywhere: there a path through a file stands for it.
  const dataDir = asRoot ? "/proc/self/status" : file;
  await expect(read(channel({}), dataDir)).rejects.toMatchObject({
    where: pkiFolder(dataDir),
  });
});
