// npm's postinstall. Plain JavaScript on Node's own modules, because it runs before anything else is certain.
// onoff's native part (epoll) is compiled by npm against the headers of whatever Node npm is set up for, which need
// not be the Node that runs this project: then it does not load. This builds it again for that Node, and only then.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A Raspberry Pi Zero 2 compiles epoll in about a minute; an install must not hang for ever. */
const buildTimeoutMs = 300_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const epoll = join(root, "node_modules/epoll");

function say(text) {
  process.stdout.write(`rackwatch: ${text}\n`);
}

/** The Node that npm scripts and the `rackwatch` command use: the one brought along, else the one that runs this. */
function projectNode() {
  const bundled = join(root, `node_modules/node-linux-${process.arch}/bin/node`);
  return realpathSync(existsSync(bundled) ? bundled : process.execPath);
}

function loads(node) {
  const check = ["-e", "require('./node_modules/epoll')"];
  return spawnSync(node, check, { cwd: root, stdio: "ignore" }).status === 0;
}

/** Folder whose include/node fits this Node; undefined where there is none and node-gyp has to fetch the headers. */
function headersOf(node) {
  const folder = dirname(dirname(node));
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  try {
    const text = readFileSync(join(folder, "include/node/node_version.h"), "utf8");
    const part = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
    const found = `v${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
    return found === version ? folder : undefined;
  } catch {
    return undefined;
  }
}

function nodeGyp() {
  const beside = join(dirname(process.env.npm_execpath ?? "/"), "../node_modules/node-gyp/bin");
  const candidates = [process.env.npm_config_node_gyp, join(beside, "node-gyp.js")];
  return candidates.find((path) => path !== undefined && path !== "" && existsSync(path));
}

function build(node) {
  const gyp = nodeGyp();
  if (gyp === undefined) return "node-gyp was not found, run it as `npm run postinstall`";
  const headers = headersOf(node);
  // node-gyp lets the environment win over its arguments, and npm may have put other headers there.
  const { npm_config_nodedir: _other, ...env } = process.env;
  if (headers !== undefined) env.npm_config_nodedir = headers;
  env.PATH = `${dirname(node)}:${env.PATH ?? ""}`;
  const options = { cwd: epoll, env, encoding: "utf8", timeout: buildTimeoutMs };
  const { status, stderr, error } = spawnSync(node, [gyp, "rebuild"], options);
  if (status === 0) return undefined;
  const lines = (stderr ?? "").split("\n").filter((line) => /not found|error/i.test(line));
  return error?.message ?? lines[0]?.replace(/^gyp ERR! /, "") ?? "the compiler failed";
}

if (!existsSync(epoll)) {
  say(
    "GPIO over sysfs is left out, onoff is not installed; libgpiod's tools (apt install gpiod) do as well",
  );
} else {
  const node = projectNode();
  if (!loads(node)) {
    const problem = build(node);
    if (problem === undefined && loads(node)) {
      say("built onoff's native part for the Node that comes along");
    } else {
      say(
        `GPIO over sysfs is left out, onoff's native part could not be built (${problem ?? "it does not load"}); ` +
          "apt install gpiod does as well, or install build-essential and python3 and run `npm run postinstall`",
      );
    }
  }
}
