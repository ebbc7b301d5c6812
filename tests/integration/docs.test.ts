import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { gapReasonSchema, refusalCodes } from "../../cloud-sync/protocol.ts";
import { importText } from "../../config/language/import.ts";
import { loadConfig } from "../../config/load.ts";
import { itemSchema, stockSchema, warningKinds } from "../../config/schema/item.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { decodeCommand } from "../../gateway/cli/decode.ts";
import { simulateCommand } from "../../gateway/cli/simulate.ts";
import { importKinds } from "../../gateway/panel/stock-api.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
import { readImport } from "../../gateway/stock/import/read-import.ts";
import { ruleOf } from "../../gateway/stock/warnings/warning-rule.ts";
import { memoryIo } from "../support/command-io.ts";

const alarmsPage = readFileSync("docs/alarms.md", "utf8");
const stockPage = readFileSync("docs/stock.md", "utf8");

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-docs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Blocks between fences: their language, and the file's name behind it. */
function blocksOf(page: string) {
  return [...page.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", file = "", text = ""]) => ({ language, file, text }),
  );
}

/** In the order of the page. */
function byPage(a: string, b: string): number {
  return stockPage.indexOf(`csv ${a}\n`) - stockPage.indexOf(`csv ${b}\n`);
}

/** Of a warning that nobody configured. */
function priorityOf(kind: string | undefined) {
  const known = warningKinds.find((it) => it === kind) ?? "out";
  const stock = stockSchema.parse({});
  const world = {
    stock,
    language: "en",
    item: () => undefined,
    location: () => undefined,
  } as const;
  return ruleOf({ kind: known, location: "a" }, world, {}).priority;
}

/** A command on a page with the lines that it answers. */
interface Shown {
  readonly page: string;
  readonly args: readonly string[];
  readonly answer: string;
}

function shownCommands(page: string): readonly Shown[] {
  const blocks = readFileSync(page, "utf8").matchAll(/^```console\n([\s\S]*?)\n```$/gm);
  return [...blocks].flatMap(([, block = ""]) =>
    block.split("\n\n").flatMap((part) => {
      const [, line, answer] = /^\$ rackwatch decode (.*)\n([\s\S]*)$/.exec(part) ?? [];
      if (line === undefined || answer === undefined) return [];
      const args = line.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
      return [{ page, args, answer }];
    }),
  );
}

test("what the pages show of decode is what the command says", async () => {
  const shown = globSync("docs/devices/*.md").flatMap(shownCommands);
  expect(shown.length).toBeGreaterThan(25);
  for (const { page, args, answer } of shown) {
    const { io, seen } = memoryIo();
    await runCommand(decodeCommand(io), args, io);
    expect(seen.out.trim(), `${page}: ${args.join(" ")}`).toBe(answer.trim());
  }
});

test.each([
  ["alarms", alarmsPage],
  ["stock", stockPage],
  ["the beginning", readFileSync("README.md", "utf8")],
])("every part of a configuration on the page of %s is one", (_, page) => {
  const folder = temporary();
  const parts = blocksOf(page).filter(({ language }) => language === "yaml");
  expect(parts.length).toBeGreaterThan(2);
  for (const { text } of parts) {
    const file = join(folder, "gateway.yaml");
    writeFileSync(file, text.startsWith("version:") ? text : `version: 1\n${text}`);
    const options = { env: {}, folder, canConvert };
    const result = loadConfig(file, { ...options, secrets: "substitute", form: "partial" });
    expect(result.ok ? [] : result.problems, text).toEqual([]);
  }
});

test("the page of stock names every warning and every limit that there is", () => {
  const written = new Set(stockPage.match(/[a-z][\w-]*/gi));
  const limits = Object.keys(itemSchema.shape.at.unwrap().valueType.shape);
  expect(limits.length).toBeGreaterThan(5);
  expect([...warningKinds, ...limits].filter((word) => !written.has(word))).toEqual([]);
});

test("every file that the page of stock shows is one that the import takes, row by row", async () => {
  const files = blocksOf(stockPage).filter(({ language }) => language === "csv");
  expect(files.map(({ file }) => file)).toEqual([...importKinds].toSorted(byPage));
  const facts = {
    now: Date.parse("2026-03-20T12:00:00Z"),
    offsetAt: () => "+08:00",
    words: importText.en,
    item: (id: string) => (id === "gauze" ? ({ unit: "pcs" } as const) : undefined),
    itemOfGtin: () => undefined,
    hasLocation: (id: string) => id === "shelf-a1",
    itemOfTag: () => undefined,
  };
  for (const { file, text } of files) {
    const kind = importKinds.find((it) => it === file) ?? "items";
    for await (const batch of readImport(kind, Readable.from([text]), facts)) {
      expect(batch.bad, file).toEqual([]);
      expect(batch.rows, file).toHaveLength(text.trim().split("\n").length - 1);
    }
  }
});

test("the page of faults names a test that is there for each of them", () => {
  const page = readFileSync("docs/nothing-lost.md", "utf8");
  const rows = page.match(/^\| [A-Z].*\|$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row).toMatch(/\]\(\S+(?:\.test|-suite)\.ts\)/);
});

test("the page of the protocol names every refusal and every reason of a gap", () => {
  const page = readFileSync("docs/protocol.md", "utf8");
  const known = [...refusalCodes, ...gapReasonSchema.options];
  expect(known.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});

test("what the page of stock says of a warning's priority is what it has", () => {
  const rows = [...stockPage.matchAll(/^\| `([a-z-]+)` \| (low|medium|high|critical)\b/gm)];
  expect(rows.map(([, kind]) => kind).toSorted()).toEqual([...warningKinds].toSorted());
  for (const [, kind, priority] of rows) {
    expect({ kind, priority }).toEqual({ kind, priority: priorityOf(kind) });
  }
});

test("what the page of alarms shows of simulate is what the command says about the files on it", async () => {
  const folder = temporary();
  const blocks = blocksOf(alarmsPage);
  for (const { file, text } of blocks) if (file !== "") writeFileSync(join(folder, file), text);
  const shown = blocks
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ rackwatch simulate /m).slice(1));
  expect(shown).toHaveLength(2);
  for (const part of shown) {
    const [line = "", ...answer] = part.split("\n");
    const { io, seen } = memoryIo();
    const here = { ...io, cwd: folder };
    await runCommand(simulateCommand(here), line.split(" "), here);
    expect(seen.out.trim(), line).toBe(answer.join("\n").trim());
  }
});

test("the pages name no other page that is not there", () => {
  for (const page of ["README.md", ...globSync("docs/**/*.md"), "systemd/README.md"]) {
    const links = readFileSync(page, "utf8").matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g);
    for (const [, target = ""] of links) {
      expect(globSync(join(page, "..", target)), `${page}: ${target}`).toHaveLength(1);
    }
  }
});
