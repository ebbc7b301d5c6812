import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { needPrograms } from "../support/need-program.ts";

const root = join(import.meta.dirname, "../..");
const script = "drivers/gpio/build-native.mjs";
const bundledNode = `node_modules/node-linux-${process.arch}`;

beforeEach((context) => needPrograms(context, "npm", "g++", "make", "python3"));

/** A project of its own with nothing but what the build needs; epoll is not built in it yet. */
function project(packages: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-build-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const scripts = { postinstall: `node ${script}` };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "x", private: true, scripts }),
  );
  cpSync(join(root, script), join(folder, script));
  for (const name of packages) {
    cpSync(join(root, "node_modules", name), join(folder, "node_modules", name), {
      recursive: true,
      filter: (source) => !source.endsWith("/epoll/build"),
    });
  }
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(join(root, bundledNode), join(folder, bundledNode));
  return folder;
}

function postinstall(folder: string, environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, ...environment };
  return spawnSync("npm", ["run", "--silent", "postinstall"], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
}

const needed = ["epoll", "nan", "bindings", "file-uri-to-path"];

test("epoll is built for the Node that comes along, whatever headers npm is set up for, and only once", () => {
  const folder = project(needed);
  const wrongHeaders = { npm_config_nodedir: "/nowhere" };
  const first = postinstall(folder, wrongHeaders);
  expect(first.stdout).toBe("rackwatch: built onoff's native part for the Node that comes along\n");
  const node = join(root, bundledNode, "bin/node");
  const loaded = spawnSync(node, ["-e", "require('epoll').Epoll"], { cwd: folder });
  expect(loaded.status).toBe(0);
  const built = () => statSync(join(folder, "node_modules/epoll/build/Release/epoll.node")).mtimeMs;
  const before = built();
  expect(postinstall(folder)).toMatchObject({ status: 0, stdout: "" });
  expect(built()).toBe(before);
});

test("without a compiler the install goes on, and one line says what is missing and what to do", () => {
  const folder = project(needed);
  const result = postinstall(folder, { CXX: "/nowhere/g++", CC: "/nowhere/gcc" });
  expect(result.status).toBe(0);
  expect(result.stdout.trimEnd().split("\n")).toEqual([
    expect.stringMatching(
      /GPIO over sysfs is left out.*nowhere.*apt install gpiod.*build-essential/,
    ),
  ]);
  expect(existsSync(join(folder, "node_modules/epoll/build/Release/epoll.node"))).toBe(false);
});

test("without onoff there is nothing to build and the install goes on", () => {
  const result = postinstall(project([]));
  expect(result).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("onoff is not installed"),
  });
});
