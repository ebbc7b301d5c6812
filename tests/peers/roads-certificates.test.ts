import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startMqttReception } from "../../cloud-sync/central/roads/mqtt-reception.ts";
import { startSparkplugReception } from "../../cloud-sync/central/roads/sparkplug-reception.ts";
import { brokerAccount } from "../../cloud-sync/uplinks/broker-account.ts";
import {
  type CertificateSettings,
  certificateFor,
} from "../../cloud-sync/uplinks/broker-certificate.ts";
import { openMqttUplink } from "../../cloud-sync/uplinks/mqtt-uplink.ts";
import { openSparkplugUplink } from "../../cloud-sync/uplinks/sparkplug-uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { gatewayUri, identityFiles, identityFolder } from "../../gateway/store/identity-file.ts";
import { type BrokerHouse, brokerHouse } from "../support/broker-house.ts";
import { MemoryOutbox, someSamples } from "../support/memory-outbox.ts";
import { type Mosquitto, mosquitto } from "../support/mosquitto.ts";
import { installed, needPrograms } from "../support/need-program.ts";
import { scratchFolder } from "../support/spine.ts";

const gateway = "gw-tls";
const cleanup = new AsyncDisposableStack();
let house: BrokerHouse;
let broker: Mosquitto;
let folder = "";

const at = (name: string) => join(folder, name);

