/** The namespace of OPC UA itself, always index 0 (OPC 10000-3, 8.2.2). */
export const baseNamespace = "http://opcfoundation.org/UA/";

/** Short names of namespaces that the standard's companion specifications own. */
export const companionNamespaces: Readonly<Record<string, string>> = {
  DI: "http://opcfoundation.org/UA/DI/",
  AutoID: "http://opcfoundation.org/UA/AutoID/",
  Machinery: "http://opcfoundation.org/UA/Machinery/",
  Scales: "http://opcfoundation.org/UA/Scales/V2/",
};

/** A name with the URI of its namespace: a server may give the namespace another index after each restart. */
export interface QualifiedText {
  readonly namespace: string;
  readonly name: string;
}

/** Where a node is, before the server was asked for namespace indices. */
export type NodeReference =
  | { readonly kind: "id"; readonly namespace: string; readonly id: string }
  | {
      readonly kind: "path";
      readonly isAbsolute: boolean;
      readonly steps: readonly QualifiedText[];
    };

export type ReferenceFault = "opcua/node" | "opcua/namespace-index" | "opcua/namespace";

type Aliases = Readonly<Record<string, string>>;

/**
 * `nsu=http://vendor/ns;s=Tank.Level`, `ns=vendor;s=Tank.Level` with a name from `namespaces`, `i=2258` of OPC UA's own
 * namespace (OPC 10000-6, 5.3.1.11), or a browse path: `/Objects/vendor:Line/{http://vendor/ns}Level`, without the
 * leading slash relative to the device, `.` the device itself. `&` takes its meaning from the next character (OPC 10000-4, A.2).
 * Without `aliases` any alias is taken as known.
 */
export function parseNodeReference(
  text: string,
  aliases?: Aliases,
): NodeReference | ReferenceFault {
  const id = /^(?:(nsu|ns)=([^;]+);)?([isgb]=.+)$/s.exec(text);
  if (id === null) return parsePath(text, aliases);
  const [, kind, space, value = ""] = id;
  if (!isIdentifier(value)) return "opcua/node";
  if (space === undefined) return { kind: "id", namespace: baseNamespace, id: value };
  if (kind === "nsu") return { kind: "id", namespace: space, id: value };
  const namespace = namespaceOf(space, aliases);
  return typeof namespace === "string" ? namespace : { kind: "id", ...namespace, id: value };
}

/** `AutoID:ScanResult`, `{http://vendor/ns}Name`, `Name`. */
export function parseQualifiedText(
  text: string,
  aliases?: Aliases,
): QualifiedText | ReferenceFault {
  const clark = /^\{([^{}]+)\}(.+)$/s.exec(text);
  if (clark !== null) return { namespace: clark[1] ?? "", name: withoutEscapes(clark[2] ?? "") };
  const colon = /^((?:[^&:]|&.)*?):(.+)$/s.exec(text);
  if (colon === null) {
    return text === "" ? "opcua/node" : { namespace: baseNamespace, name: withoutEscapes(text) };
  }
  const found = namespaceOf(colon[1] ?? "", aliases);
  return typeof found === "string" ? found : { ...found, name: withoutEscapes(colon[2] ?? "") };
}

/** A browse path as it stands in YAML. */
export function formatPath(steps: readonly QualifiedText[]): string {
  return steps.map((step) => `/${formatQualifiedText(step)}`).join("");
}

function formatQualifiedText({ namespace, name }: QualifiedText): string {
  const escaped = name.replaceAll(/[&/:{}]/g, "&$&");
  return namespace === baseNamespace ? escaped : `{${namespace}}${escaped}`;
}

/** A node's absolute place: from where, and which steps on from there. */
export interface Place {
  readonly start: { readonly namespace: string; readonly id: string };
  readonly steps: readonly QualifiedText[];
}

const rootFolder = { namespace: baseNamespace, id: "i=84" };
const objectsFolder = { namespace: baseNamespace, id: "i=85" };

/** Puts a reference under the device's root; without one, under the folder Objects. */
export function placeOf(reference: NodeReference, root: NodeReference | undefined): Place {
  if (reference.kind === "id") return { start: reference, steps: [] };
  if (reference.isAbsolute) return { start: rootFolder, steps: reference.steps };
  if (root === undefined) return { start: objectsFolder, steps: reference.steps };
  const base = placeOf(root, undefined);
  return { start: base.start, steps: [...base.steps, ...reference.steps] };
}

function parsePath(text: string, aliases: Aliases | undefined): NodeReference | ReferenceFault {
  if (text === ".") return { kind: "path", isAbsolute: false, steps: [] };
  const isAbsolute = text.startsWith("/");
  const steps: QualifiedText[] = [];
  for (const part of splitPath(isAbsolute ? text.slice(1) : text)) {
    const step = parseQualifiedText(part, aliases);
    if (typeof step === "string") return step;
    steps.push(step);
  }
  return steps.length === 0 ? "opcua/node" : { kind: "path", isAbsolute, steps };
}

/**
 * Braces hold a URI, letter by letter; elsewhere `&` takes the meaning from what follows. No parts when a brace has no
 * other half.
 */
function splitPath(text: string): readonly string[] {
  const parts = [""];
  for (const [mark] of text.matchAll(/\{[^{}]*\}|&.|./gsu)) {
    if (mark === "{" || mark === "}") return [];
    if (mark === "/") parts.push("");
    else parts.push(`${parts.pop() ?? ""}${mark}`);
  }
  return parts;
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/&(.)/gsu, "$1");
}

function namespaceOf(
  name: string,
  aliases: Aliases | undefined,
): { readonly namespace: string } | ReferenceFault {
  if (name === "0") return { namespace: baseNamespace };
  if (/^\d+$/.test(name)) return "opcua/namespace-index";
  if (name === "") return "opcua/node";
  if (aliases === undefined) return { namespace: name };
  const uri = Object.hasOwn(aliases, name) ? aliases[name] : companionNamespaces[name];
  return uri === undefined ? "opcua/namespace" : { namespace: uri };
}

/** Numeric, text, GUID or base64 (OPC 10000-3, 8.2.1). */
function isIdentifier(text: string): boolean {
  const value = text.slice(2);
  switch (text[0]) {
    case "i":
      return /^\d{1,10}$/.test(value) && Number(value) <= 0xffff_ffff;
    case "g":
      return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
    case "b":
      return /^[A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0;
    default:
      // A string identifier holds at most 4096 characters.
      return value.length <= 4_096;
  }
}
