import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { drivers } from "../../drivers/index.ts";
import { protocols } from "../../drivers/protocols.ts";
import { pointNames } from "../../drivers/rfid/samples.ts";
import { deviceFiles, devicesFolder, profilesPageFile, profilesPageText } from "../generate.ts";
import { gatewayJsonSchema } from "../json-schema.ts";
import { loadConfig } from "../load.ts";
import { problemText } from "../report.ts";

const folder = new URL(`../${devicesFolder}`, import.meta.url);
const made = deviceFiles();
const handWritten = ["wiring.md"];
const guide = new URL("../driver-guide.md", folder);

/** All pages about devices as they stand on disk, and the guide. */
function pages(): ReadonlyMap<string, string> {
  const names = readdirSync(folder).sort();
  const devices = names.map((name): [string, string] => [
    name,
    readFileSync(new URL(name, folder), "utf8"),
  ]);
  return new Map([...devices, ["../driver-guide.md", readFileSync(guide, "utf8")]]);
}

test("the pages on disk are those of schemas, templates and notes: npm run generate", () => {
  const names = readdirSync(folder).filter((name) => !handWritten.includes(name));
  expect(names.sort()).toEqual(Object.keys(made).sort());
  for (const [name, text] of Object.entries(made))
    expect(readFileSync(new URL(name, folder), "utf8"), name).toBe(text);
});

test("every driver, every language and every template has its page or section", () => {
  for (const { name } of drivers) expect(made).toHaveProperty([`${name}.md`]);
  const single = ["modbus-rtu", "modbus-tcp", "epc"];
  const languages = protocols.filter(({ name }) => !single.includes(name));
  expect(languages.length).toBeGreaterThan(15);
  for (const { name, driver } of languages) expect(made).toHaveProperty([`${driver}-${name}.md`]);
  const all = Object.values(made).join("\n");
  for (const file of readdirSync(new URL("../templates/", import.meta.url)))
    expect(all).toContain(`### ${file.replace(".yaml", "")}\n`);
});

test("every example is a configuration without an error or a warning", () => {
  // Those of the guide need its own driver: tests/integration/contract-blueprint.test.ts.
  const devices = [...pages()].filter(([page]) => !page.startsWith(".."));
  const examples = devices.flatMap(([page, text]) =>
    [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = ""]) => ({ page, yaml })),
  );
  expect(examples.length).toBeGreaterThan(50);
  expect(examples.flatMap(({ page, yaml }) => problems(page, yaml))).toEqual([]);
});

test("an example with a slip is noticed", () => {
  expect(problems("x", "channels:\n  a: { driver: scale, prot: x }\n")).not.toEqual([]);
});

test("every link leads somewhere, to a heading where it names one", () => {
  const known = pages();
  const dead = [...known].flatMap(([page, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !link.startsWith("http") && !leads(page, link, known))
      .map((link) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});

test("every setting of every driver says what it means", () => {
  const structure = ["driver", "devices", "points"];
  const silent = drivers.flatMap((driver) =>
    undescribed(gatewayJsonSchema([driver])["properties"], "").map((key) => `${driver.name}${key}`),
  );
  const ofDrivers = silent.filter((path) => path.includes(".channels."));
  expect(ofDrivers.filter((path) => !structure.includes(path.split(".").at(-1) ?? ""))).toEqual([]);
});

test("every point of a reader is explained", () => {
  for (const name of pointNames) expect(made["rfid.md"]).toContain(`\`${name}\``);
});

/** Examples on pages leave out what every configuration begins with. */
function problems(page: string, yaml: string): readonly string[] {
  const isWhole = yaml.startsWith("version:");
  const path = mkdtempSync(join(tmpdir(), "pages-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const file = join(path, "gateway.yaml");
  writeFileSync(file, isWhole ? yaml : `version: 1\ngateway: { id: example }\n${yaml}`);
  const loaded = loadConfig(file, { secrets: "substitute", env: {} });
  const found = loaded.ok ? loaded.warnings : loaded.problems;
  return found.map((problem) => `${page}: ${problemText(problem, "en")}`);
}

function leads(page: string, link: string, known: ReadonlyMap<string, string>): boolean {
  const [target = "", heading] = link.split("#");
  const url = new URL(target === "" ? page : target, new URL(page, folder));
  let text = known.get(target === "" ? page : target);
  try {
    text ??= readFileSync(url, "utf8");
  } catch {
    return false;
  }
  if (heading === undefined) return true;
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
  return anchors.includes(heading);
}

/** As GitHub makes them. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(" ", "-");
}

function undescribed(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const below = undescribed(value, `${path}.${key}`);
    if (key !== "properties" || typeof value !== "object" || value === null) return below;
    const silent = Object.entries(value).filter(
      ([, inner]) => typeof inner !== "object" || inner === null || !("description" in inner),
    );
    return [...silent.map(([name]) => `${path}.${name}`), ...below];
  });
}

test("the page of storage profiles is the one that npm run generate makes, with every profile", () => {
  const page = readFileSync(new URL(`../${profilesPageFile}`, import.meta.url), "utf8");
  expect(page).toBe(profilesPageText());
  const shipped = readdirSync(new URL("../profiles/", import.meta.url));
  expect(page.match(/^## .*/gm)).toHaveLength(shipped.length);
});
