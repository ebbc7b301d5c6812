import type { SerialSettings } from "../../drivers/connect.ts";
import { readerProtocols } from "../../drivers/rfid/protocols.ts";
import { pointsOf } from "../../drivers/rfid/samples.ts";
import { abilitiesOf, isOrder } from "../../drivers/scale/abilities.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import type { CatalogueProtocol } from "../catalogue.ts";
import { channelYaml, exampleChannel } from "../example-channel.ts";
import { code, fence, joined, table } from "./markdown.ts";
import type { Notes } from "./notes.ts";

/** Languages of a driver that have a page each; none where the driver has one language. */
export function languageNames(driver: string): readonly string[] {
  if (driver === "scale") return [...scaleProtocols.map(({ name }) => name), "described"];
  return driver === "rfid" ? readerProtocols.map(({ name }) => name) : [];
}

/** The languages of one driver; empty where it has no pages for them. */
export function languageTable(languages: readonly CatalogueProtocol[]): string {
  const paged = languages.filter(({ driver, name }) => languageNames(driver).includes(name));
  if (paged.length === 0) return "";
  const described = ["[described](scale-described.md)", "Any other, by a description", "", ""];
  const rows = paged.map(({ driver, name, title, serial, tcpPort }) => [
    `[${name}](${driver}-${name}.md)`,
    title,
    serial === undefined ? "" : lineText(serial),
    tcpPort === undefined ? "" : String(tcpPort),
  ]);
  const isScale = paged[0]?.driver === "scale";
  return joined([
    "## Languages",
    table(
      ["protocol", "devices", "line as delivered", "TCP port"],
      isScale ? [...rows, described] : rows,
    ),
  ]);
}

/** One language of scales or readers. */
export function languagePage(language: CatalogueProtocol, notes: Notes): string {
  const { name, title, driver } = language;
  return joined([
    `# ${notes.title}`,
    `\`protocol: ${name}\` of the driver [${driver}](${driver}.md). ${title}.`,
    notes.summary,
    table(["", ""], factsOf(language)),
    fence("yaml", channelYaml(driver === "scale" ? "shelf-a1" : "gate", exampleOf(language))),
    notes.sections,
  ]);
}

type Fact = readonly [string, string];

function factsOf(language: CatalogueProtocol): readonly Fact[] {
  const { aliases, serial, tcpPort, modes = [] } = language;
  const facts: readonly Fact[] = [
    ["Line as delivered", serial === undefined ? "none: network only" : lineText(serial)],
    ["TCP port", tcpPort === undefined ? "" : `${tcpPort}, where the device has a network port`],
    [
      "Modes",
      modes.map((mode, index) => code(mode) + (index === 0 ? " (default)" : "")).join(", "),
    ],
    ...ownFacts(language),
    ["Other names", aliases.map(code).join(", ")],
  ];
  return facts.filter(([, value]) => value !== "");
}

function ownFacts({ driver, name }: CatalogueProtocol): readonly Fact[] {
  const reader = readerProtocols.find((known) => driver === "rfid" && known.name === name);
  if (reader !== undefined) {
    const { hasRadioSettings, needsRegion } = reader;
    const points = pointsOf("", hasRadioSettings, () => undefined);
    return [
      ["Region", regionText(hasRadioSettings, needsRegion)],
      ["Points", points.map(({ key }) => code(key.slice(1))).join(", ")],
    ];
  }
  const scale = scaleProtocols.find((known) => known.name === name);
  if (scale === undefined) return [];
  const { points, stable } = abilitiesOf(scale);
  return [
    ["Stability", stable ? "told by the scale" : "by equal readings: `stableAfter`"],
    [
      "Points",
      points
        .filter((point) => !isOrder(point))
        .map(code)
        .join(", "),
    ],
    ["Commands", points.filter(isOrder).map(code).join(", ") || "none"],
  ];
}

function regionText(hasRadioSettings: boolean, needsRegion: boolean): string {
  if (!hasRadioSettings) return "none: 125 and 134 kHz need none";
  return needsRegion ? "**must be given**" : "as the reader has stored it, unless given";
}

function exampleOf({ driver, name, serial, tcpPort, needsRegion }: CatalogueProtocol) {
  const path = "serial:/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10KZ1-if00-port0";
  return exampleChannel(driver, {
    protocol: name,
    port: serial === undefined ? `tcp://10.0.0.21:${tcpPort ?? 4001}` : path,
    device: driver === "scale" ? "shelf-a1" : "gate-1",
    ...(needsRegion === true ? { region: "EU" } : {}),
  });
}

function lineText({ baudRate, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baudRate} Bd, ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}
