import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type BundleCentral, bundleCentral } from "../support/bundle-world.ts";
import { mounted } from "../support/mounted.ts";
import { type NumberedLog, numberedLog } from "../support/trials/numbered-log.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rackwatch-pulled-"));
const stick = join(folder, "stick");
const config = join(folder, "gateway.yaml");
const rows = 30_000;
let central: BundleCentral;
let written: NumberedLog;

beforeAll(async () => {
  central = await bundleCentral();
  await addGateway(central.database, "gw-stick", "token-of-the-stick");
  const road = `{ via: file, folder: ${stick}, credentials: !secret hand }`;
  const sync = `sync: { uplinks: { stick: ${road} } }`;
  writeFileSync(config, `version: 1\ngateway: { id: gw-stick }\n${sync}\n`);
  written = numberedLog({ dir: folder, gatewayId: "gw-stick", clock: systemClock });
  for (let done = 0; done < rows; done += 1_000) written.take(1_000, 10);
}, 90_000);
afterAll(async () => {
  written[Symbol.dispose]();
  await central[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** `rackwatch bundle export` as a program; `killed`: with -9 as soon as it writes. Returns its exit code. */
async function exported(killed: boolean): Promise<number | null> {
  const args = ["bundle", "export", stick, "--config", config, "--data", folder];
  const env = { ...process.env, RACKWATCH_SECRET_HAND: "token-of-the-stick" };
  const child = spawn(process.execPath, [rackwatch, ...args], { env, stdio: "ignore" });
  const code = new Promise<number | null>((done) => child.once("exit", done));
  const part = join(stick, ".gw-stick.part");
  while (killed && child.exitCode === null && child.signalCode === null) {
    if (existsSync(part)) child.kill("SIGKILL");
    await new Promise((next) => setTimeout(next, 1));
  }
  return code;
}

const bundles = () => readdirSync(stick).filter((name) => name.endsWith(".rwb"));

test("on a stick that is full, read-only, or pulled by kill -9 in the middle nothing is half there, and later central has each row once", {
  timeout: 120_000,
}, async (context) => {
  {
    using full = mounted(context, stick, "-t", "tmpfs", "-o", "size=2500k", "tmpfs");
    expect(await exported(false), "no room").toBe(2);
    expect(readdirSync(stick)).toEqual([]);
    full.mount("-o", "remount,ro,size=64m");
    expect(await exported(false), "read-only").toBe(2);
    full.mount("-o", "remount,rw,size=64m");
    expect(await exported(true), "killed").toBeNull();
    expect(bundles()).toEqual([]);
    expect(await exported(false)).toBe(0);
    expect(readdirSync(stick), "what the kill left is used again").toEqual(bundles());
    const files = bundles().map((file) => ({ file, bytes: readFileSync(join(stick, file)) }));
    const done = await central.take(files);
    expect(done.files.map(({ outcome }) => outcome)).toEqual(files.map(() => "taken"));
  }
  const [stored] = await central.database.query(
    `SELECT count(*)::int AS rows, count(DISTINCT value)::int AS others, max(value) AS last,
       bool_and(value = seq) AS same FROM sample WHERE gateway = 'gw-stick'`,
  );
  expect(stored).toEqual({ rows, others: rows, last: rows, same: true });
});
