import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { drivers } from "../drivers/index.ts";
import { deviceCatalogue } from "./catalogue.ts";
import { devicePages } from "./device-pages/pages.ts";
import { profilesPage } from "./device-pages/profiles-page.ts";
import { gatewayJsonSchema, profileJsonSchema, templateJsonSchema } from "./json-schema.ts";
import { profilesFor, templatesFor } from "./load.ts";
import { readProfile } from "./profile.ts";

/** The files in config/generated/, by name. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const text = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    "gateway.schema.json": text(gatewayJsonSchema(drivers)),
    "template.schema.json": text(templateJsonSchema(drivers)),
    "profile.schema.json": text(profileJsonSchema()),
  };
}

/** Where they are, from this folder. */
export const devicesFolder = "../docs/devices/";

/** The files in docs/devices/, by name. wiring.md beside them is written by hand. */
export function deviceFiles(): Readonly<Record<string, string>> {
  return devicePages({ drivers, catalogue: deviceCatalogue(templatesFor(undefined)), notes });
}

function notes(name: string): string {
  const [driver, language] = name.split("/");
  const file = language === undefined ? "notes.md" : `notes/${language}.md`;
  return readFileSync(new URL(`../drivers/${driver}/${file}`, import.meta.url), "utf8");
}

/** The page of storage profiles, from this folder. */
export const profilesPageFile = "../docs/profiles.md";

export function profilesPageText(): string {
  const folder = profilesFor(undefined);
  const profiles = folder.known().flatMap((id) => {
    const file = folder.find(id);
    const profile = file === undefined ? undefined : readProfile(file, id).profile;
    return profile === undefined ? [] : [profile];
  });
  return profilesPage(profiles);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of Object.entries(generatedFiles())) {
    writeFileSync(new URL(`generated/${name}`, import.meta.url), text);
  }
  mkdirSync(new URL(devicesFolder, import.meta.url), { recursive: true });
  for (const [name, text] of Object.entries(deviceFiles())) {
    writeFileSync(new URL(devicesFolder + name, import.meta.url), text);
  }
  writeFileSync(new URL(profilesPageFile, import.meta.url), profilesPageText());
}
