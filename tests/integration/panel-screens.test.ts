import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import type { Language } from "../../config/language/language.ts";
import { panelSchema } from "../../config/schema/services.ts";
import { heartbeatAfterMs, streamEveryMs, streamsMax } from "../../gateway/panel/limits.ts";
import { openPanel } from "../../gateway/panel/panel.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";
import { panelSource } from "../support/panel-source.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(
  files: Readonly<Record<string, string | Buffer>> = {},
  language: Language = "en",
) {
  const dir = mkdtempSync(join(tmpdir(), "panel-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const webDir = join(dir, "web");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(webDir, name, ".."), { recursive: true });
    writeFileSync(join(webDir, name), content);
  }
  writeFileSync(join(dir, "secret.txt"), "outside");
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const { store } = openStore({ dir, gatewayId: "wh1", clock, log });
  cleanups.push(() => store[Symbol.dispose]());
  const { source } = panelSource(clock, store);
  const config = panelSchema.parse({ listen: "127.0.0.1:0" });
  const panel = await openPanel({ config, source, clock, log, webDir, version: "1", language });
  let open = true;
  const stop = async () => {
    if (open) await panel[Symbol.asyncDispose]();
    open = false;
  };
  cleanups.push(stop);
  return { panel, clock, entries, source, stop, url: `http://${panel.address}` };
}

interface Event {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly data: string | undefined;
}

/** The events of one stream as a browser would read them. */
async function listen(url: string, headers: Readonly<Record<string, string>> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/events`, { signal: abort.signal, headers });
  cleanups.push(() => abort.abort());
  const events: Event[] = [];
  let ended = false;
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
        events.push({ id: field("id"), name: field("event"), data: field("data") });
      }
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return { response, events, abort, ended: () => ended };
}

const names = (events: readonly Event[]) => events.map(({ name }) => name);

const files = {
  "index.html": "<!doctype html><title>Rackwatch</title>".padEnd(2_000, " "),
  "assets/panel-Abc123.js": "console.log(1);".repeat(500),
};
const compressed = {
  ...files,
  "assets/panel-Abc123.js.br": brotliCompressSync(files["assets/panel-Abc123.js"]),
};

test("built screens are served: the page is asked for each time, hashed files never again", async () => {
  const { url } = await start(compressed);
  const page = await fetch(`${url}/`);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect(await page.text()).toContain("<title>Rackwatch</title>");
  const script = await fetch(`${url}/assets/panel-Abc123.js`, {
    headers: { "accept-encoding": "gzip, br" },
  });
  expect(script.headers.get("content-encoding")).toBe("br");
  expect(script.headers.get("content-type")).toContain("javascript");
  expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(await script.text()).toBe(files["assets/panel-Abc123.js"]);
  const plain = await fetch(`${url}/assets/panel-Abc123.js`, {
    headers: { "accept-encoding": "identity" },
  });
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await plain.text()).toBe(files["assets/panel-Abc123.js"]);
});

test("what is not there is a plain 404, and nothing outside the folder is served", async () => {
  const { panel, url } = await start(files);
  expect((await fetch(`${url}/assets/none.js`)).status).toBe(404);
  expect((await fetch(`${url}/api/none`)).headers.get("content-type")).toContain("json");
  const [host, port] = panel.address.split(":");
  for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"]) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), host, () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      });
      let text = "";
      socket.on("data", (part) => {
        text += String(part);
      });
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 (403|404|400)/);
    expect(answer).not.toContain("outside");
  }
});

test.each([
  ["en", "npm run build"],
  ["zh", "界面尚未构建"],
] as const)(
  "without built screens a page in %s says how to build them",
  async (language, words) => {
    const { url } = await start({}, language);
    const page = await fetch(`${url}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(words);
  },
);

test("a stream begins with the snapshot, goes on with changes, and begins anew after a reconnect", async () => {
  const { panel, clock, source, url } = await start();
  const first = await listen(url);
  expect(first.response.headers.get("content-type")).toContain("text/event-stream");
  expect(first.response.headers.get("content-security-policy")).toContain("default-src 'self'");
  expect(first.response.headers.get("cache-control")).toBe("no-store");
  await expect.poll(() => names(first.events)).toEqual(["snapshot"]);
  expect(JSON.parse(first.events[0]?.data ?? "")).toEqual({
    gateway: source.gateway(),
    points: source.points(),
    alarms: source.alarms(),
    outputs: source.outputs(),
    sync: source.sync(),
    notices: [],
  });
  panel.changed({ alarms: [] });
  await clock.advance(0);
  await expect
    .poll(() => first.events[1])
    .toEqual({ id: "2", name: "change", data: '{"alarms":[]}' });
  first.abort.abort();
  const second = await listen(url, { "last-event-id": "2" });
  await expect.poll(() => names(second.events)).toEqual(["snapshot"]);
  await clock.advance(heartbeatAfterMs);
  await expect.poll(() => second.events[1]).toEqual({ id: undefined, name: "heartbeat", data: "" });
});

test("closing the panel ends its streams at once", async () => {
  const { stop, url } = await start();
  const stream = await listen(url);
  await expect.poll(() => names(stream.events)).toEqual(["snapshot"]);
  await stop();
  await expect.poll(stream.ended).toBe(true);
});

test("a hundred screens that do not read cost a bounded memory, and a good one goes on", async () => {
  const { panel, clock, entries, url } = await start();
  const good = await listen(url);
  const [host, port] = panel.address.split(":");
  const answers: string[] = [];
  for (let i = 0; i < 100; i += 1) {
    const socket = connect(Number(port), host);
    cleanups.push(() => socket.destroy());
    socket.on("error", () => undefined);
    socket.write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    answers.push(
      await new Promise((resolve) => socket.once("data", (part) => resolve(String(part)))),
    );
    socket.pause();
  }
  const refused = answers.filter((text) => text.startsWith("HTTP/1.1 503"));
  expect(refused).toHaveLength(100 - streamsMax + 1);
  expect(refused[0]).toContain("panel/too-many-screens");

  const notices = Array.from({ length: 100 }, (_, since) => ({
    part: "channel-a",
    code: "driver/timeout",
    message: "m".repeat(1_000),
    since,
  }));
  const before = process.memoryUsage().rss;
  let rssMax = 0;
  const wanted = 150;
  for (let i = 0; i < wanted; i += 1) {
    panel.changed({ notices });
    await clock.advance(streamEveryMs);
    await expect.poll(() => good.events.length, { interval: 1 }).toBe(i + 2);
    rssMax = Math.max(rssMax, process.memoryUsage().rss);
  }
  // 150 changes of 100 kB for 31 stuck screens are 500 MB; what may wait is 1 MiB each.
  expect(rssMax - before).toBeLessThan(150 * 1_048_576);
  const dropped = entries.filter(({ event }) => event.startsWith("panel screen closed"));
  expect(dropped).toHaveLength(streamsMax - 1);
  console.log("slow screens", { rssGrowthMb: Math.round((rssMax - before) / 1_048_576) });
});
