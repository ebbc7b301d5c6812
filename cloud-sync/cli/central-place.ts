import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Log } from "../../drivers/contract.ts";
import type { CommandIo } from "../../gateway/cli/command.ts";
import type { Database } from "../central/database/database.ts";
import { openPglite } from "../central/database/pglite.ts";
import { openPostgres } from "../central/database/postgres.ts";
import type { KeyPlace } from "../central/identity/key-file.ts";

/** As `--database` and `--data` of `rackwatch central` say. */
export interface DatabasePlace {
  readonly database?: string | undefined;
  readonly data: string;
}

/** PostgreSQL where there is a URL, else the embedded database in the data folder. */
export function databaseOpener(
  io: CommandIo,
  { database, data }: DatabasePlace,
  log: Log,
): () => Promise<Database> {
  const url = database ?? secretFrom(io, "database", "RACKWATCH_DATABASE");
  if (url === undefined) return () => openPglite(resolve(io.cwd, data));
  return async () => openPostgres(url, log);
}

/** From systemd's credentials, else from the environment: other users of the machine see arguments, but neither of these. */
export function secretFrom(
  io: CommandIo,
  credential: string,
  variable: string,
): string | undefined {
  const file = credentialFile(io, credential);
  if (file !== undefined) return readFileSync(file, "utf8").trim();
  const value = io.env[variable];
  return value === "" ? undefined : value;
}

/** The file of a systemd credential; undefined: there is none. */
export function credentialFile(io: CommandIo, credential: string): string | undefined {
  const { CREDENTIALS_DIRECTORY: folder } = io.env;
  const file = folder === undefined ? undefined : join(folder, credential);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** Where central's own keys are. */
export interface KeyOptions extends DatabasePlace {
  readonly keys?: string | undefined;
  /** False: `data` is what it is without being asked for. */
  readonly dataGiven: boolean;
}

/**
 * As `--keys` says, else beside the data. A receiver of which only the database is known has no place that outlives it,
 * unless systemd brings both keys.
 */
export function keysOf(io: CommandIo, options: KeyOptions): { readonly keys?: KeyPlace } {
  const { keys, data, dataGiven } = options;
  const { CREDENTIALS_DIRECTORY: credentialsDir } = io.env;
  const folder = keys === undefined ? join(resolve(io.cwd, data), "keys") : resolve(io.cwd, keys);
  const isServer =
    (options.database ?? secretFrom(io, "database", "RACKWATCH_DATABASE")) !== undefined;
  const brought = ["ca-key", "signing-key"].every((it) => credentialFile(io, it) !== undefined);
  if (keys === undefined && isServer && !dataGiven && !brought) return {};
  return { keys: { folder, credentialsDir } };
}
