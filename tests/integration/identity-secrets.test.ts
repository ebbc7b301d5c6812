import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { coldRoom } from "../support/cold-room.ts";
import { authorityFile, tlsFixtures } from "../support/identity-world.ts";
import { startAedes } from "../support/mqtt-broker.ts";
import { startProgram } from "../support/program.ts";
import { freePort } from "../support/spine.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const soon = { timeout: 90_000, interval: 250 };

const chosen = {
  broker: "password-of-the-broker-4711",
  webhook: "secret-that-signs-webhooks-4712",
  read: "token-for-reading-central-4713",
  hook: "path-token-of-the-webhook-4714",
  hookSecret: "secret-of-centrals-webhook-4715",
};

/** One command as a process, with all that it says. */
function command(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [rackwatch, ...args], { env: { ...process.env, ...env } });
  let said = "";
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise<{ out: string; said: string }>((done, fail) => {
    child.once("close", (code) =>
      code === 0 ? done({ out, said }) : fail(new Error(`${args[0]}: ${out}${said}`)),
    );
  });
}

const ca = readFileSync(authorityFile);

function get(url: string, token?: string): Promise<string> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((done, fail) => {
    https
      .get(url, { ca, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.once("end", () => done(text));
      })
      .once("error", fail);
  });
}

interface Found {
  readonly file: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

/** All files below a folder that somebody of another group could come to: a folder that keeps others out keeps all in it. */
function filesFor(folder: string, everybody: boolean): readonly Found[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    const { mode } = statSync(file);
    if (entry.isDirectory())
      return everybody && (mode & 0o001) === 0 ? [] : filesFor(file, everybody);
    if (!entry.isFile() || (everybody && (mode & 0o004) === 0)) return [];
    return [{ file, mode, bytes: readFileSync(file) }];
  });
}

/** What a bundle holds, unpacked: each letter is a frame of zstd behind its length. */
function unpacked(bundle: Buffer): string {
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const letters: string[] = [];
  for (let at = bundle.indexOf(magic); at > 0; at = bundle.indexOf(magic, at + 4)) {
    const length = bundle.readUInt32BE(at - 4);
    letters.push(zstdDecompressSync(bundle.subarray(at, at + length)).toString("latin1"));
  }
  expect(letters.length).toBeGreaterThan(0);
  return letters.join("");
}

/** A line from the middle of a private key: whoever prints the key prints it. */
function heart(file: string): string {
  return readFileSync(file, "utf8").split("\n")[1] ?? "";
}

