import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { buildScreens, sharedSources } from "./build.ts";

/** Three builds of a bundler on a busy machine. */
const buildMsMax = 300_000;

const project = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(project, "node_modules", ".screens-"));
const screens = {
  web: "gateway/panel/web",
  out: relative(project, join(folder, "panel")),
  sources: sharedSources,
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  "screens are built once, and again when a source changed or somebody insists",
  async () => {
    const first = await buildScreens(screens);
    expect(first).toEqual({ dir: join(folder, "panel"), built: true });
    expect((await buildScreens(screens)).built).toBe(false);
    expect((await buildScreens(screens, { force: true })).built).toBe(true);
    const fewer = { ...screens, sources: sharedSources.slice(1) };
    expect((await buildScreens(fewer)).built).toBe(true);
    expect(readdirSync(folder)).toEqual(["panel"]);
  },
  buildMsMax,
);

test(
  "two programs that start at once both get whole screens",
  async () => {
    const insist = { force: true };
    const both = await Promise.all([buildScreens(screens, insist), buildScreens(screens, insist)]);
    expect(both.map(({ dir }) => dir)).toEqual([join(folder, "panel"), join(folder, "panel")]);
    expect(readFileSync(join(folder, "panel", "index.html"), "utf8")).toContain('<div id="page">');
    expect(readdirSync(folder)).toEqual(["panel"]);
  },
  buildMsMax,
);

test(
  "nothing is inline, names carry a hash, and every text is there compressed",
  async () => {
    const { dir } = await buildScreens(screens);
    const html = readFileSync(join(dir, "index.html"), "utf8");
    expect(html).not.toMatch(/<style|<script[^>]*>[^<]|style=|data:|https?:/);
    const assets = readdirSync(join(dir, "assets")).filter((name) => !name.endsWith(".br"));
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const name of assets) {
      expect(name).toMatch(/-[\w-]{8}\.(?:js|css|svg)$/);
      const plain = readFileSync(join(dir, "assets", name));
      expect(brotliDecompressSync(readFileSync(join(dir, "assets", `${name}.br`)))).toEqual(plain);
      expect(plain.toString()).not.toContain("url(data:");
    }
  },
  buildMsMax,
);
