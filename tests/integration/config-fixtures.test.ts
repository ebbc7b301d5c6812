import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkCommand } from "../../gateway/cli/check.ts";
import { type CommandIo, exitCodes, runCommand } from "../../gateway/cli/command.ts";

const cases = join(import.meta.dirname, "../fixtures/config");
const warningsOnly = ["unstable-port", "octal"];

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function check(name: string, language: string) {
  cpSync(join(cases, name), folder, { recursive: true });
  const secrets = join(folder, "secrets.yaml");
  // A checkout does not keep this mode.
  if (existsSync(secrets)) chmodSync(secrets, name === "secret-file-open" ? 0o644 : 0o600);
  const seen = { text: "", code: -1 };
  const io: CommandIo = {
    stdout: { write: (text) => (seen.text += text) },
    stderr: { write: (text) => (seen.text += text) },
    cwd: folder,
    env: {},
    setExitCode: (code) => {
      seen.code = code;
    },
  };
  await runCommand(checkCommand(io), ["gateway.yaml", "--lang", language], io);
  return seen;
}

const names = readdirSync(cases);

test("there are wrong files to show", () => {
  expect(names.length).toBeGreaterThan(20);
});

for (const name of names) {
  test(`${name}: the technician sees exactly this, in English and in Chinese`, async () => {
    for (const language of ["en", "zh"]) {
      const { text, code } = await check(name, language);
      await expect(text).toMatchFileSnapshot(join(cases, name, `expected.${language}.txt`));
      expect(code).toBe(warningsOnly.includes(name) ? exitCodes.ok : exitCodes.problems);
    }
  });
}
