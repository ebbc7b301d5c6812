import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { itemSchema, warningKinds } from "../../config/schema/item.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { decodeCommand } from "../../gateway/cli/decode.ts";
import { simulateCommand } from "../../gateway/cli/simulate.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
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
])("every part of a configuration on the page of %s is one", (_, page) => {
  const folder = temporary();
  const parts = blocksOf(page).filter(({ language }) => language === "yaml");
  expect(parts.length).toBeGreaterThan(4);
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
