import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processorMs } from "../tests/support/processor-time.ts";
import { type LoadOptions, loadConfig } from "./load.ts";
import { problemsMax } from "./locate.ts";
import { problemJson, problemText } from "./report.ts";
import { configBytesMax, fileBytesMax } from "./text.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(text: string | Uint8Array, options: LoadOptions = {}) {
  writeFileSync(join(folder, "gateway.yaml"), text);
  return loadConfig("gateway.yaml", { env: {}, folder, ...options });
}

function problems(result: ReturnType<typeof loadConfig>) {
  return result.ok ? result.warnings : result.problems;
}

/** Of the errors; where there are none, of the warnings. */
function codes(result: ReturnType<typeof loadConfig>) {
  const severity = result.ok ? "warning" : "error";
  return problems(result)
    .filter((problem) => problem.severity === severity)
    .map(({ code }) => code);
}

const head = "version: 1\ngateway: { id: cold-1 }\nchannels: {}\n";

test("a file that only says who it is has all defaults", () => {
  const loaded = load("version: 1\ngateway: { id: cold-1 }\n");
  expect(loaded).toMatchObject({
    ok: true,
    config: {
      gateway: { id: "cold-1", timezone: "UTC", language: "en" },
      channels: {},
      rules: {},
      panel: { listen: "127.0.0.1:8080" },
      store: { flushEvery: 20_000 },
    },
  });
  expect(codes(loaded)).toEqual(["channels/none"]);
});

test("a section whose lines are all commented out counts as left out", () => {
  expect(load(`${head}rules:\n#  warm: {}\nlocations:\nstore:\n`).ok).toBe(true);
});

describe("what can be wrong with the file itself", () => {
  test("10 MB are refused without being read to the end", () => {
    const started = processorMs();
    expect(codes(load(Buffer.alloc(10_000_000, "a: 1\n")))).toEqual(["file/too-large"]);
    expect(processorMs() - started).toBeLessThan(1_000);
  });

  test("the limit is exact", () => {
    const fill = (bytes: number) => head + "#".repeat(bytes - head.length);
    expect(load(fill(fileBytesMax)).ok).toBe(true);
    expect(codes(load(fill(fileBytesMax + 1)))).toEqual(["file/too-large"]);
  });

  test("a list of items may be longer, and that limit is exact too", () => {
    const item = (id: number) =>
      `  part-${id}: { name: Bolt M8, location: shelf, unitWeight: 12 g, min: 5, lots: [{ lot: A, expires: 2027-01-31 }] }`;
    const items = Array.from({ length: 3_000 }, (_, id) => item(id)).join("\n");
    const start = `${head}locations: { shelf: { kind: shelf } }\nitems:\n${items}\n`;
    expect(start.length).toBeGreaterThan(fileBytesMax);
    const fill = (bytes: number) => start + "#".repeat(bytes - start.length);
    const loaded = load(fill(configBytesMax));
    expect(loaded.ok && Object.keys(loaded.config.items)).toHaveLength(3_000);
    expect(codes(load(fill(configBytesMax + 1)))).toEqual(["file/too-large"]);
  });

  test("a folder, a named pipe, a device and a missing file are told apart", () => {
    const at = (file: string) => codes(loadConfig(file, { env: {}, folder }));
    mkdirSync(join(folder, "folder"));
    execFileSync("/usr/bin/mkfifo", [join(folder, "pipe")]);
    expect(at("folder")).toEqual(["file/not-a-file"]);
    expect(at("pipe")).toEqual(["file/not-a-file"]);
    expect(at("/dev/null")).toEqual(["file/not-a-file"]);
    expect(at("missing.yaml")).toEqual(["file/missing"]);
    expect(at("pipe/gateway.yaml")).toEqual(["file/missing"]);
  });

  test("a byte order mark is no part of the text, UTF-16 is no text", () => {
    expect(load(`\ufeff${head}`).ok).toBe(true);
    expect(codes(load(Buffer.from(`\ufeff${head}`, "utf16le")))).toEqual(["file/binary"]);
  });

  test("more problems than anyone reads are counted", () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `key-${index}: 1`).join("\n");
    const found = problems(load(`${head}${many}\n`));
    expect(found).toHaveLength(problemsMax + 1);
    expect(found.at(-1)).toMatchObject({ code: "problems/more", params: { count: 4_901 } });
  });
});

