import { stringify } from "yaml";
import type { Language } from "../../config/language/language.ts";
import { scanText } from "../../config/language/scan.ts";
import type { Finding, ScanEvent } from "../../drivers/scan.ts";
import type { ListedPort } from "../../drivers/serial-ports.ts";
import { channelsOf } from "./merge.ts";
import type { Opener } from "./open-ports.ts";

type Progress = Extract<ScanEvent, { is: "progress" }>;

/** `12 %  9600 8N1 unit 7  2 min 10 s left` */
export function progressText({ done, total, leftMs, now }: Progress, language: Language): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return scanText[language].progress(percent, now, durationText(leftMs));
}

/** `2 min 10 s`; UCUM and SI symbols need no translation. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One finding as comment lines, so that a whole output can be pasted. */
export function findingText({ title, evidence }: Finding): string {
  return `# ${oneLine(title)}\n#   ${oneLine(evidence)}\n`;
}

/** What can be pasted; empty when nothing can. */
export function yamlOf(findings: readonly Finding[], language: Language): string {
  const channels = channelsOf(findings);
  if (channels.length === 0) return "";
  const blocks = channels.map(({ id, channel, needs }) => {
    const block = stringify({ [id]: channel }, { lineWidth: 0 }).trimEnd();
    const notes = needs.map((what) => `  ${scanText[language].needs(what)}\n`).join("");
    return notes + block.replaceAll(/^/gm, "  ");
  });
  return `${scanText[language].paste}\nchannels:\n${blocks.join("\n")}\n`;
}

export interface PortState {
  readonly port: ListedPort;
  readonly openers: readonly Opener[];
}

/** One port and what is known of it. */
export function portText({ port, openers }: PortState, language: Language): string {
  const text = scanText[language];
  const { path, advised, driver, manufacturer, product, vendorId, productId, serialNumber } = port;
  const usb = vendorId === undefined ? undefined : `${vendorId}:${productId ?? "?"}`;
  const facts = [manufacturer, product, usb, serialNumber, driver].filter((it) => it !== undefined);
  const who = openers.map(({ program, pid }) => `${program} (${pid})`).join(", ");
  return [
    path,
    `  ${text.advised}: port: ${advised}`,
    facts.length === 0 ? undefined : `  ${facts.join(", ")}`,
    who === "" ? undefined : `  ${text.openIn(who)}`,
  ]
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join("");
}

/** Text of a device must neither end a comment nor steer the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
