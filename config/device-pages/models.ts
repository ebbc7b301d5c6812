import type { CataloguePoint, CatalogueTemplate } from "../catalogue.ts";
import { channelYaml } from "../example-channel.ts";
import { code, fence, joined, table } from "./markdown.ts";

/** The device models of one driver: what is known of each, its points, and a channel to copy. */
export function modelSections(templates: readonly CatalogueTemplate[]): string {
  if (templates.length === 0) return "";
  const list = table(
    ["template", "maker", "model"],
    templates.map(({ id, vendor, model }) => [`[${id}](#${id})`, vendor, model]),
  );
  const intro =
    "A template brings the points of a device model. What a device says itself comes first, point by point.";
  return joined(["## Device models", intro, list, ...templates.map(section)]);
}

function section(template: CatalogueTemplate): string {
  const { id, vendor, model, source, trust, notes, line, points, channel } = template;
  const facts = [
    `- Source: ${source}.`,
    `- Trust: ${trust}.`,
    line === undefined ? "" : `- Factory settings: ${settingsOf(line)}.`,
    `- File: [${id}.yaml](../../config/templates/${id}.yaml).`,
  ];
  return joined([
    `### ${id}`,
    `${vendor}: ${model}.`,
    notes ?? "",
    facts.filter((fact) => fact !== "").join("\n"),
    pointsTable(points),
    fence("yaml", channelYaml("line-1", channel)),
  ]);
}

export function pointsTable(points: readonly CataloguePoint[]): string {
  return table(
    ["point", "unit", "value", "access"],
    points.map(({ name, unit, kind, access }) => [
      code(name),
      unit === undefined ? "" : code(unit),
      kind,
      access,
    ]),
  );
}

function settingsOf(line: Readonly<Record<string, unknown>>): string {
  return Object.entries(line)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(", ");
}
