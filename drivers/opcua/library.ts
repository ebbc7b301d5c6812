import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Log } from "../contract.ts";

export type Library = typeof import("node-opcua");

/**
 * Loads node-opcua, which takes 55 MB and more than a second: only when a channel opens. What it would print by
 * itself goes to the log.
 */
export async function loadLibrary(log: Log): Promise<Library> {
  // All at once it stops every other channel for 2.1 s on a PC; in its parts, for 0.3 s at most (measured).
  for (const file of partsOf("node-opcua", import.meta.url, new Set())) {
    await import(pathToFileURL(file).href);
    await turn();
  }
  const library = await import("node-opcua");
  const quiet = (...parts: unknown[]) => log.debug("node-opcua", { text: textOf(parts) });
  library.setErrorLogger(quiet);
  library.setWarningLogger(quiet);
  library.setDebugLogger(quiet);
  if (!process.listeners("unhandledRejection").includes(catchStray))
    process.on("unhandledRejection", catchStray);
  return library;
}

/**
 * When a notification holds a structure, node-opcua asks the server for its type in a promise that nobody awaits
 * (client_subscription_impl). A session that closes meanwhile would end the whole process. What is not the library's
 * ends it as before.
 */
function catchStray(reason: unknown): void {
  if (reason instanceof Error && /[\\/]node-opcua-/.test(reason.stack ?? "")) return;
  throw reason;
}

/**
 * node-opcua sets OPENSSL_CONF while it reads a private key, and puts back what was there as text: a variable that was
 * not set becomes the file name "undefined" for every program that this process starts.
 */
export function mendEnvironment(): void {
  if (process.env["OPENSSL_CONF"] === "undefined") delete process.env["OPENSSL_CONF"];
}

/** Entry files of the library's packages, each behind those that it needs. */
function partsOf(name: string, from: string, seen: Set<string>): readonly string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const resolver = createRequire(from);
  const needed = Object.keys(dependenciesOf(resolver, name)).filter((it) =>
    it.startsWith("node-opcua"),
  );
  try {
    const file = resolver.resolve(name);
    return [...needed.flatMap((it) => partsOf(it, pathToFileURL(file).href, seen)), file];
  } catch {
    // Not meant to be loaded by itself: whoever needs it loads it.
    return [];
  }
}

function dependenciesOf(resolver: NodeJS.Require, name: string): object {
  try {
    const text = readFileSync(resolver.resolve(`${name}/package.json`), "utf8");
    const { dependencies }: { dependencies?: object } = JSON.parse(text);
    return dependencies ?? {};
  } catch {
    return {};
  }
}

/** What the library tells about one event, for example a whole certificate, is cut here. */
const textMax = 500;

function textOf(parts: readonly unknown[]): string {
  return parts.map(String).join(" ").slice(0, textMax);
}
