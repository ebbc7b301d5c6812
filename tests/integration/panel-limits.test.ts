import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { panelSchema } from "../../config/schema/services.ts";
import { connectionsMax, requestTimeoutMs } from "../../gateway/panel/limits.ts";
import { openPanel } from "../../gateway/panel/panel.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { panelSource } from "../support/panel-source.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start() {
  const dir = mkdtempSync(join(tmpdir(), "panel-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const clock = new ManualClock();
  const { log } = memoryLog();
  const { store } = openStore({ dir, gatewayId: "wh1", clock, log });
  cleanups.push(() => store[Symbol.dispose]());
  const { source } = panelSource(clock, store);
  const config = panelSchema.parse({ listen: "127.0.0.1:0" });
  const panel = await openPanel({ config, source, clock, log, webDir: dir, version: "1" });
  cleanups.push(() => panel[Symbol.asyncDispose]());
  const socket = async (): Promise<Socket> => {
    const [host, port] = panel.address.split(":");
    const opened = connect(Number(port), host);
    opened.on("error", () => undefined);
    opened.resume();
    cleanups.push(() => opened.destroy());
    await once(opened, "connect");
    return opened;
  };
  return { panel, socket };
}

test("sockets have a limit: what is more is closed at once, and one that leaves makes room", async () => {
  const { panel, socket } = await start();
  const sockets: Socket[] = [];
  for (let i = 0; i < connectionsMax + 20; i += 1) sockets.push(await socket());
  const open = () => sockets.filter(({ closed }) => !closed);
  await expect.poll(() => open().length).toBe(connectionsMax);
  const [leaving] = open();
  leaving?.destroy();
  const answers = async () => (await fetch(`http://${panel.address}/healthz`)).status;
  await expect.poll(() => answers().catch(() => 0)).toBe(200);
});

const beginnings = [
  "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
  "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
];

test("a request that dribbles its header or its body is ended", { timeout: 20_000 }, async () => {
  const { socket } = await start();
  const dribble = async (begin: string) => {
    const slow = await socket();
    slow.write(begin);
    const timer = setInterval(() => slow.write("x"), 500);
    cleanups.push(() => clearInterval(timer));
    const at = performance.now();
    await once(slow, "close");
    expect(performance.now() - at).toBeLessThan(requestTimeoutMs + 3_000);
  };
  await Promise.all(beginnings.map(dribble));
});
