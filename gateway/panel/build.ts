import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const compress = promisify(brotliCompress);

/** Root of the checkout or of the installed package. */
const projectDir = fileURLToPath(new URL("../..", import.meta.url));

/** Holds the hash of the sources that a folder was built from. */
const stampFile = "build.json";

/** Files that are worth compressing ahead; everything else that is served is compressed already. */
const textPattern = /\.(?:html|js|css|svg)$/;

export interface Screens {
  /** Folder of `index.html`, from the root of the project. */
  readonly web: string;
  /** Folder to build into, from the root of the project. */
  readonly out: string;
  /** Patterns of the files that a build depends on. */
  readonly sources: readonly string[];
}

export interface BuildOptions {
  readonly force?: boolean;
}

export interface BuildResult {
  /** Absolute path of the built folder. */
  readonly dir: string;
  /** False when it was up to date. */
  readonly built: boolean;
}

/** Sources of the shared components and of whatever decides how they are built. */
export const sharedSources: readonly string[] = [
  "gateway/panel/web/**/*.{ts,tsx,css,html,svg}",
  "gateway/panel/{build,duties,limits}.ts",
  "gateway/alarms/{alarm,lifecycle}.ts",
  "gateway/cold-chain/decisions.ts",
  "gateway/stock/warnings/figure-text.ts",
  "config/language/{language,panel,panel-alarms,panel-manage,panel-people,panel-account}.ts",
  "config/language/{panel-configuration,revisions}.ts",
  "gateway/stock/import/{to-csv,cell}.ts",
  "config/language/{panel-stock*,panel-booking,panel-figures,reconcile,warnings}.ts",
  "package-lock.json",
];

/** The gateway's page, into `dist/panel`. */
export function buildPanel(options: BuildOptions = {}): Promise<BuildResult> {
  const panel = { web: "gateway/panel/web", out: "dist/panel", sources: sharedSources };
  return buildScreens(panel, options);
}

/** Builds one folder of screens unless it is up to date. Readers of the old folder see it whole until the new one is. */
export async function buildScreens(
  { web, out, sources }: Screens,
  { force = false }: BuildOptions = {},
): Promise<BuildResult> {
  const dir = join(projectDir, out);
  const hash = await hashOf(sources);
  if (!force && (await stampOf(dir)) === hash) return { dir, built: false };
  const fresh = `${dir}.${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    await bundle(join(projectDir, web), fresh);
    await precompress(fresh);
    await writeFile(join(fresh, stampFile), `${JSON.stringify({ sources: hash })}\n`);
    // Two programs that start at once both build: whoever is later takes no file away from a page that loads.
    if (!force && (await stampOf(dir)) === hash) return { dir, built: false };
    await replace(dir, fresh);
  } catch (error) {
    // What the other one put there is as good.
    if ((await stampOf(dir)) !== hash) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return { dir, built: true };
}

async function replace(dir: string, fresh: string): Promise<void> {
  const old = `${fresh}.old`;
  await mkdir(dirname(dir), { recursive: true });
  try {
    if (existsSync(dir)) await rename(dir, old);
    await rename(fresh, dir);
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

async function bundle(root: string, outDir: string): Promise<void> {
  // Loaded only here: an installed package ships its screens built and has no bundler.
  const { build } = await import("vite");
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    base: "./",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      // The page's content security policy allows neither inline scripts nor data: addresses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}

async function precompress(dir: string): Promise<void> {
  const files = globSync("**/*", { cwd: dir }).filter((file) => textPattern.test(file));
  for (const file of files) {
    const content = await readFile(join(dir, file));
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    await writeFile(join(dir, `${file}.br`), await compress(content, options));
  }
}

async function hashOf(patterns: readonly string[]): Promise<string> {
  const files = globSync(patterns, { cwd: projectDir }).sort();
  const hash = createHash("sha256");
  for (const file of files.filter((name) => !/\.test\.tsx?$/.test(name))) {
    hash.update(`${file}\0`).update(await readFile(join(projectDir, file)));
  }
  return hash.digest("hex");
}

async function stampOf(dir: string): Promise<string | undefined> {
  try {
    const stamp: unknown = JSON.parse(await readFile(join(dir, stampFile), "utf8"));
    if (typeof stamp !== "object" || stamp === null || !("sources" in stamp)) return undefined;
    return typeof stamp.sources === "string" ? stamp.sources : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const { dir, built } = await buildPanel({ force: process.argv.includes("--force") });
  console.log(`${dir}: ${built ? "built" : "up to date"}`);
}
