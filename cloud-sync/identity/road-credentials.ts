import { createPublicKey } from "node:crypto";
import type { SyncText } from "../../config/language/sync.ts";
import type { RoadSettings } from "../../config/roads.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Secret } from "../../drivers/secret.ts";
import { enrolledSealKeys } from "./enrolled-seal.ts";
import { IdentityReader } from "./identity.ts";
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
    const own = { name: keyName(createPublicKey(found.key)), key: found.key };
    const keys = enrolledSealKeys(gatewayId, own, () => readTrust(dataDir));
    return { identity, keys };
  }
  const { message, todo } =
    found === undefined ? text.notEnrolled(road.name) : text.enrolledAs(found.gateway, gatewayId);
  throw new RackwatchError("sync/not-enrolled", message, { where: road.name, todo });
}
