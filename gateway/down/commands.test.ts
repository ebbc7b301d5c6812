import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema } from "../../config/schema/config.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import type { Follow } from "../follow.ts";
import type { Instant } from "../rules/rule.ts";
import { Commands, commandKeyPrefix, commandsMax, logsKey } from "./commands.ts";
import { bundlesMax, outgoingFolder } from "./logs.ts";

let dir: string;
let state: Map<string, unknown>;
let told: string[];
let runs: string[][];
let code: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "commands-"));
  [state, told, runs, code] = [new Map(), [], [], 0];
});

afterEach(() => rmSync(dir, { recursive: true }));

function commands() {
  const follow = (work: (instant: Instant) => Follow) => {
    const { events, state: changed } = work({ at: 0, mono: 0 });
    for (const [key, value] of changed) {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
    }
    for (const { body } of events) told.push(`${String(body["id"])} ${String(body["outcome"])}`);
  };
  const config = configSchema.parse({ version: 1, gateway: { id: "gw" } });
  return new Commands({
    ...{ configFile: join(dir, "gateway.yaml"), dataDir: dir, log: memoryLog().log },
    run: (args: readonly string[]) => {
      runs.push([...args]);
      const out = args.at(-1);
      if (code === 0 && out !== undefined) writeFileSync(out, "bundle");
      return Promise.resolve({ code, out: "", err: "no room" });
    },
    now: () => ({ config, outputs: new Map(), intake: { follow, act: () => undefined } }),
    annunciation: { silence: () => void told.push("silenced"), test: () => Promise.resolve() },
    channels: { restart: (id: string) => Promise.resolve(id === "line") },
    readState: () => state,
  });
}

function said(
  number: number,
  id: string,
  action: "silence" | "send-logs" | "restart-channel",
  target?: string,
) {
  const body = {
    kind: "command",
    id,
    action,
    ...(target === undefined ? {} : { target }),
  } as const;
  const message = { gateway: "gw", number, issuedAt: 0, by: "Wang", body };
  return [message, body, new Map([["down/done", number]])] as const;
}

test("one id is done once, under whatever numbers it comes, also after a restart", async () => {
  await commands().take(...said(1, "a", "silence"));
  await commands().take(...said(2, "a", "silence"));
  expect(told).toEqual(["silenced", "a done", "a done"]);
  expect(state.get("down/done")).toBe(2);
});

test("only so many ids are remembered, the oldest go", async () => {
  const desk = commands();
  for (let at = 1; at <= commandsMax + 3; at += 1) {
    await desk.take(...said(at, `c${at}`, "restart-channel", "line"));
  }
  const kept = [...state.keys()].filter((key) => key.startsWith(commandKeyPrefix));
  expect(kept).toHaveLength(commandsMax);
  expect(state.has(`${commandKeyPrefix}c3`)).toBe(false);
});

test("logs: a bundle under the command's id, its number done at once, its outcome when it lies there", async () => {
  const desk = commands();
  await desk.take(...said(1, "logs-1", "send-logs"));
  expect(state.get("down/done")).toBe(1);
  await expect.poll(() => told).toEqual(["logs-1 done"]);
  expect(existsSync(join(dir, outgoingFolder, "logs-1.tar.gz"))).toBe(true);
  expect(state.has(logsKey)).toBe(false);
  for (let at = 2; at <= bundlesMax + 2; at += 1) {
    await desk.take(...said(at, `logs-${at}`, "send-logs"));
    await expect.poll(() => told).toContain(`logs-${at} done`);
  }
  expect(readdirSync(join(dir, outgoingFolder))).toHaveLength(bundlesMax);
});

test("logs: what a restart cut off is begun again; what cannot be written has failed", async () => {
  state.set(logsKey, { id: "cut", by: "Wang", number: 4 });
  commands();
  await expect.poll(() => told).toEqual(["cut done"]);
  code = 2;
  await commands().take(...said(5, "full", "send-logs"));
  await expect.poll(() => told).toContain("full failed");
  await commands().take(...said(6, "../../etc/x", "send-logs"));
  expect(told.at(-1)).toBe("../../etc/x refused");
  expect(runs).toHaveLength(2);
});
