import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { scratchFolder } from "../support/spine.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const tls = join(import.meta.dirname, "../fixtures/tls");
const folder = scratchFolder();
afterAll(() => folder[Symbol.dispose]());

/** `rackwatch central` until it ends by itself; one that runs is ended and is a failure of the test. */
function central(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const data = join(folder.path, `data-${Math.random().toString(36).slice(2)}`);
  const all = ["central", "--listen", "127.0.0.1:0", "--data", data, ...args];
  const child = spawn(process.execPath, [rackwatch, ...all], {
    cwd: folder.path,
    env: { ...process.env, ...env },
  });
  let err = "";
  let runs = false;
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdout.on("data", (chunk: Buffer) => {
    if (!chunk.toString().includes("central listens")) return;
    runs = true;
    child.kill("SIGTERM");
  });
  const tooLong = setTimeout(() => child.kill("SIGKILL"), 50_000);
  return new Promise<{ code: number | null; err: string; runs: boolean; data: string }>((done) => {
    child.once("close", (code) => {
      clearTimeout(tooLong);
      done({ code, err, runs, data });
    });
  });
}

const junk = join(folder.path, "junk.pem");
writeFileSync(junk, "no certificate\n");
mkdirSync(join(folder.path, "a-folder"));
const cert = join(tls, "localhost.pem");
const key = join(tls, "localhost.key");

test.each([
  ["--mqtt nonsense", ["the broker's address is none", "--mqtt", "mqtts://HOST:8883"]],
  ["--mqtt http://broker", ["the broker's address is none"]],
  ["--mqtt mqtt://broker --mqtt-prefix a/+/b", ['"a/+/b" cannot be one level of a topic']],
  ["--mqtt mqtts://broker --mqtt-ca junk.pem", ["junk.pem", "--mqtt-ca"]],
  ["--mqtt mqtts://broker --mqtt-ca gone.pem", ["gone.pem", "--mqtt-ca"]],
  ["--mqtt-ca junk.pem", ["--mqtt-ca needs a broker", "--mqtt URL"]],
  ["--sparkplug-group plant", ["--sparkplug-group needs a broker", "--mqtt URL"]],
  ["--kafka nonsense", ["the address of Kafka is none", "kafka://HOST:PORT"]],
  ["--kafka-role store", ["--kafka-role store needs a log", "--kafka URL"]],
  ["--kafka-role wrong", ["Allowed choices are receive, store, both"]],
  [`--tls-cert junk.pem --tls-key ${key}`, ["no certificate", "junk.pem", "--tls-cert"]],
  [`--tls-cert ${cert} --tls-key junk.pem`, ["--tls-key"]],
  [`--tls-cert a-folder --tls-key ${key}`, ["cannot be read", "a-folder"]],
  [`--tls-cert ${cert}`, ["TLS needs a certificate and its key"]],
  ["--keys junk.pem", ["signing-key cannot be read or made", "junk.pem", "--keys DIR"]],
  ["--keys /proc/keys-of-central", ["signing-key cannot be read or made", "/proc/keys"]],
  ["--keep-samples 3", ["--keep-samples is no time of a day or more", "400d"]],
  ["--trusted-proxy nonsense", ["trusted proxy", "nonsense", "10.0.0.0/24"]],
])(
  "central %s: ends with what is wrong, where, and what to do",
  { timeout: 90_000 },
  async (line, sentences) => {
    const { code, err, runs, data } = await central(line.split(" "));
    expect({ code, runs }, err).toEqual({ code: 2, runs: false });
    for (const sentence of sentences) expect(err).toContain(sentence);
    expect(err).not.toMatch(/\n\s+at /);
    expect(err.split("\n").length).toBeLessThanOrEqual(4);
    expect(existsSync(join(data, "PG_VERSION"))).toBe(false);
  },
);

test("an address with a password that is none is not repeated, from wherever it comes", {
  timeout: 90_000,
}, async () => {
  const address = "mqqt://central:a-password-of-central@broker";
  const [given, set] = await Promise.all([
    central(["--mqtt", address]),
    central([], { RACKWATCH_MQTT: address }),
  ]);
  expect([given.code, set.code]).toEqual([2, 2]);
  expect(set.err).toContain("RACKWATCH_MQTT");
  expect(given.err + set.err).not.toContain("a-password");
});
