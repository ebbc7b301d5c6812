import type { Driver } from "../../drivers/contract.ts";
import { pointSettings } from "../../drivers/point-settings.ts";
import type { CatalogueProtocol, DeviceCatalogue } from "../catalogue.ts";
import { gatewayJsonSchema, type JsonSchema } from "../json-schema.ts";
import { languageNames, languagePage, languageTable } from "./languages.ts";
import { code, joined, table } from "./markdown.ts";
import { modelSections } from "./models.ts";
import { type Notes, parseNotes } from "./notes.ts";
import { recordOf, settingsTable } from "./settings-table.ts";

export interface PageSources {
  readonly drivers: readonly Driver[];
  readonly catalogue: DeviceCatalogue;
  /**
   * What people wrote: `modbus` of a driver, `scale/mt-sics` of a language, `epc`.
   * @throws Error when there is nothing.
   */
  readonly notes: (name: string) => string;
}

/** Keys of a channel or device that the text of the page explains. */
const structure = ["driver", "devices", "points"];

/** Where the frames of a described scale are explained. */
const describedPage = "scale-described.md";

/** The pages of docs/devices by file name: from the schemas, the templates and the notes of each driver. Pure. */
export function devicePages(sources: PageSources): Readonly<Record<string, string>> {
  const { drivers, catalogue } = sources;
  const notesOf = (name: string) => parseNotes(sources.notes(name), name);
  const forms = channelForms(drivers);
  const pages = drivers.map(({ name }): [string, string] => {
    const notes = notesOf(name);
    const page = driverPage(name, notes, forms.get(name) ?? {}, catalogue);
    return [`${name}.md`, page];
  });
  const languages = drivers.flatMap(({ name }) =>
    languageNames(name).map((language): [string, string] => {
      const notes = notesOf(`${name}/${language}`);
      const told = catalogue.protocols.find((known) => known.name === language);
      const page =
        told === undefined
          ? describedText(notes, forms.get(name) ?? {})
          : languagePage(told, notes);
      return [`${name}-${language}.md`, page];
    }),
  );
  const epc = notesOf("epc");
  const all: readonly (readonly [string, string])[] = [
    ["README.md", indexPage(catalogue, (name) => notesOf(name))],
    ["points.md", pointsPage(forms)],
    ...pages,
    ...languages,
    ["epc.md", joined([`# ${epc.title}`, epc.summary, epc.sections])],
  ];
  return Object.fromEntries(all.map(([name, text]) => [name, `${notice}\n\n${text}\n`]));
}

const notice =
  "<!-- Made by `npm run generate` from the schemas, config/templates and drivers/*/notes. Edit those. -->";

function channelForms(drivers: readonly Driver[]): ReadonlyMap<string, JsonSchema> {
  return new Map(
    drivers.map((driver) => {
      const schema = gatewayJsonSchema([driver]);
      const channels = recordOf(recordOf(schema["properties"])["channels"]);
      const { anyOf } = recordOf(channels["additionalProperties"]);
      return [driver.name, recordOf(Array.isArray(anyOf) ? anyOf[0] : undefined)];
    }),
  );
}

function driverPage(
  driver: string,
  notes: Notes,
  channel: JsonSchema,
  catalogue: DeviceCatalogue,
): string {
  const templates = catalogue.templates.filter((template) => template.driver === driver);
  return joined([
    `# ${notes.title}`,
    notes.summary,
    notes.sections,
    languageTable(catalogue.protocols.filter((known) => known.driver === driver)),
    settings(channel, templates.length > 0),
    modelSections(templates),
  ]);
}

function settings(channel: JsonSchema, hasTemplates: boolean): string {
  const channelKeys = recordOf(channel["properties"]);
  const device = recordOf(recordOf(channelKeys["devices"])["additionalProperties"]);
  const deviceKeys = recordOf(device["properties"]);
  const repeated = Object.keys(deviceKeys).filter(
    (key) => !structure.includes(key) && isSame(deviceKeys[key], channelKeys[key]),
  );
  const without = [...structure, ...repeated, ...(hasTemplates ? [] : ["template"])];
  const elsewhere = { format: describedPage };
  return joined([
    "## Settings",
    "Durations carry their unit: `500ms`, `10s`, `5min`, `2h`.",
    "### Of the channel",
    settingsTable(channel, { without: structure, elsewhere }),
    "### Of a device",
    settingsTable(device, { without, required: requiredOf(device), elsewhere }),
    repeated.length === 0
      ? ""
      : `What the channel does not say, a device or its template may: ${repeated.map(code).join(", ")}.`,
    points(recordOf(deviceKeys["points"]), requiredOf(device, "points")),
  ]);
}

