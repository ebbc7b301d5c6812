import { randomBytes } from "node:crypto";
import { Secret } from "../drivers/secret.ts";
import { parseYaml, type ResolveSecret } from "./parse.ts";
import { type Finding, finding } from "./problem.ts";
import { isId } from "./schema/config.ts";
import type { Place, Source } from "./source.ts";
import { child } from "./tree.ts";

/** The places that a secret can come from, in their order. */
export interface SecretPlaces {
  /** A file of systemd's `LoadCredential=`; undefined when there is none of that name. */
  credential(name: string): string | undefined;
  /** The name of secrets.yaml, and what is in it: a finding says why it may not be used. */
  readonly file: string;
  secretsFile(): Source | Finding | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For people: where systemd's credentials are. */
  readonly credentialsFolder: string;
}

/** `central-token` -> `RACKWATCH_SECRET_CENTRAL_TOKEN` */
function variableOf(name: string): string {
  return `RACKWATCH_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** Looks in systemd's credentials, then secrets.yaml, then the environment. */
export function secretsFrom(places: SecretPlaces): ResolveSecret {
  return (name, path, place) => {
    if (!isId(name)) return finding("secret/name", path, {}, { place });
    const variable = variableOf(name);
    const found = (value: string, where: string) =>
      value === "" ? finding("secret/empty", path, { name, where }, { place }) : new Secret(value);
    const credential = places.credential(name);
    if (credential !== undefined) {
      return found(credential.replace(/\r?\n$/, ""), `${places.credentialsFolder}/${name}`);
    }
    const written = fromFile(places, name);
    if (written !== undefined && typeof written !== "string") return written;
    if (written !== undefined) return found(written, places.file);
    const exported = places.env[variable];
    if (exported !== undefined) return found(exported, variable);
    const looked = [`${places.credentialsFolder}/${name}`, places.file, variable];
    return finding("secret/unknown", path, { name, looked }, { place });
  };
}

function fromFile(places: SecretPlaces, name: string): string | Finding | undefined {
  const source = places.secretsFile();
  if (source === undefined || !("text" in source)) return source;
  const { tree, findings } = parseYaml(source, (_, path, place) =>
    finding("secret/misplaced", path, {}, { place }),
  );
  if (tree === undefined) {
    const isEmpty = findings.every(({ code }) => code === "file/empty");
    return isEmpty ? undefined : findings[0];
  }
  const entry = child(tree, name);
  if (entry === undefined) return undefined;
  const isText = entry.value.kind === "scalar" && typeof entry.value.value === "string";
  if (isText) return String(entry.value.value);
  const place: Place = entry.key;
  return finding("secret/file-value", [name], {}, { place });
}

/**
 * For a configuration that has to run although its secrets cannot be found: each is a value that nobody knows,
 * so that what it protects stays closed.
 */
export function unknowableSecrets(resolve: ResolveSecret): ResolveSecret {
  return (name, path, place) => {
    const found = resolve(name, path, place);
    return found instanceof Secret ? found : new Secret(randomBytes(32).toString("hex"));
  };
}
