import { findProtocol } from "../../drivers/protocols.ts";
import { fence } from "./markdown.ts";

/** What people wrote about a driver or a language: a title, and sections below it. */
export interface Notes {
  /** The text behind `# `. */
  readonly title: string;
  /** What stands between the title and the first section. */
  readonly summary: string;
  readonly sections: string;
}

/**
 * Reads notes. A block of code in the language `decode` holds lines such as `r200 BB0122...` or `epc urn:epc:tag:...`;
 * each becomes the command with what it answers.
 * @throws Error when notes have no title or name a language that does not exist: a slip of their author.
 */
export function parseNotes(text: string, name: string): Notes {
  const [, title, body] = /^# (.+)\n([\s\S]*)$/.exec(text) ?? [];
  if (title === undefined || body === undefined) throw new Error(`${name} has no title`);
  const shown = body.replaceAll(/^```decode\n([\s\S]*?)^```$/gm, (_, lines: string) =>
    fence("console", lines.trim().split("\n").map(decoded).join("\n\n")),
  );
  const first = shown.search(/^## /m);
  const at = first < 0 ? shown.length : first;
  return { title, summary: shown.slice(0, at).trim(), sections: shown.slice(at).trim() };
}

function decoded(line: string): string {
  const [word = "", ...words] = line.split(/\s+/);
  const protocol = findProtocol(word);
  if (protocol === undefined) throw new Error(`there is no language ${word}`);
  const bytes = Uint8Array.from(Buffer.from(words.join(""), "hex"));
  const frames = protocol.decodeWords?.(words) ?? protocol.decode(bytes);
  const answers = frames.map((frame) => JSON.stringify({ protocol: protocol.name, ...frame }));
  const shown = words.map((text) => (/^[\w:.-]+$/.test(text) ? text : `'${text}'`)).join(" ");
  return [`$ rackwatch decode ${word} ${shown} --json`, ...answers].join("\n");
}
