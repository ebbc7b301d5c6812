import type { BundleText } from "../../../config/language/bundles.ts";
import type { Clock, Log } from "../../../drivers/contract.ts";
import { bundleBytesMax } from "../../bundles/bundle-format.ts";
import { Counters } from "../counters.ts";
import type { DatabaseLink } from "../database-link.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { Reception } from "../reception.ts";
import { answerFor } from "./bundle-answer.ts";
import { type BundleResult, importBundle, type Proven, type RefusedRows } from "./import-bundle.ts";

export interface BundleFile {
  readonly file: string;
  /** Undefined: it is longer than a bundle may be. Asked for when its turn comes, so that one is in memory at a time. */
  read(): Promise<Buffer | undefined>;
}

export interface ImportedFile extends BundleResult {
  readonly file: string;
}

/** What a gateway is to be given back. */
export interface AnswerFile {
  readonly gateway: string;
  readonly name: string;
  readonly text: string;
}

export interface ImportOptions {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters?: Counters;
  /** Absent: one of its own. */
  readonly reception?: Reception;
  readonly text: BundleText;
  /** Absent: gateways with a certificate in place of a token get no answer. */
  readonly signer?: SigningKey | undefined;
  readonly address: string;
}

/**
 * Takes bundles in, whatever order they are given in. Answers for the gateways whose seals were right.
 */
export async function importBundles(
  files: readonly BundleFile[],
  options: ImportOptions,
): Promise<{ readonly files: readonly ImportedFile[]; readonly answers: readonly AnswerFile[] }> {
  const { counters = new Counters() } = options;
  const proven = new Map<string, Proven>();
  const reception = options.reception ?? new Reception({ ...options, counters });
  const parts = { ...options, proven, reception };
  const imported = await takeInAnyOrder(files, options.text, (bytes) => importBundle(bytes, parts));
  return { files: imported, answers: await answersOf(imported, proven, options) };
}

/** Those that came too early are tried again as long as others bring them closer. */
export async function takeInAnyOrder(
  files: readonly BundleFile[],
  text: BundleText,
  take: (bytes: Buffer) => Promise<BundleResult>,
): Promise<readonly ImportedFile[]> {
  const results = new Map<string, ImportedFile>();
  let pending = [...files];
  while (pending.length > 0) {
    const early: BundleFile[] = [];
    for (const it of pending) {
      const bytes = await it.read();
      const result: BundleResult =
        bytes === undefined
          ? { outcome: "refused", rows: 0, ...text.tooLong(bundleBytesMax) }
          : await take(bytes);
      const before = results.get(it.file)?.rows ?? 0;
      results.set(it.file, { ...result, file: it.file, rows: before + result.rows });
      if (result.outcome === "early") early.push(it);
    }
    // Without one that was taken the others are as early as before.
    pending = early.length < pending.length ? early : [];
  }
  return files.flatMap(({ file }) => results.get(file) ?? []);
}

async function answersOf(
  imported: readonly ImportedFile[],
  proven: ReadonlyMap<string, Proven>,
  { link, clock, signer }: ImportOptions,
): Promise<readonly AnswerFile[]> {
  const answers: AnswerFile[] = [];
  for (const [gateway, { keys, inbox }] of proven) {
    const refused = imported.flatMap((it): readonly RefusedRows[] =>
      it.gateway === gateway ? (it.refused ?? []) : [],
    );
    const answer = await link.use((ready) =>
      answerFor(ready, { gateway, refused, clock, keys, signer, inbox }),
    );
    answers.push({ gateway, ...answer });
  }
  return answers;
}