test("no secret is in what gateway, agent and central say, export, bundle or leave where others read", async () => {
  await using cleanup = new AsyncDisposableStack();
  const broker = cleanup.use(
    await startAedes({
      authenticate: (_client, _user, password, done) =>
        done(null, password?.toString() === chosen.broker),
    }),
  );
  const at = `127.0.0.1:${await freePort()}`;
  const address = `https://${at}`;
  const road = `broker: "mqtt://127.0.0.1:${broker.port}", username: rack, password: !secret broker`;
  const room = cleanup.use(
    await coldRoom({
      env: () => ({
        RACKWATCH_SECRET_WEBHOOK: chosen.webhook,
        RACKWATCH_SECRET_BROKER: chosen.broker,
      }),
      services: `broker: { enabled: false }
alarms: { notify: [office] }
notify:
  office:
    webhook: { url: "http://127.0.0.1:9/hook", secret: !secret webhook }
sync:
  central: ${address}
  caFile: ${authorityFile}
  uplinks:
    plain: { via: mqtt, ${road} }`,
    }),
  );
  const { configFile, dataDir } = room.rig;
  const data = join(room.folder, "central");
  const keys = join(room.folder, "keys");
  const central = ["central", "--data", data, "--keys", keys];
  const { out: token } = await command([...central, "add-gateway", "other"]);
  const operator = await command([...central, "add-operator", "Li Wei", "--role", "operator"]);
  const code = await command([...central, "enroll-code", "cold-room"]);
  const running = await startProgram(
    [
      ...[...central, "--listen", at, "--mqtt", `mqtt://rack@127.0.0.1:${broker.port}`],
      ...["--tls-cert", join(tlsFixtures, "localhost.pem")],
      ...["--tls-key", join(tlsFixtures, "localhost.key")],
    ],
    {
      RACKWATCH_READ_TOKEN: chosen.read,
      RACKWATCH_MQTT_PASSWORD: chosen.broker,
      RACKWATCH_ALARM_WEBHOOK: `http://127.0.0.1:9/${chosen.hook}`,
      RACKWATCH_ALARM_WEBHOOK_SECRET: chosen.hookSecret,
    },
    "central listens",
  );
  cleanup.defer(() => running.kill("SIGTERM"));
  const gateway = await room.start();
  await room.live();
  const common = ["--config", configFile, "--data", dataDir];
  const enrolled = await command(["enroll", code.out.trim(), "--central", address, ...common]);
  const secrets = {
    RACKWATCH_SECRET_WEBHOOK: chosen.webhook,
    RACKWATCH_SECRET_BROKER: chosen.broker,
  };
  const agent = await startProgram(["sync", ...common], secrets, "broker reached");
  cleanup.defer(() => agent.kill("SIGTERM"));
  room.setTemperature(12);
  await room.alarm("warm");
  const alarms = () => get(`${address}/v1/alarms?gateway=cold-room`, chosen.read);
  await expect.poll(alarms, soon).toContain("warm");
  await get(`${address}/v1/gateways/cold-room/identity`, operator.out.trim());
  await get(`${address}/v1/gateways`, "a-wrong-token-of-somebody");

  const support = join(room.folder, "support.tar.gz");
  const stick = join(room.folder, "stick");
  mkdirSync(stick);
  const told = await command(["support", ...common, "--out", support], secrets);
  const bundled = await command(["bundle", "export", stick, ...common], secrets);
  const checked = await command(["check", configFile, "--explain"], secrets);
  const doctor = await command(["doctor", ...common, "--json"], secrets).catch(String);
  const pages = ["/metrics", "/openapi.json", "/healthz", "/v1/gateways", "/v1/operators"];
  const views = ["/v1/operators/acts", "/v1/export/gateway_health", "/v1/export/alarm_events"];
  const shown = await Promise.all(
    [...pages, ...views].map((path) => get(`${address}${path}`, chosen.read)),
  );
  const panel = await Promise.all(
    ["/metrics", "/openapi.json", "/api/points", "/api/notices", "/api/sync"].map(async (path) =>
      (await fetch(`${room.rig.panel}${path}`)).text(),
    ),
  );
  const public_ = [
    ...[running, agent, gateway].map(({ lines }) => JSON.stringify(lines)),
    ...[told, bundled, checked, enrolled].map((it) => JSON.stringify(it)),
    ...[doctor, operator.said, code.said].map((it) => JSON.stringify(it)),
    ...[...shown, ...panel],
    gunzipSync(readFileSync(support)).toString("latin1"),
    ...filesFor(stick, false).map(({ bytes }) => bytes.toString("latin1") + unpacked(bytes)),
    ...[room.folder]
      .flatMap((it) => filesFor(it, true))
      .map(({ bytes }) => bytes.toString("latin1")),
  ];
  const files = {
    ca: join(keys, "ca-key.pem"),
    signing: join(keys, "signing-key.pem"),
    own: join(dataDir, "sync/identity/key.pem"),
  };
  for (const file of Object.values(files)) expect(statSync(file).mode & 0o077, file).toBe(0);
  const needles = {
    ...chosen,
    token: token.trim(),
    operator: operator.out.trim(),
    code: code.out.trim(),
    bareCode: code.out.trim().replaceAll("-", ""),
    ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, heart(file)])),
  };
  const leaks = Object.entries(needles).flatMap(([name, needle]) => {
    if (needle.length < 15) throw new Error(`no secret: ${name}`);
    return public_.flatMap((text, index) => (text.includes(needle) ? [`${name} in ${index}`] : []));
  });
  expect(leaks).toEqual([]);
}, 300_000);
