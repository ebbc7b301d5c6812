import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { panelSchema } from "../../config/schema/services.ts";
import { openPanel, type Panel } from "../../gateway/panel/panel.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";
import { panelSource } from "./panel-source.ts";

/** A machine with a disk, on which the panel starts and stops. */
export function panelMachine() {
  const cleanups: (() => Promise<unknown> | unknown)[] = [];
  const dir = mkdtempSync(join(tmpdir(), "panel-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const start = async (settings: Record<string, unknown> = {}) => {
    const { store } = openStore({ dir, gatewayId: "wh1", clock, log });
    const parts = panelSource(clock, store);
    const config = panelSchema.parse({ listen: "127.0.0.1:0", ...settings });
    const webDir = join(dir, "web");
    const panel = await openPanel({
      config,
      source: parts.source,
      clock,
      log,
      webDir,
      version: "9.8.7",
    }).catch((error: unknown) => {
      store[Symbol.dispose]();
      throw error;
    });
    let open = true;
    const stop = async () => {
      if (!open) return;
      open = false;
      await panel[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    };
    cleanups.push(stop);
    return { ...parts, panel, stop };
  };
  return {
    clock,
    entries,
    start,
    async [Symbol.asyncDispose]() {
      for (const cleanup of cleanups.reverse()) await cleanup();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain HTTP, so that Host and Origin can be anything. */
export function ask(
  panel: Panel,
  path: string,
  { method = "GET", body, cookie, headers }: Ask = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const [hostname, port] = panel.address.split(":");
    const outgoing = httpRequest({
      hostname,
      port,
      path,
      method,
      agent: false,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(cookie !== undefined && { cookie }),
        ...headers,
      },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const json = response.headers["content-type"]?.startsWith("application/json") ?? false;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: json ? JSON.parse(text) : undefined,
        });
      });
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export const person = { user: "李雷", password: "correct horse battery" };

export function cookieOf({ headers }: Answer): string {
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

/** Makes the first user; returns the cookie. */
export async function setUp(panel: Panel): Promise<string> {
  const body = { code: panel.setupCode, ...person };
  const answer = await ask(panel, "/api/setup", { method: "POST", body });
  if (answer.status !== 200) throw new Error(`setup failed: ${answer.text}`);
  return cookieOf(answer);
}
