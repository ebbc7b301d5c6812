import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import {
  type CatalogueProtocol,
  type CatalogueTemplate,
  type DeviceCatalogue,
  deviceCatalogue,
} from "../../config/catalogue.ts";
import { channelYaml, exampleChannel } from "../../config/example-channel.ts";
import type { Language } from "../../config/language/language.ts";
import { toolsText } from "../../config/language/tools.ts";
import { templatesFor } from "../../config/load.ts";
import { suggest } from "../../config/suggest.ts";
import type { SerialSettings } from "../../drivers/connect.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { findProtocol } from "../../drivers/protocols.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";
import { table } from "./table.ts";

/** `rackwatch devices [NAME]`: everything that can be connected, or one model or language in full. */
export function devicesCommand(io: CommandIo) {
  return newCommand("devices", io)
    .description("List drivers, languages and device models, or show one of them in full")
    .argument("[name]", "a model, a language or a driver: xy-md02, mt-sics, modbus")
    .option("--driver <name>", "only what this driver reads")
    .option("--config <file>", "also the models in templates/ beside this configuration")
    .option("--json", "print as JSON")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action((name, { driver, config, json, lang }) => {
      const file = config === undefined ? undefined : resolve(io.cwd, config);
      const whole = deviceCatalogue(templatesFor(file, { folder: io.cwd }));
      const language = lang ?? terminalLanguage(io.env);
      const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
      const isDriver = whole.drivers.some((known) => known.name === name);
      if (name === undefined || isDriver) {
        const part = ofDriver(whole, isDriver ? name : driver);
        io.stdout.write(json === true ? asJson(part) : listText(part, language));
        return;
      }
      const found = find(whole, name);
      if (json === true) io.stdout.write(asJson(found));
      else if ("id" in found) io.stdout.write(templateText(found, language));
      else io.stdout.write(protocolText(found, language));
    });
}

/** @throws RackwatchError `config/invalid` when there is no such driver. */
function ofDriver(whole: DeviceCatalogue, driver: string | undefined): DeviceCatalogue {
  if (driver === undefined) return whole;
  const names = whole.drivers.map(({ name }) => name);
  if (!names.includes(driver)) throw unknown(driver, names);
  return {
    ...whole,
    drivers: whole.drivers.filter(({ name }) => name === driver),
    protocols: whole.protocols.filter((protocol) => protocol.driver === driver),
    templates: whole.templates.filter((template) => template.driver === driver),
  };
}

/** @throws RackwatchError `config/invalid`. */
function find(whole: DeviceCatalogue, word: string): CatalogueTemplate | CatalogueProtocol {
  const template = whole.templates.find(({ id }) => id === word.toLowerCase());
  if (template !== undefined) return template;
  const name = findProtocol(word)?.name;
  const protocol = whole.protocols.find((known) => known.name === name);
  if (protocol !== undefined) return protocol;
  throw unknown(word, [
    ...whole.templates.map(({ id }) => id),
    ...whole.protocols.map((known) => known.name),
    ...whole.drivers.map((known) => known.name),
  ]);
}

function unknown(word: string, known: readonly string[]): RackwatchError {
  const near = suggest(word.toLowerCase(), known);
  return new RackwatchError("config/invalid", `There is no driver, language or model "${word}"`, {
    todo: near === "" ? "`rackwatch devices` lists all of them" : `Did you mean ${near}?`,
  });
}

function listText({ drivers, protocols, templates, broken }: DeviceCatalogue, language: Language) {
  const text = toolsText[language];
  const section = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [`${title}:`, ...table(rows), ""];
  const lines = [
    ...section(
      text.drivers,
      drivers.map(({ name }) => [name]),
    ),
    ...section(
      text.protocols,
      protocols.map(({ name, driver, title }) => [name, driver, title]),
    ),
    ...section(
      text.templates,
      templates.map(({ id, driver, vendor, model }) => [id, driver, `${vendor}: ${model}`]),
    ),
    ...section(
      text.broken,
      broken.map(({ id, file }) => [id, file]),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function protocolText(protocol: CatalogueProtocol, language: Language): string {
  const text = toolsText[language];
  const { name, title, driver, aliases, serial, tcpPort, modes, needsRegion } = protocol;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [text.aliases, aliases.length === 0 ? undefined : aliases.join(", ")],
    [text.line, serial && serialText(serial)],
    [text.tcpPort, tcpPort === undefined ? undefined : String(tcpPort)],
    [text.modes, modes?.join(", ")],
    [text.region, needsRegion === true ? "CN, EU, US, ..." : undefined],
  ];
  const isChannel = driver === "scale" || (driver === "rfid" && name !== "epc");
  const region = needsRegion === true ? { region: "EU" } : {};
  const yaml = channelYaml("channel-1", exampleChannel(driver, { protocol: name, ...region }));
  const example = isChannel ? ["", text.example, yaml.trimEnd()] : [];
  return `${[`${name} (${driver}): ${title}`, ...factLines(facts), ...example].join("\n")}\n`;
}

function templateText(template: CatalogueTemplate, language: Language): string {
  const text = toolsText[language];
  const { id, driver, vendor, model, points, line, source, trust, notes, file, channel } = template;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [text.line, line && JSON.stringify(line)],
    [text.source, source],
    [text.trust, trust],
    [text.notes, notes],
    [text.file, file],
  ];
  const rows = points.map(({ name, unit = "", kind, access }) => [name, unit, kind, access]);
  return `${[
    `${id} (${driver}): ${vendor}: ${model}`,
    ...factLines(facts),
    `${text.points}:`,
    ...table(rows),
    "",
    text.example,
    channelYaml("channel-1", channel).trimEnd(),
  ].join("\n")}\n`;
}

function factLines(facts: readonly (readonly [string, string | undefined])[]): readonly string[] {
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name}: ${value}`]));
}

function serialText({ baudRate, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}
