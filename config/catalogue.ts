import type { SerialSettings } from "../drivers/connect.ts";
import type { Driver, PointDescription } from "../drivers/contract.ts";
import { drivers as registry } from "../drivers/index.ts";
import { protocols } from "../drivers/protocols.ts";
import { readerProtocols } from "../drivers/rfid/protocols.ts";
import { scaleProtocols } from "../drivers/scale/protocols.ts";
import { exampleChannel } from "./example-channel.ts";
import type { TemplateFile, TemplateFolder } from "./template.ts";
import { mapOf, plain } from "./tree.ts";

/** One language that the program speaks or decodes. */
export interface CatalogueProtocol {
  /** The value of `protocol:` in YAML where the driver has several, and the word for `decode` and `sim`. */
  readonly name: string;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly driver: string;
  /** Factory settings of the serial line; absent where there is no line. */
  readonly serial?: SerialSettings;
  readonly tcpPort?: number;
  /** Scales only; the first one is the default. */
  readonly modes?: readonly string[];
  /** Readers only: it does not work until it was told a region. */
  readonly needsRegion?: boolean;
}

export interface CataloguePoint {
  readonly name: string;
  readonly unit?: string;
  readonly kind: PointDescription["kind"];
  readonly access: PointDescription["access"];
}

/** One device model: a template file. */
export interface CatalogueTemplate {
  /** The value of `template:` in YAML. */
  readonly id: string;
  readonly driver: string;
  readonly vendor: string;
  readonly model: string;
  readonly file: string;
  readonly source: string;
  readonly trust: string;
  readonly notes?: string;
  /** What the manual says of the line, for the technician. */
  readonly line?: Readonly<Record<string, unknown>>;
  readonly points: readonly CataloguePoint[];
  /** What stands below a channel's name in YAML; addresses are examples. */
  readonly channel: Readonly<Record<string, unknown>>;
}

export interface CatalogueDriver {
  /** The value of `driver:` in YAML. */
  readonly name: string;
  readonly protocols: readonly string[];
  readonly templates: readonly string[];
}

/** Everything that can be connected, from the registry and the template files themselves. */
export interface DeviceCatalogue {
  readonly drivers: readonly CatalogueDriver[];
  readonly protocols: readonly CatalogueProtocol[];
  readonly templates: readonly CatalogueTemplate[];
  /** Template files that cannot be used; `rackwatch check` says why. */
  readonly broken: readonly { readonly id: string; readonly file: string }[];
}

/** Pure but for the files that `folder` reads. */
export function deviceCatalogue(
  folder: TemplateFolder,
  drivers: readonly Driver[] = registry,
): DeviceCatalogue {
  const ids = [...new Set(folder.known())].sort();
  const files = ids.flatMap((id) => {
    const file = folder.find(id);
    return file === undefined ? [] : [{ id, file, template: templateOf(id, file, drivers) }];
  });
  const templates = files.flatMap(({ template }) => template ?? []);
  const languages = protocols.map(protocolOf);
  return {
    drivers: drivers.map(({ name }) => ({
      name,
      protocols: languages.flatMap((language) => (language.driver === name ? language.name : [])),
      templates: templates.flatMap(({ id, driver }) => (driver === name ? id : [])),
    })),
    protocols: languages,
    templates,
    broken: files.flatMap(({ id, file, template }) =>
      template === undefined ? [{ id, file: file.source.file }] : [],
    ),
  };
}

function protocolOf({ name, title, aliases, driver }: (typeof protocols)[number]) {
  const scale = scaleProtocols.find((protocol) => driver === "scale" && protocol.name === name);
  const reader = readerProtocols.find((protocol) => driver === "rfid" && protocol.name === name);
  const { serial, tcpPort } = scale ?? reader ?? {};
  return {
    ...{ name, title, aliases, driver },
    ...(serial === undefined ? {} : { serial }),
    ...(tcpPort === undefined ? {} : { tcpPort }),
    ...(scale === undefined ? {} : { modes: scale.modes }),
    ...(reader?.needsRegion === true ? { needsRegion: true } : {}),
  };
}

/** Undefined when its driver does not take it. */
function templateOf(
  id: string,
  file: TemplateFile,
  drivers: readonly Driver[],
): CatalogueTemplate | undefined {
  const tree = mapOf(file.tree);
  if (tree === undefined || file.findings.some(({ severity }) => severity === "error"))
    return undefined;
  const template = recordOf(plain(tree));
  const driver = drivers.find(({ name }) => name === template["driver"]);
  if (driver?.templateSchema?.safeParse(template).success !== true) return undefined;
  const text = (key: string) => String(template[key] ?? "").trim();
  const channel = exampleChannel(driver.name, { id, template });
  const { notes, line } = template;
  return {
    id,
    driver: driver.name,
    vendor: text("vendor"),
    model: text("model"),
    file: file.source.file,
    source: text("source"),
    trust: text("trust"),
    ...(notes === undefined ? {} : { notes: text("notes") }),
    ...(line === undefined ? {} : { line: recordOf(line) }),
    points: pointsOf(driver, channel, template),
    channel,
  };
}

/** As the driver itself describes them, once the template stands in a channel. */
function pointsOf(
  driver: Driver,
  channel: Readonly<Record<string, unknown>>,
  template: Readonly<Record<string, unknown>>,
): readonly CataloguePoint[] {
  const devices = Object.entries(recordOf(channel["devices"])).map(([device, given]) => {
    const { template: _, ...own } = recordOf(given);
    const points = { ...recordOf(template["points"]), ...recordOf(own["points"]) };
    return [device, { ...recordOf(template["device"]), ...own, points }];
  });
  const parsed = driver.schema.safeParse({ ...channel, devices: Object.fromEntries(devices) });
  if (!parsed.success) return [];
  return driver.describe(parsed.data).map(({ key, unit, kind, access }) => ({
    name: key.slice(key.indexOf("/") + 1),
    ...(unit === undefined ? {} : { unit }),
    ...{ kind, access },
  }));
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
