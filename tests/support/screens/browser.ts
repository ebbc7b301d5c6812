import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const executablePath = "/usr/bin/chromium";

export function chromiumIsThere(): boolean {
  return existsSync(executablePath);
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
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
  options: BrowserContextOptions = {},
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
  await page.goto(address);
  return { page, errors, foreign, [Symbol.asyncDispose]: () => context.close() };
}

/** Findings of axe that keep somebody from using the page. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.html}`),
    );
}

/** Buttons, links and inputs smaller than a finger in a glove needs. */
export function smallTargets(page: Page, sizePx = 44): Promise<readonly string[]> {
  return page.evaluate((px) => {
    const all = [...document.querySelectorAll("button, a[href], input, textarea, select")];
    return all
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && (box.width < px - 0.5 || box.height < px - 0.5))
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
  }, sizePx);
}

/** How far the page is wider than its window, in px: more than 0 scrolls sideways. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
