import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import type { AlarmAction } from "../alarms/alarm.ts";
import type { Follow } from "../follow.ts";
import type { Instant } from "../rules/rule.ts";
import { begunKey, Commands, commandKeyPrefix, commandsMax, logsKey } from "./commands.ts";
import { bundleBytesMax, bundlesMax, outgoingFolder } from "./logs.ts";
import type { Command } from "./message.ts";

let dir: string;
let state: Map<string, unknown>;
let told: string[];
let runs: string[][];
let code: number;
/** What is done while a test or a channel is at work. */
let during: () => void;
let silencedMinutes: number[];
let bundleBytes: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "commands-"));
  [state, told, runs, code] = [new Map(), [], [], 0];
  during = () => undefined;
  [silencedMinutes, bundleBytes] = [[], 1];
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
  const act = (target: string, action: AlarmAction, more?: () => Follow) => {
    if (target !== "warm") throw new RackwatchError("alarm/unknown", `no alarm ${target}`);
    told.push(`${action.do} ${target} by ${action.by}`);
    if (more !== undefined) follow(more);
  };
  const channels = { line: { driver: "gpio", devices: {} } };
  const annunciators = { wall: { buzzer: "stack/buzzer" }, door: { lamp: "stack/lamp" } };
  const own = configSchema.parse({ version: 1, gateway: { id: "gw" }, annunciators });
  const config = { ...own, channels };
  return new Commands({
    ...{ configFile: join(dir, "gateway.yaml"), dataDir: dir, log: memoryLog().log },
    run: (args: readonly string[]) => {
      runs.push([...args]);
      const out = args.at(-1);
      if (code === 0 && out !== undefined) {
        writeFileSync(out, "");
        truncateSync(out, bundleBytes);
      }
      return Promise.resolve({ code, out: "", err: "no room" });
    },
    now: () => ({
      config,
      outputs: new Map([["stack/red", {}]] as const),
      intake: { follow, act },
    }),
    annunciation: {
      silence: (minutes) => {
        told.push("silenced");
        silencedMinutes.push(minutes);
      },
      test: async (output) => {
        told.push(`tested ${output}`);
        during();
      },
    },
    channels: {
      restart: async (id: string) => {
        told.push(`restarted ${id}`);
        during();
        return id === "line";
      },
    },
    readState: () => state,
  });
}

function said(number: number, id: string, action: Command["action"], target?: string) {
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

test.each([
  [
    "a test is not done a second time, and nobody is told that it was",
    "test",
    "wall",
    "interrupted",
  ],
  ["a channel was opened anew by the restart", "restart-channel", "line", "done"],
] as const)("cut off by a kill: %s", async (_, action, target, outcome) => {
  during = () => {
    throw new Error("killed");
  };
  await expect(commands().take(...said(1, "a", action, target))).rejects.toThrow("killed");
  expect([told.length, state.get("down/done"), state.get(begunKey)]).toEqual([1, undefined, "a"]);
  const next = commands();
  const [, command] = said(1, "a", action, target);
  expect([next.isCutOff(command), next.isCutOff({ ...command, id: "b" })]).toEqual([true, false]);
  await next.take(...said(1, "a", action, target));
  expect(told.slice(1)).toEqual([`a ${outcome}`]);
  expect([state.get("down/done"), state.has(begunKey)]).toEqual([1, false]);
  during = () => undefined;
  await next.take(...said(2, "b", action, target));
  expect(told.at(-1)).toBe("b done");
});

test("cut off by a kill: a silence is begun again, since the restart had ended it", async () => {
  state.set(begunKey, "of another");
  await commands().take(...said(1, "a", "silence"));
  expect(told).toEqual(["silenced", "a done"]);
});

test.each([
  ["silence", "wall", "acknowledged"],
  ["test", "nobody", "nobody"],
  ["test", undefined, "target"],
  ["restart-channel", "nobody", "nobody"],
  ["restart-channel", "constructor", "constructor"],
] as const)("nothing is begun for %s of %s: refused, and why", async (action, target, why) => {
  await commands().take(...said(1, "a", action, target));
  expect(told).toEqual(["a refused"]);
  expect(state.get(`${commandKeyPrefix}a`)).toMatchObject({ reason: expect.stringContaining(why) });
  expect([state.get("down/done"), state.has(begunKey)]).toEqual([1, false]);
});

test("an acknowledgement takes its outcome along; an alarm that is not there is refused, and the reason is the alarm's", async () => {
  const desk = commands();
  await desk.take(...said(1, "a", "acknowledge", "warm"));
  expect(told).toEqual(["acknowledge warm by Wang", "a done"]);
  expect(state.get("down/done")).toBe(1);
  await desk.take(...said(2, "b", "acknowledge", "cold"));
  expect(state.get(`${commandKeyPrefix}b`)).toMatchObject({
    outcome: "refused",
    reason: "no alarm cold",
  });
});

test("a silence is as long as one on the spot; a test is that of an annunciator, or of one output", async () => {
  const desk = commands();
  await desk.take(...said(1, "a", "silence", "all"));
  expect(silencedMinutes).toEqual([15]);
  await desk.take(...said(2, "b", "test", "wall"));
  await desk.take(...said(3, "c", "test", "stack/red"));
  expect(told.filter((it) => it.startsWith("tested"))).toEqual([
    "tested stack/buzzer",
    "tested stack/red",
  ]);
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
  [code, bundleBytes] = [0, bundleBytesMax + 1];
  await commands().take(...said(7, "large", "send-logs"));
  await expect.poll(() => told).toContain("large failed");
  expect(readdirSync(join(dir, outgoingFolder))).toEqual(["cut.tar.gz"]);
});
