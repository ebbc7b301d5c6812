import { createPublicKey } from "node:crypto";
import type { SyncText } from "../../config/language/sync.ts";
import type { RoadSettings } from "../../config/roads.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Secret } from "../../drivers/secret.ts";
import { enrolledSealKeys, type OwnKey } from "./enrolled-seal.ts";
import { type Identity, IdentityReader } from "./identity.ts";
import { keyName } from "./key-name.ts";
import type { SealKeys } from "./seal.ts";
import { sealKeyOfToken, tokenSealKeys } from "./token-seal.ts";
import { readTrust } from "./trust.ts";

/** By what this gateway proves on a road who it is. */
export interface RoadCredentials {
  /** Absent: by a certificate. */
  readonly token?: Secret;
  /** Of `rackwatch enroll`, renewed while the agent runs; absent: there is a token. */
  readonly identity?: IdentityReader;
  /** For roads that do not know who speaks. */
  readonly keys: SealKeys;
}

export interface CredentialsOf {
  readonly gatewayId: string;
  readonly dataDir: string;
  readonly text: SyncText;
}

/**
 * @throws RackwatchError `sync/not-enrolled`: there is neither a token nor an identity of this gateway;
 * `sync/certificate`: the identity cannot be read.
 */
export function roadCredentials(
  road: { readonly name: string; readonly settings: Pick<RoadSettings, "credentials"> },
  { gatewayId, dataDir, text }: CredentialsOf,
): RoadCredentials {
  const { credentials: token } = road.settings;
  if (token !== undefined) {
    return { token, keys: tokenSealKeys(gatewayId, sealKeyOfToken(token.reveal())) };
  }
  const identity = new IdentityReader(dataDir);
  const found = identity.current();
  if (found?.gateway === gatewayId) {
    const own = newestKey(identity, found);
    const keys = enrolledSealKeys(gatewayId, own, () => readTrust(dataDir));
    return { identity, keys };
  }
  const { message, todo } =
    found === undefined ? text.notEnrolled(road.name) : text.enrolledAs(found.gateway, gatewayId);
  throw new RackwatchError("sync/not-enrolled", message, { where: road.name, todo });
}

/** Enrolled anew while the agent runs, it has another key from then on. */
function newestKey(reader: IdentityReader, found: Identity): () => OwnKey {
  let of = found;
  let own = ownKey(found);
  return () => {
    const now = readable(reader);
    if (now !== undefined && now !== of && now.gateway === found.gateway) {
      of = now;
      own = ownKey(now);
    }
    return own;
  };
}

function ownKey({ key }: Identity): OwnKey {
  return { name: keyName(createPublicKey(key)), key };
}

/** Undefined in the moment between the two halves of an enrolment, or where it is damaged: what was read before counts. */
function readable(reader: IdentityReader): Identity | undefined {
  try {
    return reader.current();
  } catch (error) {
    if (error instanceof RackwatchError) return undefined;
    throw error;
  }
}
