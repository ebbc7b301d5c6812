import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { Sections } from "../../../../config/managed-sections.ts";
import { isRecord } from "../../../../gateway/panel/web/merge.ts";
import { sectionText } from "../../down/section-text.ts";

/** Something that is wrong with a text, and where. */
export interface Mistake {
  readonly path: string;
  readonly message: string;
  /** From 1. */
  readonly line?: number;
}

export interface SourceText {
  readonly notManaged: string;
  readonly notSections: string;
}

type ManagedSection = keyof Sections;

const managed: Readonly<Record<ManagedSection, true>> = {
  ...{ rules: true, items: true, profiles: true },
  ...{ schedules: true, notify: true, escalation: true },
};

/** A secret travels by its name only, as the protocol says. */
const secretTag = { tag: "!secret", resolve: (name: string) => ({ "!secret": name }) };

/** What a person wrote as sections; a section without entries is empty. */
export function readSections(
  text: string,
  words: SourceText,
): { readonly sections: Sections } | { readonly mistakes: readonly Mistake[] } {
  const document = parseDocument(text, { customTags: [secretTag], stringKeys: true });
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ message, linePos }) => ({
      path: "",
      message: message.split("\n")[0] ?? "",
      ...(linePos === undefined ? {} : { line: linePos[0].line }),
    }));
    return { mistakes };
  }
  const value: unknown = document.toJS() ?? {};
  if (!isRecord(value)) return { mistakes: [{ path: "", message: words.notSections, line: 1 }] };
  const sections = Object.fromEntries(
    Object.entries(value).map(([name, entries]) => [name, entries ?? {}]),
  );
  const mistakes = Object.entries(sections).flatMap(([path, entries]) => {
    const message = Object.hasOwn(managed, path) ? words.notSections : words.notManaged;
    const isWrong = !Object.hasOwn(managed, path) || !isRecord(entries);
    return isWrong ? [{ path, message, ...lineOf(text, path) }] : [];
  });
  return isSections(sections, mistakes) ? { sections } : { mistakes };
}

function isSections(value: object, mistakes: readonly Mistake[]): value is Sections {
  return mistakes.length === 0 && Object.keys(value).every((name) => Object.hasOwn(managed, name));
}

/** Sections that are not what they were; one that was taken out is empty from now on. */
export function changedSections(before: Sections, after: Sections): Sections {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed: Sections = {};
  for (const name of Object.keys(managed).filter(isManaged)) {
    if (!names.has(name)) continue;
    const [old, now] = [before[name] ?? {}, after[name] ?? {}];
    if (sectionText({ [name]: old }) !== sectionText({ [name]: now })) changed[name] = now;
  }
  return changed;
}

function isManaged(name: string): name is ManagedSection {
  return Object.hasOwn(managed, name);
}

/** The mistakes of central's refusal, each with its line; undefined: it says something else. */
export function mistakesIn(message: string, text: string): readonly Mistake[] | undefined {
  const mistakes = message.split("\n").flatMap((line) => {
    const [, path = "", said = ""] = /^(\w[^\s:]*): (.+)$/.exec(line) ?? [];
    return Object.keys(managed).some((name) => path.startsWith(name))
      ? [{ path, message: said, ...lineOf(text, path) }]
      : [];
  });
  return mistakes.length === 0 ? undefined : mistakes;
}

/** The line of the deepest part of a path that stands in the text. */
function lineOf(text: string, path: string): { readonly line?: number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, customTags: [secretTag] });
  let node: ParsedNode | null = document.contents;
  let rest = path;
  let offset: number | undefined;
  while (node !== null && rest !== "") {
    const found = stepInto(node, rest);
    if (found === undefined) break;
    ({ node, rest, offset } = found);
  }
  return offset === undefined ? {} : { line: lines.linePos(offset).line };
}

interface Step {
  readonly node: ParsedNode | null;
  readonly rest: string;
  readonly offset: number;
}

function stepInto(node: ParsedNode, path: string): Step | undefined {
  if (isSeq(node)) {
    const [whole, index = ""] = /^\[?(\d+)\]?\.?/.exec(path) ?? [];
    const item = node.items[Number(index)];
    if (whole === undefined || !isNode(item)) return undefined;
    return { node: item, rest: path.slice(whole.length), offset: item.range[0] };
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (!isScalar(key) || !key.range) continue;
    const name = String(key.value);
    const after = path.slice(name.length);
    if (!path.startsWith(name) || !/^($|\.|\[)/.test(after)) continue;
    return {
      node: isNode(value) ? value : null,
      rest: after.replace(/^\./, ""),
      offset: key.range[0],
    };
  }
  return undefined;
}

function isNode(value: unknown): value is ParsedNode {
  return isMap(value) || isSeq(value) || isScalar(value);
}