function openssl(line: string): void {
  const done = spawnSync("openssl", line.split(" "), { cwd: folder, encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
}

const made = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

function authority(name: string): void {
  openssl(`req -x509 ${made} -keyout ${name}.key -out ${name}.pem -days 30 -subj /CN=${name}`);
}

/** @param names what its alternative names are. */
function signed(name: string, by: string, names = "DNS:rack", days = 30): void {
  writeFileSync(at("names"), `subjectAltName=${names}`);
  openssl(`req ${made} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
  const from = `-CA ${by}.pem -CAkey ${by}.key -CAcreateserial`;
  openssl(`x509 -req -in ${name}.csr ${from} -out ${name}.pem -days ${days} -extfile names`);
}

beforeEach((context) => needPrograms(context, "mosquitto", "openssl"));
beforeAll(async () => {
  if (!installed("mosquitto") || !installed("openssl")) return;
  folder = cleanup.use(scratchFolder()).path;
  house = cleanup.use(await brokerHouse());
  authority("site-ca");
  authority("other-ca");
  signed("broker", "site-ca", "IP:127.0.0.1");
  signed("rack", "site-ca", `URI:${gatewayUri(gateway)}`);
  signed("stranger", "other-ca");
  signed("old", "site-ca", "DNS:rack", -1);
  const tls = ["cafile site-ca.pem", "certfile broker.pem", "keyfile broker.key"];
  const lines = tls.map((line) => line.replace(" ", ` ${folder}/`));
  broker = cleanup.use(await mosquitto(folder, [...lines, "require_certificate true"]));
  await broker.start();
  await house.enrol(gateway);
});
afterAll(() => cleanup.disposeAsync());

const url = () => `mqtts://127.0.0.1:${broker.port}`;
const shown = (name: string) => ({
  certificateFile: at(`${name}.pem`),
  keyFile: at(`${name}.key`),
});
const source = (settings: CertificateSettings, language: "en" | "zh" = "en", dataDir = folder) =>
  certificateFor(settings, { road: "site", dataDir, text: syncText[language] });

/** A road that shows the broker what these settings say. */
function mqtt(settings: CertificateSettings, language: "en" | "zh" = "en", dataDir = folder) {
  const road = {
    via: "mqtt",
    prefix: "rackwatch",
    messageBytesMax: 131_072,
    required: true,
  } as const;
  const certificate = source(settings, language, dataDir);
  return openMqttUplink(
    { ...road, broker: url(), caFile: at("site-ca.pem") },
    house.parts(gateway, { certificate, text: syncText[language] }),
  );
}

/** What a person is told when that is shown. */
async function told(settings: CertificateSettings, language: "en" | "zh" = "en") {
  await using road = mqtt(settings, language);
  const { signal } = new AbortController();
  const error = await road.inbox?.(0, 0, signal).catch((caught: unknown) => caught);
  return { ...Object(error), message: error instanceof Error ? error.message : "" };
}

test("rows go through a broker that demands certificates: of a file, with the key as a secret, of the enrolment, and as Sparkplug node", async () => {
  const account = brokerAccount(url(), {
    caFile: at("site-ca.pem"),
    certificate: source(shown("rack")),
  });
  const common = {
    account,
    desk: house.desk(),
    clock: systemClock,
    log: house.log,
    random: () => 0,
  };
  const roads = [
    startMqttReception({ ...common, prefix: "rackwatch" }),
    startSparkplugReception({ ...common, group: "site", host: "hq" }),
  ];
  await expect.poll(() => roads.every((road) => road.isUp), { timeout: 30_000 }).toBe(true);
  const dataDir = at("enrolled");
  mkdirSync(join(dataDir, identityFolder), { recursive: true });
  const own = (name: string) => join(dataDir, identityFolder, name);
  copyFileSync(at("rack.pem"), own(identityFiles.certificate));
  copyFileSync(at("rack.key"), own(identityFiles.key));
  const key = new Secret(readFileSync(at("rack.key"), "utf8"));
  const plant = {
    via: "sparkplug",
    group: "site",
    host: "hq",
    central: true,
    required: true,
  } as const;
  const ways = [
    async () => mqtt(shown("rack")),
    async () => mqtt({ certificateFile: at("rack.pem"), key }),
    async () => mqtt({ identity: true }, "en", dataDir),
    () =>
      openSparkplugUplink(
        { ...plant, broker: url(), caFile: at("site-ca.pem") },
        house.parts(gateway, { certificate: source(shown("rack")) }),
      ),
  ];
  const outbox = new MemoryOutbox();
  for (const [turn, open] of ways.entries()) {
    outbox.addSamples(someSamples(100));
    await using uplink = await open();
    const agent = house.agent(gateway, outbox, uplink);
    const stop = new AbortController();
    const run = agent.run(stop.signal);
    await expect.poll(() => agent.drained, { timeout: 30_000, interval: 50 }).toBe(true);
    stop.abort();
    await run;
    const rows = await house.database.query(
      `SELECT count(*)::int AS rows FROM sample WHERE gateway = '${gateway}'`,
    );
    expect(rows).toEqual([{ rows: 100 * (turn + 1) }]);
  }
  await Promise.all(roads.map((road) => road.stop()));
});

test("what is wrong with a certificate is told in both languages, with the file and what to do", async () => {
  expect(await told({})).toMatchObject({
    code: "sync/certificate",
    message: expect.stringContaining("demands a certificate, and none was shown"),
    todo: expect.stringContaining("certificateFile and keyFile"),
  });
  const old = await told(shown("old"));
  expect(old).toMatchObject({ code: "sync/certificate", where: url() });
  expect(old.message).toMatch(/good until \d{4}-\d\d-\d\dT/);
  expect(old.message).toContain(at("old.pem"));
  const stranger = await told(shown("stranger"));
  expect(stranger.message).toContain("does not know the authority");
  expect(stranger.message).toContain(at("stranger.pem"));
  expect((await told(shown("stranger"), "zh")).message).toContain(
    "消息代理不认识本网关证书的签发机构",
  );
  const missing = await told(shown("nowhere"));
  expect(missing).toMatchObject({ code: "sync/certificate", where: at("nowhere.pem") });
  expect(missing.message).toContain("ENOENT");
  expect((await told(shown("nowhere"), "zh")).message).toContain("用于消息代理的证书无法使用");
  const mixed = await told({ certificateFile: at("rack.pem"), keyFile: at("old.key") });
  expect(mixed.message).toContain("the key is of another certificate");
  expect(await told({ identity: true })).toMatchObject({ code: "sync/not-enrolled" });
});

test("a certificate that was renewed is shown at the next connection, without a restart", async () => {
  const file = { certificateFile: at("changing.pem"), keyFile: at("changing.key") };
  copyFileSync(at("old.pem"), file.certificateFile);
  copyFileSync(at("old.key"), file.keyFile);
  const road = house.desk();
  const reception = startMqttReception({
    account: brokerAccount(url(), {
      caFile: at("site-ca.pem"),
      certificate: source(shown("rack")),
    }),
    ...{ desk: road, clock: systemClock, log: house.log, random: () => 0, prefix: "rackwatch" },
  });
  await using uplink = mqtt(file);
  const { signal } = new AbortController();
  const ask = () => uplink.inbox?.(0, 0, signal);
  await expect(ask()).rejects.toMatchObject({ code: "sync/certificate" });
  rmSync(file.certificateFile);
  copyFileSync(at("rack.pem"), file.certificateFile);
  copyFileSync(at("rack.key"), file.keyFile);
  await expect.poll(() => reception.isUp, { timeout: 30_000 }).toBe(true);
  // This central tells nothing: that is its own answer, and came over the broker.
  await expect(ask()).rejects.toMatchObject({ refusal: "not-found" });
  await reception.stop();
});
