import { readdirSync, statSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleBytesMax, bundleSuffix } from "../../bundles/bundle-format.ts";
import { forceFolder } from "../../bundles/bundle-writer.ts";
import type { AnswerFile, BundleFile } from "./import-bundles.ts";

/** The bundles of these files and folders, by name, each once. @throws as the disk says. */
export function bundleFiles(paths: readonly string[]): readonly BundleFile[] {
  const found = new Set(paths.flatMap((path) => (isFolder(path) ? bundlesIn(path) : [path])));
  return [...found].map((file) => ({
    file,
    read: async () => (statSync(file).size > bundleBytesMax ? undefined : readFile(file)),
  }));
}

/** Under another name until it is whole: a stick may be pulled. */
export async function writeAnswer(folder: string, { name, text }: AnswerFile): Promise<string> {
  const file = join(folder, name);
  await writeFile(`${file}.part`, text, { flush: true });
  await rename(`${file}.part`, file);
  await forceFolder(folder);
  return file;
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

function bundlesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(bundleSuffix));
  return names.sort().map((name) => join(folder, name));
}
