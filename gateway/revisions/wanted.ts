import { editSections, secretNames, secretsIn } from "../../config/edit.ts";
import type { downText } from "../../config/language/down.ts";
import type { LoadResult } from "../../config/load.ts";
import { errorsText } from "../../config/report.ts";
import type { Config } from "../../config/schema/config.ts";
import { NoPlaceError } from "../../config/yaml-place.ts";
import type { Revision } from "../down/message.ts";
import { type Entry, hashOf } from "./book.ts";
import { foreignSecret, guardOf } from "./guards.ts";

type Text = (typeof downText)["en"];

/** Errors of a check that a reason lists. */
const problemsMax = 20;

export interface Ground {
  /** The one that runs, and how it was kept. */
  readonly config: Config;
  readonly entry: Pick<Entry, "digest" | "sha256">;
  /** The file as it stands; undefined: it cannot be read. */
  readonly file: string | undefined;
  readonly check: (text: string) => LoadResult;
  readonly text: Text;
}

export type Wanted = { readonly text: string } | { readonly refused: string };

/**
 * What the file becomes by a revision of central, or why it does not: its author must have seen what runs, unless it
 * replaces whatever runs; the result passes the check, and somebody is still told of alarms.
 */
export function wantedBy({ base, sections }: Revision, ground: Ground): Wanted {
  const { entry, file, text } = ground;
  if (base !== undefined && base !== entry.digest) return { refused: text.conflict };
  const isOther = base !== undefined && file !== undefined && hashOf(file) !== entry.sha256;
  if (file === undefined || isOther) return { refused: text.conflictFile };
  try {
    const asked = new Set(Object.values(sections).flatMap(secretNames));
    const secret = foreignSecret(asked, secretsIn(file));
    if (secret !== undefined) return { refused: text.foreignSecret(secret) };
    const edited = editSections(file, sections);
    const refused = problemsOf(edited, ground);
    return refused === undefined ? { text: edited } : { refused };
  } catch (error) {
    if (!(error instanceof NoPlaceError)) throw error;
    return { refused: text.notEditable(error.message) };
  }
}

function problemsOf(edited: string, { check, config, text }: Ground): string | undefined {
  const loaded = check(edited);
  if (!loaded.ok) {
    return text.invalid(errorsText(loaded.problems, config.gateway.language, problemsMax));
  }
  return guardOf(config, loaded.config, text);
}
