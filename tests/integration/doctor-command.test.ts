import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandIo, runCommand } from "../../gateway/cli/command.ts";
import { doctorCommand } from "../../gateway/cli/doctor.ts";
import { supportCommand } from "../../gateway/cli/support.ts";
import type { Finding } from "../../gateway/doctor/finding.ts";
import { lockFolder } from "../../gateway/store/lock.ts";
import { memoryIo } from "../support/command-io.ts";

const secrets = {
  central: "rwg_token-of-central-0123",
  broker: "broker password, with 'quotes'",
  mail: "mail-password-77",
  ding: "dingtalk-token-88",
};
const personal = ["+8613800138000", "boss@example.com", "pr0xy-pass"];

let dir: string;
let config: string;
let data: string;
let device: net.Server;
let central: http.Server;
let status = 400;
const asked: { url: string | undefined; authorization: string | undefined }[] = [];
const env: Record<string, string> = { RACKWATCH_SECRET_MAIL: secrets.mail };
const port = (server: net.Server | http.Server) => (server.address() as AddressInfo).port;
const listen = (server: net.Server) =>
  new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-doctor-"));
  data = join(dir, "data");
  mkdirSync(join(data, "sync"), { recursive: true, mode: 0o750 });
  device = net.createServer((socket) => socket.on("error", () => undefined));
  central = http.createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    const code = status === 400 ? "bad-request" : "unauthorized";
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ code, message: "no" }));
  });
  await Promise.all([listen(device), listen(central)]);
  config = join(dir, "gateway.yaml");
  writeFileSync(
    join(dir, "secrets.yaml"),
    `central: ${secrets.central}\nbroker: "${secrets.broker}"\nding: ${secrets.ding}\n`,
    { mode: 0o600 },
  );
  writeFileSync(config, yaml(port(device), `http://127.0.0.1:${port(central)}`));
});
afterAll(() => {
  device.close();
  central.closeAllConnections();
  central.close();
  rmSync(dir, { recursive: true, force: true });
});

function yaml(devicePort: number, url: string, more = ""): string {
  return `version: 1
gateway: { id: wh1, language: en, timezone: UTC }
channels:
  plant:
    driver: modbus
    port: tcp://127.0.0.1:${devicePort}
    devices: { room: { template: xy-md02, unitId: 1 } }
broker: { users: { reader: { password: !secret broker } } }
panel: { listen: "127.0.0.1:1", enabled: true }
mail: { host: mail.example.com, from: gateway@example.com, user: u, password: !secret mail }
notify:
  boss: { email: [boss@example.com], sms: ["+8613800138000"], ntfy: { server: "https://ntfy.sh", topic: t, token: !secret ding } }
sms: { port: "serial:/dev/serial/by-id/none" }
sync: { central: "${url}", credentials: !secret central${more} }
`;
}

async function command(of: (io: CommandIo) => Parameters<typeof runCommand>[0], args: string[]) {
  const { io, seen } = memoryIo();
  const own = { ...io, cwd: dir, env };
  await runCommand(of(own), args, own);
  return seen;
}
async function doctor(...more: string[]) {
  const args = ["--config", config, "--data", data, "--json", ...more];
  const seen = await command(doctorCommand, args);
  const { findings }: { findings: readonly Finding[] } = JSON.parse(seen.out);
  const of = (check: string) => findings.find((it) => it.check === check);
  return { ...seen, findings, of };
}
const leaks = (text: string) =>
  [...Object.values(secrets), ...personal].filter((secret) => text.includes(secret));

test("all that is well is said to be well, and central is asked without a trace", async () => {
  const { of, findings, out } = await doctor();
  expect(of("config"), JSON.stringify(findings)).toMatchObject({ grade: "ok" });
  expect(of("channels/plant")).toMatchObject({ grade: "ok" });
  expect(of("central/tcp")).toMatchObject({ grade: "ok" });
  expect(of("central/access")).toMatchObject({ grade: "ok" });
  expect(of("central/clock")).toMatchObject({ grade: "ok" });
  expect(of("data")).toMatchObject({ grade: "ok" });
  expect(asked.at(-1)).toEqual({
    url: "/v1/gateways/wh1/marks",
    authorization: `Bearer ${secrets.central}`,
  });
  expect(of("node")).toMatchObject({ grade: "ok" });
  expect(leaks(out)).toEqual([]);
});

test("a refused token, a gone device and a stopped gateway are said with what to do; exit code 1", async () => {
  status = 401;
  const gone = net.createServer();
  await listen(gone);
  const away = port(gone);
  gone.close();
  writeFileSync(config, yaml(away, `http://127.0.0.1:${port(central)}`));
  const { of, code } = await doctor();
  expect(code).toBe(1);
  expect(of("central/access")).toMatchObject({
    grade: "fail",
    todo: expect.stringContaining("rackwatch central add-gateway wh1"),
  });
  expect(of("channels/plant")).toMatchObject({
    grade: "fail",
    found: expect.stringContaining("ECONNREFUSED"),
  });
  expect(of("data/lock")).toMatchObject({ grade: "warn" });
  status = 400;
});

test("a gateway that runs is named and not disturbed: doctor makes and locks nothing", async () => {
  const before = readdirSync(data, { recursive: true });
  using _held = lockFolder(data);
  const { of } = await doctor();
  expect(of("data/lock")).toMatchObject({
    grade: "ok",
    found: expect.stringContaining(String(process.pid)),
  });
  expect(readdirSync(data, { recursive: true }).sort()).toEqual(
    [...before, "gateway.lock", "gateway.lock-journal"]
      .filter((it, at, all) => all.indexOf(it) === at)
      .sort(),
  );
});

test("a configuration that does not load, and secrets that this user cannot read, are two things", async () => {
  const good = yaml(port(device), `http://127.0.0.1:${port(central)}`);
  writeFileSync(config, good.replace("!secret central", "!secret of-another-user"));
  const unread = await doctor();
  expect(unread.of("config/secrets")).toMatchObject({ grade: "warn" });
  expect(unread.of("central/access")).toMatchObject({ grade: "skip" });
  writeFileSync(config, good.replace("channels:", "chanels:"));
  const bad = await doctor("--lang", "zh");
  expect(bad.code).toBe(1);
  expect(bad.of("config")).toMatchObject({ grade: "fail", todo: expect.stringContaining("查看") });
  writeFileSync(config, good);
});

test("a bundle holds what helps and none of the planted secrets", async () => {
  const proxied = yaml(
    port(device),
    `http://127.0.0.1:${port(central)}`,
    ', proxy: "http://user:pr0xy-pass@127.0.0.1:9"',
  );
  writeFileSync(config, `${proxied}# told to 13912345678 once, token: not-a-good-idea\n`);
  const out = join(dir, "support.tar.gz");
  const seen = await command(supportCommand, ["--config", config, "--data", data, "--out", out]);
  expect(seen.err).toBe("");
  expect(seen.out).toContain("without secrets");
  const listed = execFileSync("tar", ["-tzf", out], { encoding: "utf8" }).trim().split("\n");
  expect(listed).toEqual(
    ["doctor.txt", "doctor.json", "versions.json", "gateway.yaml", "metrics.txt", "store.json"]
      .concat(["sync.json", "rackwatch-gateway.log", "rackwatch-sync.log"])
      .map((name) => `rackwatch-support/${name}`),
  );
  const text = gunzipSync(execFileSync("cat", [out])).toString();
  expect(leaks(text)).toEqual([]);
  for (const more of ["13912345678", "not-a-good-idea"]) expect(text).not.toContain(more);
  expect(text).toContain("!secret central");
  expect(text).toContain("xy-md02");
});
