import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkCommand } from "../../gateway/cli/check.ts";
import { type CommandIo, exitCodes, runCommand } from "../../gateway/cli/command.ts";
import { schemaCommand } from "../../gateway/cli/schema.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type MakeCommand = (io: CommandIo) => Parameters<typeof runCommand>[0];

async function run(make: MakeCommand, args: readonly string[], env: CommandIo["env"] = {}) {
  const seen = { out: "", err: "", code: 0 };
  const io: CommandIo = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    cwd: folder,
    env,
    setExitCode: (code) => {
      seen.code = code;
    },
  };
  await runCommand(make(io), args, io);
  return seen;
}

const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);
const valid = `version: 1
gateway: { id: cold-1 }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices: { cold-2: { template: xy-md02, unitId: 1 } }
`;

test("a valid file is said to be valid, with exit code 0", async () => {
  write("a.yaml", valid);
  expect(await run(checkCommand, ["a.yaml"])).toEqual({
    out: "a.yaml: valid\n",
    err: "",
    code: exitCodes.ok,
  });
});

test("of several files each is checked, and the worst decides the exit code", async () => {
  write("a.yaml", valid);
  write("b.yaml", `${valid}x: 1\n`);
  const some = await run(checkCommand, ["a.yaml", "b.yaml"]);
  expect(some.code).toBe(exitCodes.problems);
  expect(some.out).toContain("a.yaml: valid\nb.yaml:8:1 unknown key");
  const missing = await run(checkCommand, ["b.yaml", "c.yaml"]);
  expect(missing.code).toBe(exitCodes.cannotRun);
  expect(missing.out).toContain("c.yaml:1:1 the file does not exist");
});

test("without a file, or with a wrong option, the command cannot run", async () => {
  expect(await run(checkCommand, [])).toMatchObject({ code: exitCodes.cannotRun, out: "" });
  const options = await run(checkCommand, ["a.yaml", "--lang", "fr"]);
  expect(options.code).toBe(exitCodes.cannotRun);
  expect(options.err).toContain("zh, en");
});

test("10 MB are refused in one sentence", async () => {
  write("big.yaml", Buffer.alloc(10_000_000, "# a line of a log file\n"));
  const { out, code } = await run(checkCommand, ["big.yaml", "--lang", "en"]);
  expect(out).toBe(`big.yaml:1:1 the file is larger than 256 KB
  hint: is this the right file? Device models belong into templates

big.yaml: 1 problem, 0 warnings
`);
  expect(code).toBe(exitCodes.problems);
});

const warm = "rules: { warm: { point: cold-2/temperature, above: 8, onDelay: 5min } }\n";

test("with --explain each rule is said in words, in both languages", async () => {
  write("a.yaml", valid + warm);
  const english = await run(checkCommand, ["a.yaml", "--explain", "--lang", "en"]);
  expect(english.out).toBe(
    "a.yaml: valid\n\nwarm: when cold-2/temperature is above 8 °C for 5 min, a medium alarm comes; it is over " +
      "when cold-2/temperature is at or below 8 °C. It only shows on the panel: no output, no message.\n",
  );
  const chinese = await run(checkCommand, ["a.yaml", "--explain", "--lang", "zh"]);
  expect(chinese.out).toContain("warm: 当 cold-2/temperature 高于 8 °C 持续 5 分钟时");
  const json = await run(checkCommand, ["a.yaml", "--json", "--lang", "en"]);
  expect(JSON.parse(json.out)).toMatchObject([
    { valid: true, rules: [{ id: "warm", text: expect.stringContaining("above 8 °C") }] },
  ]);
});

test("rules of a file that cannot be used are not explained", async () => {
  write("a.yaml", `${valid}${warm}x: 1\n`);
  expect((await run(checkCommand, ["a.yaml", "--explain"])).out).not.toContain("alarm comes");
});

test("with --json a program reads position, code and message", async () => {
  write("a.yaml", `${valid}rules: { warm: { point: cold-2/temprature, above: 8 } }\n`);
  const { out } = await run(checkCommand, ["a.yaml", "--json", "--lang", "zh"]);
  expect(JSON.parse(out)).toEqual([
    {
      file: "a.yaml",
      valid: false,
      problems: [
        expect.objectContaining({
          file: "a.yaml",
          line: 8,
          column: 25,
          path: "rules.warm.point",
          code: "reference/point",
          severity: "error",
          params: expect.objectContaining({ suggestion: "temperature" }),
          message: "设备“cold-2”没有点“temprature”，是否应为“temperature”？",
        }),
      ],
    },
  ]);
});

test("the locale of the terminal decides the language", async () => {
  write("a.yaml", valid);
  expect((await run(checkCommand, ["a.yaml"], { LANG: "zh_CN.UTF-8" })).out).toBe("a.yaml：有效\n");
});

test("secrets are verified, never printed, and need not be there on another machine", async () => {
  write(
    "a.yaml",
    `${valid}sync: { central: "https://c.example.com", credentials: !secret token }\n`,
  );
  const env = { RACKWATCH_SECRET_TOKEN: "swordfish" };
  const found = await run(checkCommand, ["a.yaml", "--json"], env);
  expect(found.code).toBe(exitCodes.ok);
  expect(found.out).not.toContain("swordfish");
  expect((await run(checkCommand, ["a.yaml"])).code).toBe(exitCodes.problems);
  expect((await run(checkCommand, ["a.yaml", "--no-secrets"])).code).toBe(exitCodes.ok);
});

test("the schema is one of draft 7, with descriptions and defaults", async () => {
  const { out } = await run(schemaCommand, []);
  const schema = JSON.parse(out);
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  expect(schema.properties.store.properties.flushEvery).toMatchObject({ default: "20s" });
  const template = JSON.parse((await run(schemaCommand, ["--template"])).out);
  expect(JSON.stringify(template)).toContain('"examples"');
  const profile = JSON.parse((await run(schemaCommand, ["--profile"])).out);
  expect(profile.properties.mkt.properties.max.description).toBe("Degrees Celsius");
  expect((await run(schemaCommand, ["--profile", "--template"])).code).not.toBe(exitCodes.ok);
});