describe("secrets", () => {
  const withSecret = `${head}sync: { central: "https://c.example.com", credentials: !secret token }\n`;
  const revealed = (result: ReturnType<typeof loadConfig>) =>
    result.ok ? result.config.sync?.credentials?.reveal() : codes(result);
  const writeSecrets = (text: string, mode = 0o600) => {
    writeFileSync(join(folder, "secrets.yaml"), text);
    chmodSync(join(folder, "secrets.yaml"), mode);
  };

  test("come from systemd, then from secrets.yaml, then from the environment", () => {
    const env = { RACKWATCH_SECRET_TOKEN: "of the environment" };
    expect(revealed(load(withSecret, { env }))).toBe("of the environment");
    writeSecrets("token: of the file\n");
    expect(revealed(load(withSecret, { env }))).toBe("of the file");
    mkdirSync(join(folder, "credentials"));
    writeFileSync(join(folder, "credentials/token"), "of systemd\n");
    const credentials = { ...env, CREDENTIALS_DIRECTORY: join(folder, "credentials") };
    expect(revealed(load(withSecret, { env: credentials }))).toBe("of systemd");
  });

  test("a secrets file that others may read, or that is another's, is not used", () => {
    writeSecrets("token: x\n", 0o640);
    expect(revealed(load(withSecret))).toEqual(["secret/file-mode"]);
    writeSecrets("token: x\n", 0o400);
    expect(revealed(load(withSecret))).toBe("x");
    // Root's files are always accepted, so root gives the file away first.
    const isRoot = process.geteuid?.() === 0;
    const owner = isRoot ? 4_711 : (process.geteuid?.() ?? 0);
    if (isRoot) chownSync(join(folder, "secrets.yaml"), owner, owner);
    expect(revealed(load(withSecret, { userId: owner + 1 }))).toEqual(["secret/file-owner"]);
    expect(revealed(load(withSecret, { userId: owner }))).toBe("x");
  });

  test("a broken secrets file shows where, never what", () => {
    writeSecrets('token: "swordfish\nother: swordfish\n');
    const found = problems(load(withSecret));
    expect(found).toContainEqual(
      expect.objectContaining({ file: "secrets.yaml", code: "yaml/missing-character", line: 3 }),
    );
    expect(found.map((it) => problemText(it, "en")).join()).not.toContain("swordfish");
  });

  test("a name cannot leave its folder", () => {
    writeFileSync(join(folder, "outside"), "x");
    const env = { CREDENTIALS_DIRECTORY: join(folder, "credentials") };
    expect(codes(load(withSecret.replace("token", "../outside"), { env }))).toEqual([
      "secret/name",
    ]);
  });

  test("are shown by nothing that prints a configuration", () => {
    const loaded = load(withSecret, { env: { RACKWATCH_SECRET_TOKEN: "swordfish" } });
    const printed = [JSON.stringify(loaded), inspect(loaded, { depth: 20 }), `${revealed(loaded)}`];
    expect(printed.map((text) => text.includes("swordfish"))).toEqual([false, false, true]);
  });

  test("that cannot be found are, if asked for, values that nobody knows", () => {
    const value = revealed(load(withSecret, { secrets: "substitute" }));
    expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(revealed(load(withSecret, { secrets: "substitute" }))).not.toBe(value);
  });

  test("of a section that another program serves are not demanded, those of the others are", () => {
    const broker = "broker: { users: { wall: { password: !secret wall } } }\n";
    const env = { RACKWATCH_SECRET_WALL: "x" };
    const foreignSections = ["sync"];
    expect(codes(load(withSecret + broker, { foreignSections }))).toEqual(["secret/unknown"]);
    expect(load(withSecret + broker, { foreignSections, env }).ok).toBe(true);
    expect(codes(load(withSecret + broker, { env }))).toEqual(["secret/unknown"]);
  });
});

