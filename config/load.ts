import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Driver, EpochMs } from "../drivers/contract.ts";
import { drivers as registry } from "../drivers/index.ts";
import { compile } from "./compile.ts";
import { locate } from "./locate.ts";
import { parseYaml, type ResolveSecret } from "./parse.ts";
import { type Finding, finding, type Problem } from "./problem.ts";
import type { Config } from "./schema/config.ts";
import { secretsFrom, unknowableSecrets } from "./secrets.ts";
import type { Source } from "./source.ts";
import type { TemplateFile, TemplateFolder } from "./template.ts";
import { configBytesMax, decodeText, fileBytesMax } from "./text.ts";

export interface LoadOptions {
  readonly drivers?: readonly Driver[];
  /** `demand`: a secret that cannot be found is an error. `substitute`: a value that nobody knows takes its place. */
  readonly secrets?: "demand" | "substitute";
  /** Top-level sections whose secrets another program is given: there a missing one is substituted in any case. */
  readonly foreignSections?: readonly string[];
  /** Whether one unit can be turned into the other; absent: conversions are not checked. */
  readonly canConvert?: (from: string, to: string) => boolean;
  /** Secrets and the place of systemd's credentials; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Owner that secrets.yaml may have besides root; the process's own user by default. */
  readonly userId?: number;
  /** Where relative paths start; they are shown as they were given. The process's own by default. */
  readonly folder?: string;
  /** Templates that come with the program. */
  readonly templateFolder?: string;
  /** Storage profiles that come with the program. */
  readonly profileFolder?: string;
  /** The instant against which calibration dates are checked; by default the machine's clock. */
  readonly now?: EpochMs;
  /** `partial`: a file may leave out `gateway` and `channels`; the points that its rules name are then believed. */
  readonly form?: "whole" | "partial";
}

export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Problem[];
      /** The texts that it was made of: the file first, then templates and profiles. Without secrets. */
      readonly sources: readonly Source[];
    }
  /** Problems include warnings. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

const shippedTemplates = fileURLToPath(new URL("templates/", import.meta.url));
const shippedProfiles = fileURLToPath(new URL("profiles/", import.meta.url));

/** Reads, merges and checks a configuration; whatever is wrong with it comes back as problems, all at once. */
export function loadConfig(file: string, options: LoadOptions = {}): LoadResult {
  const read = readSource(file, "config", options);
  if ("code" in read) return { ok: false, problems: locate([read], wholeOf(file)) };
  return loadSource(read, foldersFor(file, options), file, options);
}

/** The templates that a configuration at `file` may name: those beside it come first; without it, the shipped ones. */
export function templatesFor(file: string | undefined, options: LoadOptions = {}): UsedFiles {
  const shipped = options.templateFolder ?? shippedTemplates;
  const folders = file === undefined ? [shipped] : [join(dirname(file), "templates"), shipped];
  return new Files(folders, "template", options);
}

/** The storage profiles that a configuration at `file` may name: those beside it come first; without it, the shipped ones. */
export function profilesFor(file: string | undefined, options: LoadOptions = {}): UsedFiles {
  const shipped = options.profileFolder ?? shippedProfiles;
  const folders = file === undefined ? [shipped] : [join(dirname(file), "profiles"), shipped];
  return new Files(folders, "profile", options);
}

interface Folders {
  readonly templates: UsedFiles;
  readonly profiles: UsedFiles;
}

function foldersFor(file: string, options: LoadOptions): Folders {
  return { templates: templatesFor(file, options), profiles: profilesFor(file, options) };
}

/** The same from a text that stands in no file; relative paths and secrets are looked up as if it were `file`. */
export function loadText(text: string, file: string, options: LoadOptions = {}): LoadResult {
  return loadSource({ file, text, role: "config" }, foldersFor(file, options), file, options);
}

