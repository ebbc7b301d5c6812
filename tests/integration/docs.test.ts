import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runCommand } from "../../gateway/cli/command.ts";
import { decodeCommand } from "../../gateway/cli/decode.ts";
import { memoryIo } from "../support/command-io.ts";

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
