import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeEach, expect } from "vitest";

/** The headless build starts faster and draws the same; a developer's machine may have the whole browser only. */
const executables = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
export const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
};
export const wall: BrowserContextOptions = { viewport: { width: 1920, height: 1080 } };

/** One browser for all tests of a file; a test opens its own context in it. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeEach(async (context) => {
    const executablePath = executables.find((path) => existsSync(path));
    if (executablePath !== undefined) {
      // Debian's Chromium as root runs only without its sandbox.
      browser ??= await chromium.launch({ executablePath, args: ["--no-sandbox"] });
      return;
    }
    const { CI } = process.env;
    if (CI === "true") throw new Error("chromium is missing");
    context.skip("chromium is missing: run .ci/run");
  });
  afterAll(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error("the browser opens in a test, not before");
    return browser;
  };
}

/** A page and all that it did wrong. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Errors on the console, exceptions, violations of the content security policy. */
  readonly errors: readonly string[];
  /** Addresses outside of the page's own origin that it asked for. */
  readonly foreign: readonly string[];
}

export async function visit(
  browser: Browser,
  address: string,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) foreign.push(request.url());
  });
  await prepare(page);
  await page.goto(address);
  return { page, errors, foreign, [Symbol.asyncDispose]: () => context.close() };
}

/** Findings of axe that keep somebody from using the page. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .setLegacyMode()
    .analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.html}`),
    );
}

/** Buttons, links and inputs smaller than a finger in a glove needs. */
function smallTargets(page: Page, sizePx = 44): Promise<readonly string[]> {
  return page.evaluate((px) => {
    const all = [...document.querySelectorAll("button, a[href], input, textarea, select")];
    return all
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && (box.width < px - 0.5 || box.height < px - 0.5))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
  }, sizePx);
}

/** How far the page is wider than its window, in px: more than 0 scrolls sideways. */
function overflowPx(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

/** What holds for every screen in every state. */
export async function expectSound({ page, errors, foreign }: Visit): Promise<void> {
  expect(await seriousFindings(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  expect(await overflowPx(page)).toBe(0);
  expect(foreign).toEqual([]);
  expect(errors).toEqual([]);
}

/** Sizes as a browser gets them, in bytes: the page, and every script and style sheet that it names. */
export async function firstLoadBytes(dir: string): Promise<ReadonlyMap<string, number>> {
  const html = await readFile(join(dir, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)];
  const files = ["index.html", ...named.map((match) => match[1] ?? "")];
  const sizes = files.map(
    async (file) => [file, (await stat(join(dir, `${file}.br`))).size] as const,
  );
  return new Map(await Promise.all(sizes));
}
