import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder, writeNew } from "./durable-file.ts";
import { checkSummaryText } from "./language/check.ts";
import type { Language } from "./language/language.ts";
import { type LoadOptions, type LoadResult, loadConfig, loadSaved } from "./load.ts";
import type { Problem } from "./problem.ts";
import { headline } from "./report.ts";
import type { Config } from "./schema/config.ts";
import type { Source } from "./source.ts";
import { configBytesMax, fileBytesMax } from "./text.ts";

/** A gateway's configuration with all its templates and profiles; each of them is limited too. */
const savedBytesMax = configBytesMax + 64 * fileBytesMax;

const names = { current: "last-good.json", previous: "last-good.previous.json" } as const;

/** For the gateway's health: what a person is to know about a file that was not used. */
export interface ConfigProblem {
  readonly code: "config/invalid" | "config/unreadable";
  readonly message: string;
  readonly where: string;
  readonly todo: string;
}

export type LastGoodResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly from: "file" | "last-good";
      /** Of the file that was asked for, also when the last good one runs. */
      readonly problems: readonly Problem[];
      /** Present when the last good one runs. */
      readonly problem?: ConfigProblem;
      /** Why the valid configuration could not be kept for the next start; it runs nevertheless. */
      readonly notSaved?: unknown;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The configuration of `file`; if it is invalid or gone, the last one that was valid, from `folder`. A valid one is
 * kept there with all templates and profiles that it used; secrets are never kept, they are looked up again at each load.
 */
export function loadOrLastGood(
  file: string,
  folder: string,
  options: LoadOptions = {},
): LastGoodResult {
  const loaded = loadConfig(file, options);
  if (loaded.ok) {
    const { config, warnings } = loaded;
    const kept = keepLastGood(folder, loaded.sources);
    return { ok: true, config, from: "file", problems: warnings, ...kept };
  }
  const saved = restore(file, folder, options);
  if (saved === undefined) return loaded;
  const { config } = saved;
  const problem = problemOf(file, loaded.problems, config.gateway.language);
  return { ok: true, config, from: "last-good", problems: loaded.problems, problem };
}

function problemOf(file: string, problems: readonly Problem[], language: Language): ConfigProblem {
  const text = checkSummaryText[language];
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const isUnreadable = first?.code === "file/missing" || first?.code === "file/unreadable";
  return {
    code: isUnreadable ? "config/unreadable" : "config/invalid",
    message: text.runningOnLastGood(file, errors.length),
    where: first === undefined ? file : headline(first, language),
    todo: text.repair(file),
  };
}

type Loaded = Extract<LoadResult, { readonly ok: true }>;

function restore(file: string, folder: string, options: LoadOptions): Loaded | undefined {
  for (const name of [names.current, names.previous]) {
    const sources = read(join(folder, name));
    if (sources === undefined) continue;
    const [main, ...others] = sources;
    if (main === undefined) continue;
    // A missing secret must not silence the alarms: what needs it stays closed instead.
    const lenient: LoadOptions = { ...options, secrets: "substitute" };
    const loaded = loadSaved([{ ...main, file }, ...others], lenient);
    if (loaded.ok) return loaded;
  }
  return undefined;
}

const savedSchema = z.strictObject({
  format: z.literal(1),
  sha256: z.string(),
  sources: z
    .array(
      z.strictObject({
        file: z.string(),
        text: z.string(),
        role: z.enum(["config", "template", "profile"]),
      }),
    )
    .min(1),
});

function hashOf(sources: readonly Source[]): string {
  const fields = sources.map(({ file, text, role }) => [file, text, role]);
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Undefined when there is none, or when it is not as it was written. */
function read(path: string): readonly Source[] | undefined {
  try {
    const saved = savedSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return hashOf(saved.sources) === saved.sha256 ? saved.sources : undefined;
  } catch {
    // Cut, flipped, gone or not readable: the one before it is asked.
    return undefined;
  }
}

/** Keeps the texts of a configuration that works for the next start. */
export function keepLastGood(
  folder: string,
  sources: readonly Source[],
): { readonly notSaved?: unknown } {
  const current = join(folder, names.current);
  const text = JSON.stringify({ format: 1, sha256: hashOf(sources), sources });
  if (text.length > savedBytesMax) return { notSaved: new RangeError("too large to keep") };
  const kept = read(current);
  // A flash card is spared a write at each start.
  if (kept !== undefined && hashOf(kept) === hashOf(sources)) return {};
  const temporary = `${current}.tmp`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    writeNew(temporary, text, 0o600);
    // A damaged copy does not push out the good one before it.
    if (kept !== undefined) renameSync(current, join(folder, names.previous));
    renameSync(temporary, current);
    syncFolder(folder);
    return {};
  } catch (error) {
    discard(temporary);
    return { notSaved: error };
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A read-only disk keeps it; the next save replaces it.
  }
}