describe("templates", () => {
  const device = (settings: string) => `version: 1
gateway: { id: cold-1 }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices:
      a: { template: own, unitId: 1${settings} }
`;
  const template = (extra = "") => `vendor: V
model: M
driver: modbus
source: manual
trust: invented
device: { every: 30s, byteOrder: CDAB }
points:
  t: { table: input, address: 1, type: int16, scale: 0.1, unit: Cel, range: [-40, 80]${extra} }
  h: { table: input, address: 2, type: uint16, unit: "%" }
examples:
  - { request: "04 0001 0001", response: "00fa", expect: { t: 25 } }
`;
  const writeTemplate = (text: string) => {
    mkdirSync(join(folder, "templates"), { recursive: true });
    writeFileSync(join(folder, "templates/own.yaml"), text);
  };

  test("give what the device does not say itself, key by key of each point", () => {
    writeTemplate(template());
    const own = ", every: 5s, points: { t: { range: [0, 10] }, x: { table: coil, address: 0 } }";
    const loaded = load(device(own));
    expect(loaded).toMatchObject({
      ok: true,
      config: {
        channels: {
          bus: {
            devices: {
              a: {
                unitId: 1,
                every: 5_000,
                byteOrder: "CDAB",
                points: {
                  t: { address: 1, scale: 0.1, unit: "Cel", range: [0, 10] },
                  h: { address: 2 },
                  x: { table: "coil" },
                },
              },
            },
          },
        },
      },
    });
    expect(loaded.ok && loaded.sources.map(({ file }) => file)).toEqual([
      "gateway.yaml",
      "templates/own.yaml",
    ]);
  });

  test("a template beside the configuration comes before one that is shipped", () => {
    writeTemplate(template());
    rmSync(join(folder, "templates/own.yaml"));
    writeFileSync(join(folder, "templates/xy-md02.yaml"), template());
    const loaded = load(device("").replace("own", "xy-md02"));
    expect(loaded.ok && loaded.config.channels["bus"]?.devices["a"]).toMatchObject({
      every: 30_000,
    });
  });

  test("what is wrong in a template is told once, in the template's file", () => {
    writeTemplate(template(", scael: 2"));
    const twice = `${device("")}      b: { template: own, unitId: 2 }\n`;
    const found = problems(load(twice)).map(({ file, line, code }) => [file, line, code]);
    expect(found).toEqual([["templates/own.yaml", 8, "schema/unknown-key"]]);
  });

  test("what only the merged device shows is told where the value stands", () => {
    writeTemplate(template());
    const found = problems(load(device(", addressBase: 2"))).map((it) => [it.file, it.path]);
    expect(found).toEqual([["gateway.yaml", "channels.bus.devices.a.addressBase"]]);
  });

  test("a template that is no YAML, too large or a folder is an error of its own", () => {
    writeTemplate("points: [");
    expect(codes(load(device("")))).toEqual(["yaml/indent"]);
    writeTemplate("#".repeat(fileBytesMax + 1));
    expect(codes(load(device("")))).toEqual(["file/too-large"]);
    rmSync(join(folder, "templates/own.yaml"));
    mkdirSync(join(folder, "templates/own.yaml"));
    expect(codes(load(device("")))).toEqual(["file/not-a-file"]);
  });
});

describe("whatever the file holds", () => {
  const example = readFileSync(new URL("gateway.example.yaml", import.meta.url));

  function expectSane(bytes: Uint8Array) {
    const started = processorMs();
    const result = load(bytes);
    expect(processorMs() - started).toBeLessThan(5_000);
    const lines = Buffer.from(bytes).toString("utf8").split("\n").length;
    for (const problem of problems(result)) {
      if (problem.file === "gateway.yaml") expect(problem.line).toBeLessThanOrEqual(lines);
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.column).toBeGreaterThan(0);
      for (const language of ["en", "zh"] as const) {
        expect(problemText(problem, language)).not.toMatch(/undefined|\[object/);
      }
      expect(JSON.parse(JSON.stringify(problemJson(problem, "en")))).toMatchObject({
        message: expect.stringMatching(/./),
      });
    }
    if (!result.ok) expect(result.problems.some((it) => it.severity === "error")).toBe(true);
  }

  test("random bytes are answered with problems that exist in the file", {
    timeout: 30_000,
  }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => expectSane(bytes)),
      { numRuns: 200 },
    );
  });

  test("so is any text of YAML's own characters", () => {
    const yaml = fc.string({
      unit: fc.constantFrom(..."ab1: -[]{},&*!|>%@`#'\"\\?~.\n\t ", "version: 1\n", "  ", "\n"),
      maxLength: 120,
    });
    fc.assert(
      fc.property(yaml, (text) => expectSane(Buffer.from(text))),
      { numRuns: 300 },
    );
  });

  test("and so is the example after something was cut out, put in or doubled", {
    timeout: 90_000,
  }, () => {
    const piece = fc.constantFrom(
      "",
      " ",
      "\n",
      ":",
      "- ",
      "null",
      "1",
      "x: ",
      "!secret a",
      "{",
      "*a",
    );
    const edit = fc.tuple(fc.nat(example.length), fc.nat(60), piece);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = example.toString("utf8");
        for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        expectSane(Buffer.from(text));
      }),
      { numRuns: 150 },
    );
  });

  // On an idle machine each takes 1 to 4 s; what grows with the square of the size takes minutes.
  test.each([
    ["closing brackets", "}".repeat(fileBytesMax)],
    ["unknown keys", lines(20_000, (index) => `key-${index}: 1`)],
    ["rules", `${head}rules:\n${lines(4_000, (index) => `  r${index}: { point: a/b, above: 1 }`)}`],
    [
      "locations",
      `${head}locations:\n${lines(4_000, (index) => `  r${index}: { kind: room, within: r${index + 1} }`)}`,
    ],
  ])("256 KB of %s take a bounded time", (_, text) => {
    const started = processorMs();
    expect(load(text).ok).toBe(false);
    expect(processorMs() - started).toBeLessThan(60_000);
  });
});

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}
