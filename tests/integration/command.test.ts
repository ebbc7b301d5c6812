import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));

/** Only what Node 20 has: the entry file must start there to find the Node that comes along. */
const allowedImports =
  /^import (?:\{ [\w, ]+ \}|\* as \w+) from "node:(?:child_process|fs|module|os|path|url)";$/;

test("without a command it lists the commands, with an unknown one it says so and ends with 2", async () => {
  const { stdout } = await run(process.execPath, [rackwatch]);
  for (const name of ["run", "sync", "central", "demo", "check", "schema", "fail-safe"]) {
    expect(stdout).toContain(`  ${name} `);
  }
  const failed = await run(process.execPath, [rackwatch, "chek"]).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2 });
  expect(String((failed as { stderr: string }).stderr)).toContain("there is no command chek");
});

test("an old Node of the machine hands over to the one that comes along", async () => {
  const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path));
  const node = old ?? process.execPath;
  const { stdout } = await run(node, [rackwatch, "schema"], { maxBuffer: 16 * 1_048_576 });
  expect(JSON.parse(stdout)).toHaveProperty("properties");
});

test("the entry file imports by name nothing that an old Node lacks", async () => {
  const { readFile } = await import("node:fs/promises");
  const imports = (await readFile(rackwatch, "utf8"))
    .split("\n")
    .filter((it) => /^import /.test(it));
  expect(imports.length).toBeGreaterThan(3);
  for (const line of imports) {
    expect(line).toMatch(allowedImports);
    expect(line).not.toMatch(/\{[^}]*enableCompileCache/);
  }
});