/** The same from texts that are at hand; only secrets are looked up beside `file`. */
export function loadSaved(sources: readonly Source[], options: LoadOptions): LoadResult {
  const [main] = sources;
  if (main === undefined) return { ok: false, problems: [] };
  const folders = {
    templates: new SavedFiles(sources.slice(1).filter(({ role }) => role === "template")),
    profiles: new SavedFiles(sources.slice(1).filter(({ role }) => role === "profile")),
  };
  return loadSource(main, folders, main.file, options);
}

type UsedFiles = TemplateFolder & { readonly used: readonly Source[] };

function loadSource(
  source: Source,
  { templates, profiles }: Folders,
  file: string,
  options: LoadOptions,
): LoadResult {
  const { config, findings } = compile(source, {
    drivers: options.drivers ?? registry,
    templates,
    profiles,
    now: options.now ?? Date.now(),
    resolveSecret: secretsOf(file, options),
    canConvert: options.canConvert,
    partial: options.form === "partial",
  });
  const problems = locate(findings, { source, start: 0, end: 0 });
  if (config === undefined) return { ok: false, problems };
  return {
    ok: true,
    config,
    warnings: problems,
    sources: [source, ...templates.used, ...profiles.used],
  };
}

class Files implements UsedFiles {
  readonly #folders: readonly string[];
  readonly #role: Source["role"];
  readonly #options: LoadOptions;
  readonly #files = new Map<string, TemplateFile | undefined>();

  constructor(folders: readonly string[], role: Source["role"], options: LoadOptions) {
    this.#folders = folders;
    this.#role = role;
    this.#options = options;
  }