/** Editors ask for less where a template gives the rest; a page says what there must be without one. */
function requiredOf(device: JsonSchema, part?: "points"): readonly string[] {
  const without = recordOf(device["else"]);
  const inPoints = recordOf(recordOf(without["properties"])["points"]);
  const { required } = part === undefined ? without : recordOf(inPoints["additionalProperties"]);
  return Array.isArray(required) ? required.map(String) : [];
}

function points(schema: JsonSchema, required: readonly string[]): string {
  const fixed = Object.entries(recordOf(schema["properties"]));
  const [, first] = fixed[0] ?? [];
  const point = recordOf(first ?? schema["additionalProperties"]);
  const own = Object.keys(recordOf(point["properties"]));
  const hasAll = Object.keys(pointSettings).every((key) => own.includes(key));
  const common = hasAll ? Object.keys(pointSettings) : [];
  const rows = settingsTable(point, { without: common, required });
  return joined([
    "### Of a point",
    fixed.length === 0 ? "" : pointList(fixed),
    rows,
    hasAll
      ? `${rows === "" ? "Each" : "And each"} can have what [every point](points.md) can have.`
      : "",
  ]);
}

function pointList(fixed: readonly (readonly [string, unknown])[]): string {
  return table(
    ["point", "meaning"],
    fixed.map(([name, schema]) => [code(name), String(recordOf(schema)["description"] ?? "")]),
  );
}

function pointsPage(forms: ReadonlyMap<string, JsonSchema>): string {
  const channel = recordOf(forms.get("modbus"));
  const device = below(recordOf(channel["properties"])["devices"]);
  const { properties } = below(recordOf(device["properties"])["points"]);
  const own = Object.entries(recordOf(properties));
  const common = own.filter(([key]) => Object.hasOwn(pointSettings, key));
  return joined([
    "# Every point",
    "What the gateway does with a point's samples, whatever driver they come from. `range`, `spike` and `rate` look at what the device said, in its own unit; then come `calibration` and `convertTo`. What the device said is kept wherever the value became another.",
    settingsTable({ properties: Object.fromEntries(common) }),
  ]);
}

function below(mapping: unknown): JsonSchema {
  return recordOf(recordOf(mapping)["additionalProperties"]);
}

function describedText(notes: Notes, channel: JsonSchema): string {
  const format = recordOf(recordOf(channel["properties"])["format"]);
  return joined([
    `# ${notes.title}`,
    notes.summary,
    notes.sections,
    "## Settings of `format`",
    settingsTable(format),
  ]);
}

function indexPage(catalogue: DeviceCatalogue, notesOf: (name: string) => Notes): string {
  const rows = catalogue.drivers.map(({ name, protocols, templates }) => [
    `[${name}](${name}.md)`,
    notesOf(name).title,
    protocols.length < 2 ? "" : String(protocols.length),
    templates.length === 0 ? "" : String(templates.length),
  ]);
  const languages = catalogue.protocols.filter((known) =>
    languageNames(known.driver).includes(known.name),
  );
  return joined([
    "# Devices",
    "What can be connected, and how. `rackwatch devices` prints the same from the program itself.",
    table(["driver", "what it reads", "languages", "device models"], rows),
    [
      "- [Wiring](wiring.md): serial lines, device servers, contacts.",
      "- [Every point](points.md): ranges, spikes, calibration, units.",
      `- [${notesOf("epc").title}](epc.md): what stands on a tag.`,
    ].join("\n"),
    "## Languages",
    table(["language", "driver", "devices"], languages.map(languageRow)),
    "## Device models",
    table(
      ["template", "driver", "maker", "model"],
      catalogue.templates.map(({ id, driver, vendor, model }) => [
        `[${id}](${driver}.md#${id})`,
        driver,
        vendor,
        model,
      ]),
    ),
  ]);
}

function languageRow({ name, driver, title }: CatalogueProtocol): readonly string[] {
  return [`[${name}](${driver}-${name}.md)`, driver, title];
}

function isSame(one: unknown, other: unknown): boolean {
  return other !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
