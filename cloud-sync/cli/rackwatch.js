#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it and hand over to the one that the package brings along.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
// An old Node has no such named exports, and must be able to read this file.
import * as module from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const needed = 24;

/** When all that a start needs has been loaded, on a slow machine too. */
const keepAfterMs = 30_000;

const here = dirname(fileURLToPath(import.meta.url));

function bundledNode() {
  const name = `node-linux-${process.arch}`;
  for (const up of ["../..", "../../../.."]) {
    const path = join(here, up, "node_modules", name, "bin", "node");
    if (existsSync(path)) return path;
  }
  return undefined;
}

/**
 * Compiled code is kept from one start to the next: a start takes half the time, and the compiler for TypeScript is
 * never loaded (25 MB). In a folder of the user's own, because who can write there decides what runs here.
 */
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  const { XDG_CACHE_HOME, CACHE_DIRECTORY } = process.env;
  const cache = CACHE_DIRECTORY ?? XDG_CACHE_HOME ?? join(homedir(), ".cache");
  module.enableCompileCache(join(cache, "rackwatch", "compiled"));
  // Node keeps it when it ends, but a gateway ends by a power cut.
  setTimeout(() => module.flushCompileCache(), keepAfterMs).unref();
}

if (Number(process.versions.node.split(".")[0]) >= needed) {
  keepCompiledCode();
  const { main } = await import("./rackwatch.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `rackwatch needs Node ${needed} or later; this is ${process.version} and no bundled one was found.\n` +
        "Run `npm ci` in the rackwatch folder (64-bit ARM or x86 Linux), or start it with a newer Node.\n",
    );
    process.exitCode = 2;
  } else {
    const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: "inherit",
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => child.kill(signal));
    }
    child.on("exit", (code, signal) => {
      process.exitCode = signal === null ? (code ?? 2) : 128;
    });
  }
}