  get used(): readonly Source[] {
    return [...this.#files.values()].flatMap((file) => (file === undefined ? [] : [file.source]));
  }

  find(id: string): TemplateFile | undefined {
    if (!this.#files.has(id)) this.#files.set(id, this.#read(id));
    return this.#files.get(id);
  }

  known(): readonly string[] {
    return this.#folders.flatMap((folder) => namesIn(folder, this.#options)).sort();
  }

  #read(id: string): TemplateFile | undefined {
    for (const folder of this.#folders) {
      const file = join(folder, `${id}.yaml`);
      const read = readSource(file, this.#role, this.#options);
      if (!("code" in read)) return templateFile(read);
      if (read.code !== "file/missing") {
        const source: Source = { file, text: "", role: this.#role };
        return { source, tree: undefined, findings: [read] };
      }
    }
    return undefined;
  }
}

class SavedFiles implements UsedFiles {
  readonly used: readonly Source[];

  constructor(sources: readonly Source[]) {
    this.used = sources;
  }

  find(id: string): TemplateFile | undefined {
    const source = this.used.find(({ file }) => file.endsWith(`/${id}.yaml`));
    return source && templateFile(source);
  }

  known(): readonly string[] {
    return [];
  }
}

function templateFile(source: Source): TemplateFile {
  const { tree, findings } = parseYaml(source, (_, path, place) =>
    finding("secret/misplaced", path, {}, { place }),
  );
  const place = { source, start: 0, end: 0 };
  return { source, tree, findings: findings.map((found) => ({ place, ...found })) };
}

function namesIn(folder: string, options: LoadOptions): readonly string[] {
  try {
    return readdirSync(onDisk(folder, options)).flatMap((name) =>
      name.endsWith(".yaml") ? [name.slice(0, -".yaml".length)] : [],
    );
  } catch {
    // A folder that is not there has no files.
    return [];
  }
}

function secretsOf(file: string, options: LoadOptions): ResolveSecret {
  const demanded = secretsBeside(file, options);
  const substituted = unknowableSecrets(demanded);
  const { secrets, foreignSections = [] } = options;
  return (name, path, place) => {
    const isForeign = foreignSections.some((section) => section === path[0]);
    const resolve = isForeign || secrets === "substitute" ? substituted : demanded;
    return resolve(name, path, place);
  };
}

function secretsBeside(file: string, options: LoadOptions): ResolveSecret {
  const env = options.env ?? process.env;
  const { CREDENTIALS_DIRECTORY: folder } = env;
  const secretsPath = join(dirname(file), "secrets.yaml");
  let secrets: { readonly read: Source | Finding | undefined } | undefined;
  return secretsFrom({
    env,
    file: secretsPath,
    credentialsFolder: "$CREDENTIALS_DIRECTORY",
    credential: (name) => {
      const read =
        folder === undefined ? undefined : readSource(join(folder, name), "secrets", options);
      return read === undefined || "code" in read ? undefined : read.text;
    },
    secretsFile: () => {
      secrets ??= { read: readSecretsFile(secretsPath, options) };
      return secrets.read;
    },
  });
}

function readSecretsFile(file: string, options: LoadOptions): Source | Finding | undefined {
  const userId = options.userId ?? process.geteuid?.();
  const read = readSource(file, "secrets", options, (mode, owner) => {
    const place = wholeOf(file, "secrets");
    const bits = (mode & 0o777).toString(8).padStart(4, "0");
    if ((mode & 0o077) !== 0) {
      return finding("secret/file-mode", [], { mode: bits, file }, { place });
    }
    if (owner === 0 || owner === userId) return undefined;
    return finding("secret/file-owner", [], { file }, { place });
  });
  return "code" in read && read.code === "file/missing" ? undefined : read;
}

function wholeOf(file: string, role: Source["role"] = "config") {
  return { source: { file, text: "", role }, start: 0, end: 0 };
}

function onDisk(path: string, options: LoadOptions): string {
  return resolve(options.folder ?? "", path);
}

type CheckOwner = (mode: number, owner: number) => Finding | undefined;

function readSource(
  file: string,
  role: Source["role"],
  options: LoadOptions,
  checkOwner: CheckOwner = () => undefined,
): Source | Finding {
  const place = wholeOf(file, role);
  try {
    // Without O_NONBLOCK a named pipe would hold the program until someone writes into it.
    const fd = openSync(onDisk(file, options), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return finding("file/not-a-file", [], {}, { place });
      const refused = checkOwner(stat.mode, stat.uid);
      if (refused !== undefined) return refused;
      return sourceOf(readAtMost(fd, configBytesMax + 1), file, role);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code } = error instanceof Error && "code" in error ? error : { code: undefined };
    if (code === "ENOENT" || code === "ENOTDIR") return finding("file/missing", [], {}, { place });
    if (code === undefined) throw error;
    return finding("file/unreadable", [], { reason: String(code) }, { place });
  }
}

/** A file that is no configuration at all has no such line. */
function listsItems(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("\nitems:");
}

function readAtMost(fd: number, bytesMax: number): Uint8Array {
  let buffer = new Uint8Array(Math.min(bytesMax, 65_536));
  let length = 0;
  while (length < bytesMax) {
    if (length === buffer.length) buffer = grown(buffer, bytesMax);
    const count = readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

/** Most files are small: their memory is taken as they turn out larger. */
function grown(buffer: Uint8Array<ArrayBuffer>, bytesMax: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(bytesMax, buffer.length * 4));
  larger.set(buffer);
  return larger;
}

function sourceOf(bytes: Uint8Array, file: string, role: Source["role"]): Source | Finding {
  const place = wholeOf(file, role);
  const bytesMax = role === "config" && listsItems(bytes) ? configBytesMax : fileBytesMax;
  if (bytes.length > bytesMax) {
    return finding("file/too-large", [], { kilobytesMax: bytesMax / 1024 }, { place });
  }
  const decoded = decodeText(bytes);
  if (decoded.ok) return { file, text: decoded.text, role };
  const source: Source = { file, text: decoded.text, role };
  const end = decoded.text.length;
  return finding(decoded.code, [], {}, { place: { source, start: end, end } });
}
